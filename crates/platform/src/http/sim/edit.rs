//! `POST /_sim/edit` — a person edits a message of hers.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::request::SimJson;
use crate::actions::EditMessage;
use crate::http::App;

/// The request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditMessageRequest {
    /// Who, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The message.
    mid: String,
    /// The new text.
    text: String,
}

/// Edits as a person.
#[utoipa::path(post, path = "/_sim/edit", request_body = EditMessageRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn edit(
    State(app): State<App>,
    SimJson(request): SimJson<EditMessageRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let gesture = EditMessage {
        person: request.person,
        mid: request.mid,
        text: request.text,
    };
    Ok(Json(app.world.edit(gesture).await?.into()))
}
