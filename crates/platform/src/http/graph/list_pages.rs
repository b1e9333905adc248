//! `GET /me/accounts` — the Pages of the Facebook user, with their tokens (contract: login-facebook §3.2).

use selfsame_wire::flow::permission;
use selfsame_wire::graph_error::GraphError;

use super::call::{Call, Outcome};
use super::fields::requested;
use super::paging::Page;
use super::read_page::page;
use super::refusal::GraphRefusal;
use super::render::{Scope, render};
use crate::domain::caller::Caller;
use crate::store::grants;

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
        let mut callers = vec![scope.caller.clone()];
        for further in grants::further(scope.connection, scope.caller.token.grant)? {
            // Each Page speaks by its own token; a grant that was taken back has none.
            if let Some(token) = grants::page_token(scope.connection, further.key)? {
                callers.extend(grants::caller(scope.connection, &token)?);
            }
        }
        let mut items = Vec::new();
        for (caller, place) in callers.iter().zip(1_i64..) {
            let is_on_this_page = asked.after.is_none_or(|after| after < place);
            if is_on_this_page && caller.account.page.is_some() {
                let scope = Scope { caller, ..*scope };
                items.push((place, page(&scope, &fields, &DEFAULTS)?));
            }
        }
        Ok(asked.write(scope, "me/accounts", items))
    })
    .await
}
