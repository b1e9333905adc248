//! `GET /me`, `GET /{IG_ID}` — the caller's professional account (contract: login-instagram §2.6).

use selfsame_wire::flow::{Feature, LoginFlow};
use serde_json::{Value, json};

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::paging::Page;
use super::render::{RenderError, Rendered, Scope, object, render};
use super::{list_conversations, list_media, read_mention};
use crate::http::picture;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &crate::domain::caller::Caller) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| account(scope, &fields)).await
}

/// The account with the fields asked for.
pub(super) fn account(scope: &Scope<'_>, fields: &[Field]) -> Result<Value, RenderError> {
    object(fields, &["id"], |field| account_field(scope, field))
}

fn account_field(scope: &Scope<'_>, field: &Field) -> Rendered {
    let caller = scope.caller;
    let account = &caller.account;
    let ig_id = account.ig_id.as_ref().map(|id| Value::from(id.as_str()));
    let value = match field.name.as_str() {
        "id" if caller.flow() == LoginFlow::Instagram => caller.app_scoped_id.as_str().into(),
        "id" | "user_id" | "ig_id" => return Ok(ig_id),
        "username" => account.username.as_str().into(),
        "name" => account.name.as_str().into(),
        "account_type" => account.kind.graph_account_type().into(),
        "profile_picture_url" => picture::profile_url(scope.base, &account.username).into(),
        "followers_count" | "follows_count" => json!(0),
        "media_count" => crate::store::media::count(scope.connection, account.key)?.into(),
        "biography" | "website" => return Ok(None),
        "media" => list_media::page(scope, list_media::Listing::Posts, &Page::of_field(field), &field.nested)?,
        "conversations" => list_conversations::page(scope, &Page::of_field(field), &field.nested)?,
        "mentioned_comment" => return read_mention::mentioned_comment(scope, field),
        "mentioned_media" => return read_mention::mentioned_media(scope, field),
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}
