//! `/webhooks/instagram`: what Instagram calls.

mod handshake;
mod receive;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::App;

pub use receive::SignatureFailures;

/// The routes of this surface.
pub fn router(app: App) -> Router<App> {
    // Shared as a whole: a copy of its many parts for each webhook would cost as much as its signature.
    Router::new()
        .route("/webhooks/instagram", get(handshake::handshake).post(receive::receive))
        .with_state(Arc::new(app))
}
