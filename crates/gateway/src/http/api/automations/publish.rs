//! `POST /api/v1/automations/publish` — makes the draft public.

use axum::Json;
use axum::extract::State;

use super::history::PublishedView;
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};

/// Publishes the draft for all accounts. A draft with errors changes nothing.
#[utoipa::path(post, path = "/api/v1/automations/publish",
    responses((status = 200, body = PublishedView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn publish(State(app): State<App>) -> Result<Json<PublishedView>, ApiError> {
    let version = app.lanes.publish(None, "api").await?;
    Ok(Json(PublishedView::new(version, true)))
}
