//! Routes of this surface.

use axum::Router;

use crate::http::App;

/// Dialogs, for people.
pub(crate) fn dialogs() -> Router<App> {
    Router::new()
}

/// Token endpoints, for machines.
pub(crate) fn tokens() -> Router<App> {
    Router::new()
}
