//! `/webhooks/instagram`: what Instagram calls.

mod handshake;
mod receive;

use axum::Router;
use axum::routing::get;

use super::App;

pub use receive::SignatureFailures;

/// The routes of this surface.
pub fn router() -> Router<App> {
    Router::new().route("/webhooks/instagram", get(handshake::handshake).post(receive::receive))
}
