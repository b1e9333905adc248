//! `POST /api/v1/messages/{id}/send-again`, `/release`, `/dismiss` — what a person decides about a
//! message that the gateway could not settle by itself.

use axum::Json;
use axum::extract::{Path, State};
use selfsame_runtime::db::{Durability, WriteError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::outbox::{ReleaseError, decide_again, dismiss_event, dismiss_send, send_again as send_again_now};

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Resolution {
    /// Send what is parked or failed once more.
    SendAgain,
    /// Decide again what was set aside.
    Release,
    /// Leave it at that.
    Dismiss,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Resolved {
    /// The row to look at now: the new send, or the same one.
    id: String,
}

/// Sends a parked or failed message once more.
#[utoipa::path(post, path = "/api/v1/messages/{id}/send-again", params(("id" = String, Path)),
    responses((status = 200, body = Resolved), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn send_again(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Resolved>, ApiError> {
    Ok(Json(Resolved {
        id: resolve(&app, &id, Resolution::SendAgain).await?,
    }))
}

/// Decides again an event that the budget or the kill switch had set aside, or that failed.
#[utoipa::path(post, path = "/api/v1/messages/{id}/release", params(("id" = String, Path)),
    responses((status = 200, body = Resolved), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn release(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Resolved>, ApiError> {
    Ok(Json(Resolved {
        id: resolve(&app, &id, Resolution::Release).await?,
    }))
}

/// Leaves a parked or failed message at that; it is not shown as open any more.
#[utoipa::path(post, path = "/api/v1/messages/{id}/dismiss", params(("id" = String, Path)),
    responses((status = 200, body = Resolved), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn dismiss(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Resolved>, ApiError> {
    Ok(Json(Resolved {
        id: resolve(&app, &id, Resolution::Dismiss).await?,
    }))
}

/// Carries out what a person decided, and answers the row to look at now.
pub(in crate::http) async fn resolve(app: &App, id: &str, resolution: Resolution) -> Result<String, ApiError> {
    let (is_event, number) = number_of(id)?;
    let (now_ms, now_world_ms) = (app.process.now().as_millis(), app.world.now_ms());
    let done = app
        .database
        .write(Durability::Durable, move |tx| match (resolution, is_event) {
            (Resolution::SendAgain, false) => {
                send_again_now(tx, number, now_ms, now_world_ms).map(|send| format!("s{send}"))
            }
            (Resolution::Release, true) => {
                decide_again(tx, number, now_ms, now_world_ms).map(|()| format!("e{number}"))
            }
            (Resolution::Dismiss, true) => dismiss_event(tx, number, now_ms).map(|()| format!("e{number}")),
            (Resolution::Dismiss, false) => dismiss_send(tx, number).map(|()| format!("s{number}")),
            (Resolution::SendAgain, true) | (Resolution::Release, false) => Err(ReleaseError::NotReleasable),
        })
        .await;
    let id = done.map_err(|error| match error {
        WriteError::Refused(ReleaseError::NotReleasable) => ApiError::conflict(
            "not_releasable",
            format!("{id} is not waiting for a decision; see its state"),
        ),
        WriteError::Refused(ReleaseError::Store(error)) => error.into(),
        WriteError::Store(error) => ApiError::from(crate::store::StoreError::from(error)),
    })?;
    app.inbox_bell.ring();
    app.outbox_bell.ring();
    Ok(id)
}

fn number_of(id: &str) -> Result<(bool, i64), ApiError> {
    let parsed = match id.split_at_checked(1) {
        Some(("e", number)) => number.parse().ok().map(|number| (true, number)),
        Some(("s", number)) => number.parse().ok().map(|number| (false, number)),
        _ => None,
    };
    parsed.ok_or_else(|| ApiError::not_found("unknown_message", format!("there is no message {id}"), Some("id")))
}
