//! `GET /{IG_ID}/media`, `/stories` and `/live_media` — the account's media, newest first (contract: other-apis §6.7). Stories and
//! broadcasts stand on their own edges, and only while they live.

use selfsame_wire::flow::Feature;
use selfsame_wire::ids::IgUserId;
use serde_json::Value;

use super::call::{Call, Outcome, require};
use super::fields::{Field, requested};
use super::paging::Page;
use super::read_media::media_object;
use super::render::{RenderError, Scope, render};
use crate::domain::caller::Caller;
use crate::domain::media::STORY_LIFE_MS;
use crate::store::media;

/// Which of the account's media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// `media`
    Posts,
    /// `stories`: those whose day is not over.
    Stories,
    /// `live_media`: what is on air now.
    Broadcasts,
}

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, listing: Listing) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    let asked = Page::of_call(&call.parameters);
    render(call, caller, move |scope| page(scope, listing, &asked, &fields)).await
}

/// One page of media; the default is ids only.
pub(super) fn page(scope: &Scope<'_>, listing: Listing, asked: &Page, fields: &[Field]) -> Result<Value, RenderError> {
    let (connection, owner) = (scope.connection, scope.caller.account.key);
    let (slice, limit) = (asked.slice, asked.fetch_limit());
    let (edge, found) = match listing {
        Listing::Posts => ("media", media::of_account(connection, owner, slice, limit)?),
        Listing::Stories => {
            let after_ms = scope.now_ms.saturating_sub(STORY_LIFE_MS);
            (
                "stories",
                media::stories_of_account(connection, owner, slice, limit, after_ms)?,
            )
        }
        Listing::Broadcasts => (
            "live_media",
            media::broadcasts_of_account(connection, owner, slice, limit)?,
        ),
    };
    let mut items = Vec::with_capacity(found.len());
    for one in &found {
        items.push((one.key.0, media_object(scope, one, fields)?));
    }
    // `me` is the Page or the Facebook user with the tokens of that login.
    let node = scope.caller.account.ig_id.as_ref().map_or("me", IgUserId::as_str);
    Ok(asked.write(scope, &format!("{node}/{edge}"), items))
}
