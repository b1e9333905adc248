//! `GET /api/v1/previews/{id}` — where a preview stands, what was said, and why.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;

use super::view::{PreviewView, view_of};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};

/// One preview, whole.
#[utoipa::path(get, path = "/api/v1/previews/{id}", params(("id" = String, Path)),
    responses((status = 200, body = PreviewView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_preview(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<PreviewView>, ApiError> {
    Ok(Json(view_of(&app, &headers, &id).await?))
}
