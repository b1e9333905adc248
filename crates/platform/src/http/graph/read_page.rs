//! `GET /me` with a Page token, `GET /{page-id}`, and `/me` of the Facebook user (contract: login-facebook §3.2).

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::fields::{Field, requested};
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
pub(super) fn facebook_user(caller: &Caller) -> Value {
    json!({"name": caller.account.name, "id": caller.facebook_user_id.as_str()})
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
