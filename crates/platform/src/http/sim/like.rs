//! `POST /_sim/like` — a person likes media or a comment, or takes the like back.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::{Like, LikeTarget};
use crate::http::App;

/// A like on the phone: of `media` or of `comment`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LikeRequest {
    /// Who likes, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// Media id.
    media: Option<String>,
    /// Comment id.
    comment: Option<String>,
    /// Takes the like back.
    #[serde(default)]
    remove: bool,
}

/// What a like brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LikeAnswer {
    /// How many like it now.
    likes: i64,
}

/// Likes as a person.
#[utoipa::path(post, path = "/_sim/like", request_body = LikeRequest,
    responses((status = 200, body = LikeAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn like(
    State(app): State<App>,
    SimJson(request): SimJson<LikeRequest>,
) -> Result<Json<LikeAnswer>, SimError> {
    let target = match (request.media, request.comment) {
        (Some(media), None) => LikeTarget::Media(media),
        (None, Some(comment)) => LikeTarget::Comment(comment),
        _ => {
            let words = "name what is liked: either media or comment";
            return Err(SimError::bad_request("invalid_value", words, Some("media")));
        }
    };
    let like = Like {
        person: request.person,
        target,
        likes: !request.remove,
    };
    let likes = app.world.like(like).await?;
    Ok(Json(LikeAnswer { likes }))
}
