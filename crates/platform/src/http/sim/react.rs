//! `POST /_sim/react` — a person reacts to a message, or takes her reaction back.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::GestureAnswer;
use super::request::SimJson;
use crate::actions::React;
use crate::http::App;

/// The request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReactRequest {
    /// Who, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The message.
    mid: String,
    /// An emoji or a name such as `love`; absent or null takes the reaction back.
    reaction: Option<String>,
}

/// Reacts as a person.
#[utoipa::path(post, path = "/_sim/react", request_body = ReactRequest,
    responses((status = 200, body = GestureAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn react(
    State(app): State<App>,
    SimJson(request): SimJson<ReactRequest>,
) -> Result<Json<GestureAnswer>, SimError> {
    let gesture = React {
        person: request.person,
        mid: request.mid,
        reaction: request.reaction,
    };
    Ok(Json(app.world.react(gesture).await?.into()))
}
