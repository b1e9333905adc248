//! `GET /{IG_ID}?fields=mentioned_comment.comment_id(…){…}` and `mentioned_media.media_id(…){…}` — what a `mentions` webhook told of
//! (contract: webhooks §4.7). Both fields exist with the Facebook login only, and show only what really names the account.

use http::Method;
use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::GraphError;
use serde_json::Value;

use super::call::require;
use super::fields::Field;
use super::read_media;
use super::refusal::GraphRefusal;
use super::render::{RenderError, Rendered, Scope, graph_time, object, refused};
use crate::domain::commenting::{mentions_in_caption, mentions_in_comment};
use crate::domain::media::{Comment, Media};
use crate::store::{accounts, comments, media};

const COMMENT_DEFAULTS: [&str; 3] = ["timestamp", "text", "id"];

/// The comment that names the account, under somebody else's media.
pub(super) fn mentioned_comment(scope: &Scope<'_>, field: &Field) -> Rendered {
    let id = argument(scope, field, "comment_id")?;
    let own = &scope.caller.account;
    let Some(comment) = comments::by_id(scope.connection, id)? else {
        return Err(no_mention(scope, id, "no comment of this world has that id"));
    };
    let Some(under) = media::by_key(scope.connection, comment.media)? else {
        return Err(no_mention(scope, id, "the media of that comment is gone"));
    };
    mentions_in_comment(own, &comment, &under).map_err(|why| no_mention(scope, id, &why))?;
    object(&field.nested, &COMMENT_DEFAULTS, |asked| {
        comment_field(scope, &comment, &under, asked)
    })
    .map(Some)
}

/// The media of somebody else whose caption names the account.
pub(super) fn mentioned_media(scope: &Scope<'_>, field: &Field) -> Rendered {
    let id = argument(scope, field, "media_id")?;
    let own = &scope.caller.account;
    let Some(found) = media::by_id(scope.connection, id)? else {
        return Err(no_mention(scope, id, "no media of this world has that id"));
    };
    mentions_in_caption(own, &found).map_err(|why| no_mention(scope, id, &why))?;
    media_object(scope, &found, &field.nested).map(Some)
}

/// The id in `mentioned_comment.comment_id(…)`.
fn argument<'f>(scope: &Scope<'_>, field: &'f Field, name: &str) -> Result<&'f str, RenderError> {
    let flow = scope.caller.flow();
    if flow != LoginFlow::Facebook {
        let why = format!(
            "{} exists on graph.facebook.com only; use the Page's token of the Facebook login",
            field.name
        );
        return Err(refused(GraphRefusal::new(
            GraphError::nonexisting_field(flow, &field.name),
            why,
        )));
    }
    require(scope.caller, Feature::Comments).map_err(refused)?;
    match &field.argument {
        Some((given, id)) if given == name && !id.is_empty() => Ok(id),
        _ => Err(refused(GraphRefusal::new(
            GraphError::parameter_required(flow, name),
            format!(
                "the field reads {}.{name}(ID){{…}}, with the id of the webhook",
                field.name
            ),
        ))),
    }
}

fn no_mention(scope: &Scope<'_>, id: &str, why: &str) -> RenderError {
    refused(GraphRefusal::unsupported(scope.caller.flow(), &Method::GET, id, why))
}

fn comment_field(scope: &Scope<'_>, comment: &Comment, under: &Media, field: &Field) -> Rendered {
    let value = match field.name.as_str() {
        "id" => comment.comment_id.as_str().into(),
        "text" => comment.text.as_str().into(),
        "timestamp" => graph_time(comment.created_at_ms),
        "like_count" => comment.like_count.into(),
        "media" => media_object(scope, under, &field.nested)?,
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}

fn media_object(scope: &Scope<'_>, media: &Media, fields: &[Field]) -> Result<Value, RenderError> {
    object(fields, &["id"], |field| media_field(scope, media, field))
}

/// The fields of the edge; all but the owner's name are told as of the account's own media.
fn media_field(scope: &Scope<'_>, media: &Media, field: &Field) -> Rendered {
    match field.name.as_str() {
        "username" => {
            let owner = accounts::by_key(scope.connection, media.owner)?;
            Ok(owner.map(|owner| owner.username.into()))
        }
        // Of the account's own media only, which is no mention.
        "owner" => Ok(None),
        "id" | "caption" | "media_type" | "media_url" | "timestamp" | "comments" | "comments_count" | "like_count" => {
            read_media::media_field(scope, media, field)
        }
        _ => Err(RenderError::UnknownField(field.name.clone())),
    }
}
