//! `GET /livez`, `GET /readyz`, `GET /metrics`.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use selfsame_runtime::db::Durability;

use crate::metrics::Depths;
use crate::store::StoreError;
use crate::store::{raw_deliveries, status};

use super::App;

/// The routes of this surface.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
}

/// The process answers.
async fn livez() -> &'static str {
    "ok"
}

/// Webhooks can be taken in: the store commits.
async fn readyz(State(app): State<App>) -> Response {
    let committed: Result<(), StoreError> = app
        .database
        .write(Durability::Relaxed, |_tx| Ok::<_, StoreError>(()))
        .await
        .map_err(StoreError::from);
    match committed {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, format!("the store fails: {error}")).into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let now_ms = app.process.now().as_millis();
    let depths = app
        .database
        .read(move |connection| {
            let status = status::read(connection)?;
            Ok::<_, StoreError>(Depths {
                unsplit: raw_deliveries::count_unsplit(connection)?,
                oldest_unsplit_s: raw_deliveries::oldest_unsplit_ms(connection)?
                    .map_or(0, |at_ms| now_ms.saturating_sub(at_ms) / 1_000),
                inbox: [
                    status.inbox.ready,
                    status.inbox.leased,
                    status.inbox.dead,
                    status.inbox.parked,
                ],
                forward: [status.forward.ready, status.forward.leased, status.forward.dead],
                outbox: [
                    status.outbox.ready,
                    status.outbox.calling,
                    status.outbox.in_doubt,
                    status.outbox.parked,
                    status.outbox.dead,
                ],
            })
        })
        .await
        .map_err(StoreError::from);
    let rendered = depths
        .map_err(|error| error.to_string())
        .and_then(|depths| app.metrics.render(depths).map_err(|error| error.to_string()));
    match rendered {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error).into_response(),
    }
}
