//! `GET /assets/media/{id}?signature=` — media of messages at expiring addresses: 403 after their end, 404 once unsent.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde::Deserialize;

use super::App;
use crate::store::assets;

/// The route; the signature decides who may read, so any host will do.
pub(crate) fn router() -> Router<App> {
    Router::new().route("/assets/media/{id}", get(serve))
}

#[derive(Debug, Deserialize)]
struct Signed {
    #[serde(default)]
    signature: String,
}

async fn serve(State(app): State<App>, Path(id): Path<String>, Query(signed): Query<Signed>) -> Response {
    let now_ms = app.world.clock.now_ms();
    let found = app
        .world
        .store
        .read(move |connection| assets::served(connection, &id, &signed.signature))
        .await;
    match found {
        Ok(Some(asset)) if asset.unsent => (StatusCode::NOT_FOUND, "the message was unsent\n").into_response(),
        Ok(Some(asset)) if asset.erased || asset.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms) => {
            (StatusCode::FORBIDDEN, "URL signature expired\n").into_response()
        }
        Ok(Some(asset)) => {
            let headers = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
                (
                    header::CONTENT_SECURITY_POLICY,
                    "default-src 'none'; sandbox".to_owned(),
                ),
            ];
            (headers, asset.body).into_response()
        }
        Ok(None) => (StatusCode::FORBIDDEN, "Bad URL signature\n").into_response(),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a media file could not be read"
            );
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
