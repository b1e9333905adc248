//! `GET /{IG_ID}/media`, `/stories` and `/live_media` — the account's media, newest first (contract: other-apis §6.7). Stories and
//! broadcasts stand on their own edges, and only while they live.

use selfsame_wire::flow::Feature;
use serde_json::Value;

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_media::media_object;
use super::render::{RenderError, Scope, render};
use crate::domain::caller::Caller;
use crate::domain::keys::MediaKey;
use crate::domain::media::STORY_LIFE_MS;
use crate::store::media;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| page(scope, &asked, &fields)).await
}

/// Answers `GET /{IG_ID}/stories`: those whose day is not over.
pub(super) async fn stories(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| story_page(scope, &asked, &fields)).await
}

/// Answers `GET /{IG_ID}/live_media`: what is on air now.
pub(super) async fn live(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| live_page(scope, &asked, &fields)).await
}

fn live_page(scope: &Scope<'_>, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let found = media::broadcasts_of_account(
        scope.connection,
        scope.caller.account.key,
        asked.after.map(MediaKey),
        asked.fetch_limit(),
    )?;
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        items.push((one.key.0, media_object(scope, one, fields)?));
    }
    Ok(asked.write(scope, "me/live_media", items))
}

fn story_page(scope: &Scope<'_>, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let found = media::stories_of_account(
        scope.connection,
        scope.caller.account.key,
        asked.after.map(MediaKey),
        asked.fetch_limit(),
        scope.now_ms.saturating_sub(STORY_LIFE_MS),
    )?;
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        items.push((one.key.0, media_object(scope, one, fields)?));
    }
    Ok(asked.write(scope, "me/stories", items))
}

/// One page of media; the default is ids only.
pub(super) fn page(scope: &Scope<'_>, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let found = media::of_account(
        scope.connection,
        scope.caller.account.key,
        asked.after.map(MediaKey),
        asked.fetch_limit(),
    )?;
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        items.push((one.key.0, media_object(scope, one, fields)?));
    }
    Ok(asked.write(scope, "me/media", items))
}
