//! `GET /api/v1/messages/{id}` — one message: the event, why it was decided so, and every send.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::store::messages::{self, MessageRow};

/// One message, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageDetail {
    /// The event, `e…`.
    event: String,
    /// Its rows, as in the list.
    rows: Vec<MessageRow>,
    /// Why the automations decided as they did; absent when they were not asked.
    #[schema(value_type = Option<Object>)]
    trace: Option<Value>,
}

/// One message, whole. `id` is a row's, `s…` or `e…`.
#[utoipa::path(get, path = "/api/v1/messages/{id}", params(("id" = String, Path)),
    responses((status = 200, body = MessageDetail), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_message(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<MessageDetail>, ApiError> {
    let wanted = id.clone();
    let found = app
        .database
        .read(move |connection| messages::find(connection, &wanted))
        .await?;
    let (rows, trace) = found
        .filter(|(rows, _)| !rows.is_empty())
        .ok_or_else(|| ApiError::not_found("unknown_message", format!("there is no message {id}"), Some("id")))?;
    Ok(Json(MessageDetail {
        event: rows.first().and_then(|row| row.cause_event.clone()).unwrap_or_default(),
        trace: trace.and_then(|trace| serde_json::from_str(&trace).ok()),
        rows,
    }))
}
