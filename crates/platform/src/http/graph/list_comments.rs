//! `GET /{media}/comments` and `GET /{comment}/replies` (contract: other-apis §6.6).

use selfsame_wire::flow::Feature;
use serde_json::Value;

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_comment::comment_object;
use super::render::{RenderError, Scope, render};
use crate::domain::caller::Caller;
use crate::domain::media::{Comment, Media};
use crate::store::comments;

/// Comments of a page at most (contract: other-apis §6.1).
const COMMENTS_MAX: usize = 50;
const DEFAULTS: [&str; 3] = ["timestamp", "text", "id"];

/// Answers the call for media.
pub(super) async fn of_media(call: &Call, caller: &Caller, media: Media) -> Outcome {
    require(caller, Feature::Comments)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| comment_page(scope, &media, asked, &fields)).await
}

/// Answers the call for a comment.
pub(super) async fn replies(call: &Call, caller: &Caller, comment: Comment) -> Outcome {
    require(caller, Feature::Comments)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| reply_page(scope, &comment, asked, &fields)).await
}

/// One page of top-level comments, newest first; those of an ended broadcast are gone.
pub(super) fn comment_page(
    scope: &Scope<'_>,
    media: &Media,
    asked: Page,
    fields: &[Field],
) -> Result<Value, RenderError> {
    let asked = asked.at_most(COMMENTS_MAX);
    let gone = media.is_live && !media.is_broadcasting();
    let found = if gone {
        Vec::new()
    } else {
        comments::top_of_media(scope.connection, media.key, asked.slice, asked.fetch_limit())?
    };
    write(scope, &asked, &format!("{}/comments", media.media_id), &found, fields)
}

/// One page of replies, oldest first.
pub(super) fn reply_page(
    scope: &Scope<'_>,
    comment: &Comment,
    asked: Page,
    fields: &[Field],
) -> Result<Value, RenderError> {
    let asked = asked.at_most(COMMENTS_MAX);
    let found = comments::replies(scope.connection, comment.key, asked.slice, asked.fetch_limit())?;
    write(
        scope,
        &asked,
        &format!("{}/replies", comment.comment_id),
        &found,
        fields,
    )
}

fn write(
    scope: &Scope<'_>,
    asked: &Page,
    path: &str,
    found: &[Comment],
    fields: &[Field],
) -> Result<Value, RenderError> {
    let mut items = Vec::with_capacity(found.len());
    for one in found {
        items.push((one.key.0, comment_object(scope, one, fields, &DEFAULTS)?));
    }
    Ok(asked.write(scope, path, items))
}
