//! `GET /{account or page}/conversations` — threads, newest first (contract: other-apis §6.2).
//!
//! The self thread is not listed unless the switch `self.listed_in_conversations` is on.

use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::GraphError;
use serde_json::Value;

use super::call::{Call, Outcome, require, require_page_token};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_conversation::conversation;
use super::refusal::GraphRefusal;
use super::render::{RenderError, Scope, render};
use crate::domain::caller::Caller;
use crate::store::{accounts, threads};

/// How long a thread of the Requests folder is returned after its last message, ms.
const IDLE_REQUEST_MS: i64 = 30 * 24 * 60 * 60 * 1000;
const DEFAULTS: [&str; 2] = ["id", "updated_time"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let flow = caller.flow();
    let platform = call.parameters.text("platform");
    if flow == LoginFlow::Facebook && platform.as_deref() != Some("instagram") {
        let why = "on graph.facebook.com this edge needs platform=instagram";
        return Err(GraphRefusal::new(GraphError::parameter_required(flow, "platform"), why));
    }
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    let user_id = call.parameters.text("user_id");
    render(call, caller, move |scope| match &user_id {
        Some(user_id) => with_person(scope, user_id, &fields),
        None => page(scope, &asked, &fields),
    })
    .await
}

/// One page of the account's threads. The cursor is an offset: threads move up as people write.
pub(super) fn page(scope: &Scope<'_>, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let account = scope.caller.account.key;
    let (offset, limit) = asked.rows();
    let found = threads::listed_of_account(
        scope.connection,
        account,
        scope.switches.self_listed_in_conversations,
        requests_since_ms(scope),
        limit,
        offset,
    )?;
    let mut items = Vec::with_capacity(found.len());
    for (row, thread) in (offset.saturating_add(1)..).zip(found) {
        items.push((row, conversation(scope, &thread, fields, &DEFAULTS)?));
    }
    Ok(asked.write(scope, "me/conversations", items))
}

/// Requests in which nothing was written since are not returned (contract: other-apis §6.2).
fn requests_since_ms(scope: &Scope<'_>) -> i64 {
    scope.now_ms.saturating_sub(IDLE_REQUEST_MS)
}

fn with_person(scope: &Scope<'_>, user_id: &str, fields: &[Field]) -> Result<Value, RenderError> {
    let account = scope.caller.account.key;
    let person = accounts::behind_scoped_id(scope.connection, user_id)?
        .filter(|(seer, _)| *seer == account)
        .map(|(_, person)| person);
    let thread = match person {
        Some(person) => threads::between(scope.connection, account, person)?,
        None => None,
    };
    let listed = thread.filter(|thread| {
        let is_idle_request = thread.a == account
            && thread.folder == threads::REQUESTS
            && thread.updated_at_ms < requests_since_ms(scope);
        !is_idle_request && (!thread.is_self() || scope.switches.self_listed_in_conversations)
    });
    let data = match listed {
        Some(thread) => vec![conversation(scope, &thread, fields, &DEFAULTS)?],
        None => Vec::new(),
    };
    Ok(serde_json::json!({"data": data}))
}
