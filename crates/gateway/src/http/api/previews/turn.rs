//! `POST /api/v1/previews/{id}/turns` — goes on with a made-up conversation.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{PreviewView, view_of};
use crate::automation::Gesture;
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;

/// What happens next: exactly one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurnRequest {
    /// The owner does this.
    trigger: Option<Gesture>,
    /// The time passes that an automation waits for.
    #[serde(default)]
    time_passes: bool,
}

/// Goes on with a made-up conversation.
#[utoipa::path(post, path = "/api/v1/previews/{id}/turns", params(("id" = String, Path)), request_body = TurnRequest,
    responses((status = 200, body = PreviewView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn take_turn(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    ApiJson(request): ApiJson<TurnRequest>,
) -> Result<Json<PreviewView>, ApiError> {
    if request.trigger.is_some() == request.time_passes {
        let message = "give either `trigger` or `time_passes: true`";
        return Err(ApiError::bad_request("invalid_body", message, None));
    }
    app.previews.go_on(&id, request.trigger).await?;
    Ok(Json(view_of(&app, &headers, &id).await?))
}
