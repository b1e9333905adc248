//! `/api/v1`: the gateway's own API.

use axum::Router;

use super::App;

/// The routes of this surface.
pub fn router() -> Router<App> {
    Router::new()
}
