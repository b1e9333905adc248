//! Routes of this surface: whatever nobody else claimed is Graph's.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;

use super::door;
use crate::http::App;

/// The routes.
pub(crate) fn router() -> Router<App> {
    Router::new().fallback(any_path)
}

async fn any_path(State(app): State<App>, request: Request) -> Response {
    door::answer(app, request).await
}
