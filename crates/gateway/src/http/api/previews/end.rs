//! `POST /api/v1/previews/{id}/end` — a preview's link opens nothing any more.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;

use super::view::{PreviewView, view_of};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};

/// Ends a preview and revokes its link. Ending it again changes nothing.
#[utoipa::path(post, path = "/api/v1/previews/{id}/end", params(("id" = String, Path)),
    responses((status = 200, body = PreviewView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn end_preview(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<PreviewView>, ApiError> {
    app.previews.end(&id).await?;
    Ok(Json(view_of(&app, &headers, &id).await?))
}
