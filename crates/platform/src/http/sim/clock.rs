//! `GET /_sim/clock`, `POST /_sim/clock` — reads and moves world time.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use selfsame_runtime::clock::{ClockError, ClockStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::duration;
use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::http::App;
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, StoreError, delivery_jobs};

/// World time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Clock)]
pub(crate) struct ClockView {
    /// RFC 3339.
    now: String,
    /// Whether it stands still.
    frozen: bool,
    /// Distance from real time.
    offset_ms: i64,
}

impl From<ClockStatus> for ClockView {
    fn from(status: ClockStatus) -> Self {
        Self {
            now: status.now.to_string(),
            frozen: status.frozen,
            offset_ms: status.offset_ms,
        }
    }
}

/// One of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveClockRequest {
    /// Jumps forward: `25h`, `10s`, `7d`.
    advance: Option<String>,
    /// Stops at an instant, RFC 3339.
    freeze: Option<String>,
    /// Runs again.
    resume: Option<bool>,
}

/// Reads world time.
#[utoipa::path(get, path = "/_sim/clock", responses((status = 200, body = ClockView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_clock(State(app): State<App>) -> Json<ClockView> {
    Json(app.world.clock.status().into())
}

/// Moves world time.
#[utoipa::path(post, path = "/_sim/clock", request_body = MoveClockRequest,
    responses((status = 200, body = ClockView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn move_clock(
    State(app): State<App>,
    SimJson(request): SimJson<MoveClockRequest>,
) -> Result<Json<ClockView>, SimError> {
    let clock = &app.world.clock;
    let set_back_before_ms = clock.set_back_ms();
    let (field, moved) = match (request.advance, request.freeze, request.resume) {
        (Some(by), None, None) => ("advance", clock.advance(duration::parse("advance", &by)?)),
        (None, Some(at), None) => {
            let at: Timestamp = at.parse().map_err(|error: jiff::Error| {
                SimError::bad_request(
                    "invalid_value",
                    format!("{at:?} is no RFC 3339 instant: {error}"),
                    Some("freeze"),
                )
            })?;
            ("freeze", clock.freeze(at))
        }
        (None, None, Some(true)) => ("resume", clock.resume()),
        (advance, freeze, _) => {
            let field = if advance.is_some() && freeze.is_some() {
                "freeze"
            } else {
                "resume"
            };
            return Err(SimError::bad_request(
                "invalid_combination",
                "send one of {\"advance\":\"25h\"}, {\"freeze\":\"2026-01-01T00:00:00Z\"}, {\"resume\":true}",
                Some(field),
            ));
        }
    };
    moved.map_err(|error| SimError::from_clock(&error, Some(field)))?;
    let back_ms = clock.set_back_ms().saturating_sub(set_back_before_ms);
    app.world
        .store
        .write(
            Durability::Relaxed,
            move |tx| -> Result<(), Failure<std::convert::Infallible>> {
                if back_ms > 0 {
                    delivery_jobs::bring_forward(tx, back_ms)?;
                }
                tx.tell(StreamEvent::Clock, 0)?;
                Ok(())
            },
        )
        .await
        .map_err(StoreError::from)?;
    Ok(Json(clock.status().into()))
}

impl SimError {
    /// Why world time stays as it is; `field` asked for it to be moved.
    pub(super) fn from_clock(error: &ClockError, field: Option<&str>) -> Self {
        match error {
            ClockError::NotForward(_) | ClockError::OutOfRange => {
                Self::bad_request("invalid_value", error.to_string(), field)
            }
            ClockError::Fixed => Self::conflict("clock_is_fixed", error.to_string(), field),
            ClockError::Unreadable { .. } | ClockError::Io { .. } => StoreError::Corrupt {
                what: "clock file",
                value: error.to_string(),
            }
            .into(),
        }
    }
}
