//! `POST /_sim/reset` — back to the beginning.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::clock::ClockView;
use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::demo::{self, DemoError};
use crate::http::App;
use crate::transfer::ResetTo;

/// Where to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetRequest {
    /// `demo` where this folder began with the demo world (an emptied one too), otherwise `empty`.
    to: Option<ResetTo>,
}

/// Where it went.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResetAnswer {
    /// The world that is there now.
    world: ResetTo,
    /// World time, which is real time again.
    clock: ClockView,
}

/// Forgets everything that happened and was set up. The demo world comes back with the ids, secrets and tokens it was made with; its app
/// keeps its callback and its installed webhooks, so that a bot under test goes on. Switches and faults are back at their defaults.
#[utoipa::path(post, path = "/_sim/reset", request_body = ResetRequest,
    responses((status = 200, body = ResetAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn reset(
    State(app): State<App>,
    SimJson(request): SimJson<ResetRequest>,
) -> Result<Json<ResetAnswer>, SimError> {
    app.journal.flush(&app.world.store).await?;
    let world = app.world.reset(request.to).await?;
    if world == ResetTo::Demo {
        point_at_callback(&app).await?;
    }
    Ok(Json(ResetAnswer {
        world,
        clock: app.world.clock.status().into(),
    }))
}

/// What this start was told to deliver to stays so, as it does when a folder is opened again.
pub(super) async fn point_at_callback(app: &App) -> Result<(), SimError> {
    let Some(callback) = &app.config.callback else {
        return Ok(());
    };
    match demo::point_at(&app.world, callback).await {
        // A world without apps has nobody to deliver to.
        Ok(()) | Err(DemoError::Setup(_)) => Ok(()),
        Err(DemoError::Store(error)) => Err(error.into()),
    }
}
