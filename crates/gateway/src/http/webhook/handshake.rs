//! `GET /webhooks/instagram`: proves to Instagram that the callback is ours. Documented under
//! "Verification handshake".

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::http::App;

/// The parameters that Instagram sends.
#[derive(Debug, Deserialize)]
pub(super) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
}

/// Answers the challenge verbatim when the token is ours, else 403.
pub(super) async fn handshake(State(app): State<Arc<App>>, Query(query): Query<Handshake>) -> Response {
    let is_ours = query.verify_token.as_deref().is_some_and(|token| {
        let expected = app.config.verify_token.as_bytes();
        // Comparing digests keeps the time independent of where they differ.
        let digest = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes);
        digest(token.as_bytes()).as_ref() == digest(expected).as_ref()
    });
    match query.challenge {
        Some(challenge) if is_ours && query.mode.as_deref() == Some("subscribe") => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
        }
        _ => (StatusCode::FORBIDDEN, "the verify token is not ours").into_response(),
    }
}
