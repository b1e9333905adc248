//! A bot that shakes hands, answers every webhook with one status, and never sends anything.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Debug, Deserialize)]
struct Handshake {
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

/// Starts the bot on a free port and answers its webhook URL.
pub(super) async fn start(status: StatusCode) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhook", listener.local_addr()?);
    let shake = |Query(handshake): Query<Handshake>| async move { handshake.challenge };
    let take = |State(status): State<StatusCode>| async move { status };
    let router = Router::new()
        .route("/webhook", get(shake).post(take))
        .with_state(status);
    #[expect(clippy::disallowed_methods, reason = "a test's bot ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}
