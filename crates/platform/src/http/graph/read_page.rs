//! `GET /me` with a Page token, `GET /{page-id}`, and `/me` of the Facebook user (contract: login-facebook §3.2).

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::fields::{Field, requested};
use super::list_pages::{page_of_pages, require_list};
use super::paging::Page;
use super::read_account::account;
use super::render::{RenderError, Rendered, Scope, object, render};
use crate::domain::caller::Caller;
use crate::store::grants;

/// Answers the call for the Page.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| page(scope, &fields, &["name", "id"])).await
}

/// Answers the call for the Facebook user.
pub(super) async fn of_facebook_user(call: &Call, caller: &Caller) -> Outcome {
    let fields = requested(&call.parameters);
    if fields.iter().any(|field| field.name == "accounts") {
        require_list(caller)?;
    }
    render(call, caller, move |scope| {
        object(&fields, &["name", "id"], |field| {
            let value = match field.name.as_str() {
                "id" => scope.caller.facebook_user_id.as_str().into(),
                "name" => scope.caller.account.name.as_str().into(),
                "accounts" => page_of_pages(scope, &Page::of_field(field), &field.nested)?,
                "email" | "first_name" | "last_name" | "picture" => return Ok(None),
                _ => return Err(RenderError::UnknownField(field.name.clone())),
            };
            Ok(Some(value))
        })
    })
    .await
}

/// The Page with the fields asked for.
pub(super) fn page(scope: &Scope<'_>, fields: &[Field], defaults: &[&str]) -> Result<Value, RenderError> {
    object(fields, defaults, |field| page_field(scope, field))
}

fn page_field(scope: &Scope<'_>, field: &Field) -> Rendered {
    let Some(page) = &scope.caller.account.page else {
        return Ok(None);
    };
    let value = match field.name.as_str() {
        "id" => page.page_id.as_str().into(),
        "name" => page.name.as_str().into(),
        "access_token" => {
            let token = grants::page_token(scope.connection, scope.caller.token.grant)?;
            return Ok(token.map(Value::from));
        }
        "tasks" => json!([
            "ANALYZE",
            "ADVERTISE",
            "MESSAGING",
            "MODERATE",
            "CREATE_CONTENT",
            "MANAGE"
        ]),
        "category" => "Local business".into(),
        "link" => format!("https://www.facebook.com/{}", page.page_id).into(),
        "instagram_business_account" | "connected_instagram_account" => account(scope, &field.nested)?,
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}
