//! `GET /_sim/media/{id}` — one post with its comments.

use axum::Json;
use axum::extract::State;

use super::error::{ErrorAnswer, SimError};
use super::request::SimPath;
use crate::domain::keys::MediaKey;
use crate::domain::view::MediaView;
use crate::http::App;
use crate::store::{StoreError, media};

/// Reads one post with all its comments, oldest first.
#[utoipa::path(get, path = "/_sim/media/{id}", params(("id" = String, Path, description = "Media id")),
    responses((status = 200, body = MediaView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_media(
    State(app): State<App>,
    SimPath(id): SimPath<String>,
) -> Result<Json<MediaView>, SimError> {
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

/// The view of media just made.
pub(super) async fn view_of_key(app: &App, key: MediaKey) -> Result<MediaView, StoreError> {
    app.world
        .store
        .read(move |connection| {
            let found = match media::by_key(connection, key)? {
                Some(found) => media::view(connection, found.media_id.as_str())?,
                None => None,
            };
            found.ok_or(StoreError::Corrupt {
                what: "media",
                value: key.to_string(),
            })
        })
        .await
}
