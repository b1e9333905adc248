//! `GET /{comment}` (contract: other-apis §6.6). Own comments show `from.self_ig_scoped_id` here too.

use selfsame_wire::flow::Feature;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::list_comments::reply_page;
use super::paging::Page;
use super::render::{RenderError, Rendered, Scope, graph_time, object, render};
use crate::domain::caller::Caller;
use crate::domain::media::Comment;
use crate::store::{accounts, media};

const DEFAULTS: [&str; 3] = ["timestamp", "text", "id"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, comment: Comment) -> Outcome {
    require(caller, Feature::Comments)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| {
        comment_object(scope, &comment, &fields, &DEFAULTS)
    })
    .await
}

/// A comment with the fields asked for.
pub(super) fn comment_object(
    scope: &Scope<'_>,
    comment: &Comment,
    fields: &[Field],
    defaults: &[&str],
) -> Result<Value, RenderError> {
    object(fields, defaults, |field| comment_field(scope, comment, field))
}

fn comment_field(scope: &Scope<'_>, comment: &Comment, field: &Field) -> Rendered {
    let value = match field.name.as_str() {
        "id" | "legacy_instagram_comment_id" => comment.comment_id.as_str().into(),
        "text" => comment.text.as_str().into(),
        "timestamp" => graph_time(comment.created_at_ms),
        "username" => {
            let author = accounts::by_key(scope.connection, comment.author)?;
            return Ok(author.map(|author| author.username.into()));
        }
        "from" => from(scope, comment)?,
        "user" if comment.author == scope.caller.account.key => {
            json!({"id": scope.caller.account.ig_id.as_ref().map(selfsame_wire::ids::IgUserId::as_str)})
        }
        "user" => return Ok(None),
        "parent_id" => return Ok(comment.parent_id.as_ref().map(|id| id.as_str().into())),
        "like_count" => comment.like_count.into(),
        "hidden" => comment.hidden.into(),
        "media" => match media::by_key(scope.connection, comment.media)? {
            Some(media) if field.nested.is_empty() => json!({"id": media.media_id.as_str()}),
            Some(media) => super::read_media::media_object(scope, &media, &field.nested)?,
            None => return Ok(None),
        },
        "replies" => reply_page(scope, comment, Page::of_field(field), &field.nested)?,
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}

fn from(scope: &Scope<'_>, comment: &Comment) -> Result<Value, RenderError> {
    let own = &scope.caller.account;
    if comment.author == own.key {
        return Ok(json!({
            "id": own.ig_id.as_ref().map(selfsame_wire::ids::IgUserId::as_str),
            "username": own.username,
            "self_ig_scoped_id": own.self_igsid.as_ref().map(selfsame_wire::ids::IgScopedId::as_str),
        }));
    }
    let username = accounts::by_key(scope.connection, comment.author)?.map(|author| author.username);
    let igsid = accounts::scoped_id(scope.connection, own.key, comment.author)?;
    Ok(json!({"id": igsid.as_ref().map(selfsame_wire::ids::IgScopedId::as_str), "username": username}))
}
