//! `GET /{IGSID}` — the profile of a person who messaged (contract: other-apis §6.3).

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::json;

use super::call::{Call, Outcome, require, require_page_token};
use super::fields::{Field, requested};
use super::refusal::GraphRefusal;
use super::render::{RenderError, Rendered, object, refused, render};
use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::keys::AccountKey;
use crate::http::picture;
use crate::store::{accounts, blocks, threads};

const DEFAULTS: [&str; 3] = ["name", "username", "id"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, person: AccountKey) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let fields = requested(&call.parameters);
    let id = call.id().to_owned();
    render(call, caller, move |scope| {
        let account = scope.caller.account.key;
        let flow = scope.caller.flow();
        let thread = threads::between(scope.connection, account, person)?;
        let consented = thread.as_ref().is_some_and(|thread| {
            if thread.a == person {
                thread.a_consented
            } else {
                thread.b_consented
            }
        });
        if !consented {
            let why =
                "a profile can be read once the person has messaged the account or tapped; a comment is not enough";
            return Err(refused(GraphRefusal::new(GraphError::consent_required(flow), why)));
        }
        let Some(person) = accounts::by_key(scope.connection, person)? else {
            let why = "the person is gone";
            return Err(refused(GraphRefusal::new(GraphError::no_matching_user(flow), why)));
        };
        if blocks::between(scope.connection, person.key, account)?.is_some() {
            return Ok(json!({"id": id})); // blocked: no data (contract: other-apis §6.3)
        }
        object(&fields, &DEFAULTS, |field| {
            person_field(scope.base, &person, &id, field)
        })
    })
    .await
}

fn person_field(base: &str, person: &Account, id: &str, field: &Field) -> Rendered {
    let value = match field.name.as_str() {
        "id" => id.into(),
        "name" => person.name.as_str().into(),
        "username" => person.username.as_str().into(),
        "profile_pic" => picture::profile_url(base, &person.username).into(),
        "follower_count" => json!(0),
        "is_user_follow_business" | "is_business_follow_user" | "is_verified_user" => json!(false),
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}
