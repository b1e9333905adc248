//! `GET /me/accounts` — the Pages of the Facebook user, with their tokens (contract: login-facebook §3.2).

use selfsame_wire::flow::permission;
use selfsame_wire::graph_error::GraphError;

use super::call::{Call, Outcome};
use super::fields::requested;
use super::paging::Page;
use super::read_page::page;
use super::refusal::GraphRefusal;
use super::render::render;
use crate::domain::caller::Caller;

const DEFAULTS: [&str; 5] = ["access_token", "category", "name", "id", "tasks"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    if !caller.scopes.iter().any(|scope| scope == permission::PAGES_SHOW_LIST) {
        let why = "the Facebook user has not granted pages_show_list";
        return Err(GraphRefusal::new(
            GraphError::permission_missing(caller.flow(), permission::PAGES_SHOW_LIST),
            why,
        ));
    }
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| {
        let mut items = Vec::new();
        if scope.caller.account.page.is_some() {
            items.push((1, page(scope, &fields, &DEFAULTS)?));
        }
        Ok(asked.write(scope, "me/accounts", items))
    })
    .await
}
