//! `POST /_sim/seen` — a person has seen a message and all before it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::request::SimJson;
use crate::actions::Seen;
use crate::http::App;

/// The request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeenRequest {
    /// Who, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The message.
    mid: String,
}

/// Marks as seen as a person.
#[utoipa::path(post, path = "/_sim/seen", request_body = SeenRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn seen(
    State(app): State<App>,
    SimJson(request): SimJson<SeenRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let gesture = Seen {
        person: request.person,
        mid: request.mid,
    };
    Ok(Json(app.world.seen(gesture).await?.into()))
}
