//! `POST /_sim/media/{id}/end_live` — a broadcast ends.

use axum::Json;
use axum::extract::State;

use super::error::{ErrorAnswer, SimError};
use super::request::SimPath;
use crate::domain::view::MediaView;
use crate::http::App;
use crate::store::media;

/// Ends a live broadcast.
#[utoipa::path(post, path = "/_sim/media/{id}/end_live", params(("id" = String, Path, description = "Media id")),
    responses((status = 200, body = MediaView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn end_live(
    State(app): State<App>,
    SimPath(id): SimPath<String>,
) -> Result<Json<MediaView>, SimError> {
    app.world.end_live(id.clone()).await?;
    let wanted = id.clone();
    let found = app
        .world
        .store
        .read(move |connection| media::view(connection, &wanted))
        .await?;
    found
        .map(Json)
        .ok_or_else(|| SimError::not_found("unknown_media", format!("there is no media {id:?}"), Some("id")))
}
