//! The routes of the studio.

use axum::Router;
use axum::routing::{get, post};

use super::{asset, deliveries, draft, keys, message, previews, signatures, studio, takeover};
use crate::http::App;

/// The style sheet, the script and the icon: the same for everybody, and needed by pages that a link opens.
pub fn assets_router() -> Router<App> {
    Router::new().route("/assets/{file}", get(asset::asset))
}

/// What people open in their browser.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(studio::start))
        .route("/studio", get(studio::studio))
        .route("/studio/live", get(studio::live))
        .route("/studio/publish", post(studio::publish))
        .route("/studio/roll-back", post(studio::roll_back))
        .route("/studio/kill-switch", post(studio::kill_switch))
        .route("/studio/draft", get(draft::draft).post(draft::save_draft))
        .route("/studio/lint", post(draft::lint))
        .route("/studio/accounts/{id}/draft", get(draft::draft).post(draft::save_draft))
        .route("/studio/accounts/{id}/publish", post(draft::publish_own))
        .route("/studio/accounts/{id}/roll-back", post(draft::roll_back_own))
        .route("/studio/previews", post(previews::make_preview))
        .route("/studio/previews/{id}/end", post(previews::end_preview))
        .route("/studio/threads/take-over", post(takeover::take_over))
        .route("/studio/threads/hand-back", post(takeover::hand_back))
        .route("/studio/keys", get(keys::keys).post(keys::make_key))
        .route("/studio/keys/{id}/revoke", post(keys::revoke_key))
        .route("/studio/deliveries", get(deliveries::dead_letters))
        .route("/studio/deliveries/{id}/replay", post(deliveries::replay_delivery))
        .route(
            "/studio/signatures",
            get(signatures::signatures).post(signatures::examine_pasted),
        )
        .route("/studio/messages/{id}", get(message::message))
        .route("/studio/messages/{id}/{resolution}", post(message::resolve_message))
}
