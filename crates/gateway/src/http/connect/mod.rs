//! `/connect`: onboarding through both login flows.

use axum::Router;

use super::App;

/// The routes of this surface.
pub fn router() -> Router<App> {
    Router::new()
}
