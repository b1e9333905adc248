//! `GET /{conversation}` and `GET /{conversation}/messages` (contract: other-apis §6.2).

use selfsame_wire::flow::Feature;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_message::message;
use super::render::{RenderError, Scope, graph_time, object, render};
use crate::domain::caller::Caller;
use crate::domain::keys::AccountKey;
use crate::domain::thread::Thread;
use crate::store::{accounts, messages, thread_owners};

/// Answers the call for the conversation.
pub(super) async fn handle(call: &Call, caller: &Caller, thread: Thread) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| {
        conversation(scope, &thread, &fields, &["id", "updated_time"])
    })
    .await
}

/// Answers the call for its messages.
pub(super) async fn messages(call: &Call, caller: &Caller, thread: Thread) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| message_page(scope, &thread, &asked, &fields)).await
}

/// A thread with the fields asked for.
pub(super) fn conversation(
    scope: &Scope<'_>,
    thread: &Thread,
    fields: &[Field],
    defaults: &[&str],
) -> Result<Value, RenderError> {
    object(fields, defaults, |field| {
        let value = match field.name.as_str() {
            "id" => thread.conversation_id.as_str().into(),
            "updated_time" => graph_time(thread.updated_at_ms),
            "participants" => json!({"data": participants(scope, thread)?}),
            "messages" => message_page(scope, thread, &Page::of_field(field), &field.nested)?,
            "is_owner" => is_owner(scope, thread)?.into(),
            "name" => return Ok(None),
            _ => return Err(RenderError::UnknownField(field.name.clone())),
        };
        Ok(Some(value))
    })
}

fn is_owner(scope: &Scope<'_>, thread: &Thread) -> Result<bool, RenderError> {
    let caller = scope.caller;
    let active_since_ms = scope.switches.thread_active_since(scope.now_ms);
    let owner = thread_owners::of(scope.connection, thread.key, caller.account.key, active_since_ms)?;
    Ok(match owner {
        None => true,
        Some(owner) => thread_owners::is_app(scope.connection, &owner, caller.app)?,
    })
}

fn participants(scope: &Scope<'_>, thread: &Thread) -> Result<Vec<Value>, RenderError> {
    let own = scope.caller.account.key;
    let mut found = vec![party(scope, own)?];
    if !thread.is_self() {
        found.push(party(scope, thread.other(own))?);
    }
    Ok(found)
}

/// `{"username","id"}` as the caller's account sees that participant.
pub(super) fn party(scope: &Scope<'_>, participant: AccountKey) -> Result<Value, RenderError> {
    let own = &scope.caller.account;
    if participant == own.key {
        return Ok(
            json!({"username": own.username, "id": own.ig_id.as_ref().map(selfsame_wire::ids::IgUserId::as_str)}),
        );
    }
    let username = accounts::by_key(scope.connection, participant)?.map(|account| account.username);
    let igsid = accounts::scoped_id(scope.connection, own.key, participant)?;
    Ok(json!({"username": username, "id": igsid.as_ref().map(selfsame_wire::ids::IgScopedId::as_str)}))
}

fn message_page(scope: &Scope<'_>, thread: &Thread, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let found = messages::of_thread(scope.connection, thread.key, asked.slice, asked.fetch_limit())?;
    let mut items = Vec::with_capacity(found.len());
    for one in found {
        items.push((one.key.0, message(scope, &one, fields, true)?));
    }
    Ok(asked.write(scope, &format!("{}/messages", thread.conversation_id), items))
}
