//! `GET /livez`, `GET /readyz`, `GET /metrics`.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus::{Encoder as _, IntGauge, Registry, TextEncoder};
use selfsame_queue::Counts;

use crate::store::delivery_jobs::QUEUE;
use crate::store::{Durability, Failure, StoreError};

use super::App;

/// The routes that answer anybody: they say nothing but yes or no.
pub(super) fn probes() -> Router<App> {
    Router::new().route("/livez", get(livez)).route("/readyz", get(readyz))
}

/// The routes that say how much there is to do.
pub(super) fn metrics() -> Router<App> {
    Router::new().route("/metrics", get(read_metrics))
}

/// The process answers.
async fn livez() -> &'static str {
    "ok"
}

/// Gestures and calls can be taken: the store commits.
async fn readyz(State(app): State<App>) -> Response {
    let committed = app
        .world
        .store
        .write(Durability::Relaxed, |_tx| Ok::<_, Failure<StoreError>>(()))
        .await;
    match committed {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("the store fails: {error}")).into_response()
        }
    }
}

async fn read_metrics(State(app): State<App>) -> Response {
    let counts = app.world.store.read(|connection| Ok(QUEUE.counts(connection)?)).await;
    let rendered = counts
        .map_err(|error| error.to_string())
        .and_then(|counts| render(&app, counts).map_err(|error| error.to_string()));
    match rendered {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error).into_response(),
    }
}

/// The counters and depths of now, in Prometheus' text form.
fn render(app: &App, counts: Counts) -> prometheus::Result<Vec<u8>> {
    let stats = app.world.store.database().stats();
    let rows = [
        (
            "selfsame_platform_deliveries_ready",
            "Deliveries that may be attempted, now or later",
            counts.ready,
        ),
        (
            "selfsame_platform_deliveries_leased",
            "Deliveries being attempted",
            counts.leased,
        ),
        (
            "selfsame_platform_deliveries_dead",
            "Deliveries given up",
            counts.buried,
        ),
        (
            "selfsame_platform_store_writes",
            "Transactions since the start",
            stats.writes,
        ),
        (
            "selfsame_platform_store_commits",
            "Commits since the start: many transactions share one",
            stats.commits,
        ),
        (
            "selfsame_platform_store_synced_commits",
            "Commits that waited for the disk since the start",
            stats.synced_commits,
        ),
    ];
    let registry = Registry::new();
    for (name, help, value) in rows {
        let gauge = IntGauge::new(name, help)?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(Box::new(gauge))?;
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}
