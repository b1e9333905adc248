//! `POST /_sim/unsend` — a person takes a message of hers back.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::request::SimJson;
use crate::actions::Unsend;
use crate::http::App;

/// The request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnsendRequest {
    /// Who, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The message.
    mid: String,
}

/// Unsends as a person.
#[utoipa::path(post, path = "/_sim/unsend", request_body = UnsendRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn unsend(
    State(app): State<App>,
    SimJson(request): SimJson<UnsendRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let gesture = Unsend {
        person: request.person,
        mid: request.mid,
    };
    Ok(Json(app.world.unsend(gesture).await?.into()))
}
