//! `GET /{media}` — one post, reel, story or broadcast of the account (contract: other-apis §6.7).

use selfsame_wire::flow::Feature;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::list_comments::comment_page;
use super::paging::Page;
use super::render::{RenderError, Rendered, Scope, graph_time, object, render};
use crate::domain::caller::Caller;
use crate::domain::media::Media;
use crate::http::picture;
use crate::store::{comments, media as stored};

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, media: Media) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| media_object(scope, &media, &fields)).await
}

/// Media with the fields asked for.
pub(super) fn media_object(scope: &Scope<'_>, media: &Media, fields: &[Field]) -> Result<Value, RenderError> {
    object(fields, &["id"], |field| media_field(scope, media, field))
}

/// The file that it was published with; of a picture without one, the one that is drawn for it.
fn media_url(scope: &Scope<'_>, media: &Media) -> Option<String> {
    let drawn = || (!media.is_video()).then(|| picture::post_url(scope.base, media.media_id.as_str()));
    media.media_url.clone().or_else(drawn)
}

/// One field; the media is the account's.
pub(super) fn media_field(scope: &Scope<'_>, media: &Media, field: &Field) -> Rendered {
    let account = &scope.caller.account;
    let value = match field.name.as_str() {
        "id" => media.media_id.as_str().into(),
        "caption" => return Ok(media.caption.as_deref().map(Value::from)),
        "media_type" => media.media_type.as_str().into(),
        "media_product_type" => media.media_product_type.as_str().into(),
        "media_url" => return Ok(media_url(scope, media).map(Value::from)),
        "thumbnail_url" if !media.is_video() => return Ok(None),
        "thumbnail_url" => picture::post_url(scope.base, media.media_id.as_str()).into(),
        "permalink" => media.permalink().into(),
        "shortcode" => media.shortcode.as_str().into(),
        "timestamp" => graph_time(media.created_at_ms),
        "username" => account.username.as_str().into(),
        "owner" => json!({"id": account.ig_id.as_ref().map(selfsame_wire::ids::IgUserId::as_str)}),
        "like_count" => media.like_count.into(),
        "comments_count" => comments::count(scope.connection, media.key)?.into(),
        "is_comment_enabled" => media.comments_enabled.into(),
        "children" if media.children.is_empty() => return Ok(None),
        "children" => json!({"data": children(scope, media, &field.nested)?}),
        "comments" => comment_page(scope, media, Page::of_field(field), &field.nested)?,
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}

/// The pictures and films of an album.
fn children(scope: &Scope<'_>, album: &Media, fields: &[Field]) -> Result<Vec<Value>, RenderError> {
    let mut shown = Vec::with_capacity(album.children.len());
    for id in &album.children {
        shown.push(match stored::by_id(scope.connection, id.as_str())? {
            Some(child) => media_object(scope, &child, fields)?,
            None => json!({"id": id.as_str()}),
        });
    }
    Ok(shown)
}
