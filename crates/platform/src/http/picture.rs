//! `GET /assets/profile/{username}.jpg`, `/assets/post/{media id}.jpg` — the pictures of people and of posts that were given none, drawn
//! from their names, so that every URL that the API answers can be fetched.

use std::fmt;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use jpeg_encoder::{ColorType, Encoder};
use selfsame_ui::artwork::Artwork;

use super::App;
use crate::store::{StoreError, accounts, media};

/// Width and height of a profile picture, pixels.
const PROFILE: (u16, u16) = (320, 320);
/// Width and height of a post's picture, pixels.
const POST: (u16, u16) = (640, 480);
/// JPEG quality, of 100.
const QUALITY: u8 = 85;
/// The same name is the same picture for ever.
const CACHED: &str = "public, max-age=86400";

/// Where a profile's picture lies.
pub(crate) fn profile_url(base: impl fmt::Display, username: &str) -> String {
    format!("{base}/assets/profile/{username}.jpg")
}

/// Where the picture of a post without a file of its own lies.
pub(crate) fn post_url(base: impl fmt::Display, media_id: &str) -> String {
    format!("{base}/assets/post/{media_id}.jpg")
}

/// The routes; whoever knows the name may look, as on Instagram's servers.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/assets/profile/{file}", get(profile))
        .route("/assets/post/{file}", get(post))
}

async fn profile(State(app): State<App>, Path(file): Path<String>) -> Response {
    let name = stem(&file).to_owned();
    let found = app.world.store.read(move |connection| {
        let account = accounts::by_username(connection, &name)?;
        Ok(account.map(|account| account.username))
    });
    answer(found.await, PROFILE).await
}

async fn post(State(app): State<App>, Path(file): Path<String>) -> Response {
    let id = stem(&file).to_owned();
    let found = app.world.store.read(move |connection| {
        let post = media::by_id(connection, &id)?;
        Ok(post.map(|post| post.media_id.as_str().to_owned()))
    });
    answer(found.await, POST).await
}

fn stem(file: &str) -> &str {
    file.strip_suffix(".jpg").unwrap_or_default()
}

async fn answer(seed: Result<Option<String>, StoreError>, size: (u16, u16)) -> Response {
    let seed = match seed {
        Ok(Some(seed)) => seed,
        Ok(None) => return (StatusCode::NOT_FOUND, "there is no such picture\n").into_response(),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a picture could not be looked up"
            );
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    match tokio::task::spawn_blocking(move || jpeg(&seed, size)).await {
        Ok(Ok(bytes)) => {
            let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, CACHED)];
            (headers, bytes).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a picture could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_panicked) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn jpeg(seed: &str, (width, height): (u16, u16)) -> Result<Vec<u8>, jpeg_encoder::EncodingError> {
    let mut bytes = Vec::new();
    let pixels = Artwork::of(seed).pixels(width, height);
    Encoder::new(&mut bytes, QUALITY).encode(&pixels, width, height, ColorType::Rgb)?;
    Ok(bytes)
}
