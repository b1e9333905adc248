//! `POST /_sim/comment` — a person comments on the phone.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::gesture::CommentAnswer;
use super::request::SimJson;
use crate::actions::PhoneComment;
use crate::http::App;

/// A comment typed on the phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentRequest {
    /// Who comments, with or without `@`.
    #[serde(rename = "as")]
    author: String,
    /// Media id, or `latest`.
    media: String,
    /// Text.
    text: String,
    /// Id of the comment it answers.
    parent: Option<String>,
}

/// Comments as a person.
#[utoipa::path(post, path = "/_sim/comment", request_body = CommentRequest,
    responses((status = 200, body = CommentAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn comment(
    State(app): State<App>,
    SimJson(request): SimJson<CommentRequest>,
) -> Result<Json<CommentAnswer>, SimError> {
    let comment = PhoneComment {
        author: request.author,
        media: request.media,
        text: request.text,
        parent: request.parent,
    };
    Ok(Json(app.world.comment(comment).await?.into()))
}
