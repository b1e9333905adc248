//! A bot that shakes hands, answers every webhook with one status, and never sends anything.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;

const PICTURE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60"><rect width="80" height="60" fill="teal"/></svg>"#;

#[derive(Debug, Deserialize)]
struct Handshake {
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

/// Starts the bot on a free port and answers its webhook URL.
pub(super) async fn start(status: StatusCode) -> anyhow::Result<String> {
    Ok(start_with_picture(status).await?.0)
}

/// The same, with the address of a picture that it has.
pub(super) async fn start_with_picture(status: StatusCode) -> anyhow::Result<(String, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let shake = |Query(handshake): Query<Handshake>| async move { handshake.challenge };
    let take = |State(status): State<StatusCode>| async move { status };
    let router = Router::new()
        .route("/webhook", get(shake).post(take))
        .route(
            "/picture.svg",
            get(|| async { ([(CONTENT_TYPE, "image/svg+xml")], PICTURE) }),
        )
        .with_state(status);
    #[expect(clippy::disallowed_methods, reason = "a test's bot ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((format!("{base}/webhook"), format!("{base}/picture.svg")))
}
