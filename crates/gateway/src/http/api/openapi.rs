//! `GET /api/v1/openapi.json` — this API, described from its handlers.

use axum::Json;
use utoipa::openapi::OpenApi;

use super::route;

/// Describes this API.
#[utoipa::path(get, path = "/api/v1/openapi.json", responses((status = 200, body = Object)))]
pub(super) async fn openapi() -> Json<OpenApi> {
    Json(route::document())
}
