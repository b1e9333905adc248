//! `GET /api/v1/status` — how much waits where.

use axum::Json;
use axum::extract::State;

use super::error::{ApiError, ErrorAnswer};
use crate::http::App;
use crate::store::status::{self, Status};

/// How much waits where.
#[utoipa::path(get, path = "/api/v1/status",
    responses((status = 200, body = Status), (status = "default", body = ErrorAnswer)))]
pub(super) async fn status(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    let read = app.database.read(status::read);
    Ok(Json(read.await?))
}
