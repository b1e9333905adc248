//! `GET /_sim/openapi.json` — this interface, described from its handlers.

use axum::Json;
use axum::extract::State;
use utoipa::openapi::OpenApi;

use super::route;
use crate::http::App;

/// Describes `/_sim`.
#[utoipa::path(get, path = "/_sim/openapi.json", responses((status = 200, body = Object)))]
pub(crate) async fn openapi(State(_app): State<App>) -> Json<OpenApi> {
    Json(route::document())
}
