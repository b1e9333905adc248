//! `GET /me/accounts` — the Pages of the Facebook user, with their tokens (contract: login-facebook §3.2).

use selfsame_wire::flow::permission;
use selfsame_wire::graph_error::GraphError;
use serde_json::Value;

use super::call::{Call, Outcome};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_page::page;
use super::refusal::GraphRefusal;
use super::render::{RenderError, Scope, render};
use crate::domain::caller::Caller;
use crate::store::grants;

const DEFAULTS: [&str; 5] = ["access_token", "category", "name", "id", "tasks"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require_list(caller)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| page_of_pages(scope, &asked, &fields)).await
}

/// The list wants a permission of its own.
pub(super) fn require_list(caller: &Caller) -> Result<(), GraphRefusal> {
    if !caller.scopes.iter().any(|scope| scope == permission::PAGES_SHOW_LIST) {
        let why = "the Facebook user has not granted pages_show_list";
        return Err(GraphRefusal::new(
            GraphError::permission_missing(caller.flow(), permission::PAGES_SHOW_LIST),
            why,
        ));
    }
    Ok(())
}

/// One page of the Pages that the Facebook user has chosen.
pub(super) fn page_of_pages(scope: &Scope<'_>, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let mut callers = vec![scope.caller.clone()];
    callers.extend(grants::further_callers(scope.connection, scope.caller)?);
    let (from, limit) = asked.rows();
    let mut items = Vec::new();
    for (caller, place) in callers.iter().zip(1_i64..) {
        let is_on_this_page = from < place && place <= from.saturating_add(limit);
        if is_on_this_page && caller.account.page.is_some() {
            let scope = Scope { caller, ..*scope };
            items.push((place, page(&scope, fields, &DEFAULTS)?));
        }
    }
    Ok(asked.write(scope, "me/accounts", items))
}
