//! Routes of this surface.

use axum::Router;

use crate::http::App;

/// The routes.
pub(crate) fn router() -> Router<App> {
    Router::new()
}
