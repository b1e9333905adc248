//! `GET|PUT /api/v1/kill-switch` — stops everything the gateway says, at once.

use axum::Json;
use axum::extract::State;
use selfsame_runtime::db::Durability;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorAnswer};
use super::request::ApiJson;
use crate::http::App;
use crate::store::settings;

/// The kill switch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KillSwitch {
    /// Whether nothing is sent.
    on: bool,
}

/// Whether nothing is sent.
#[utoipa::path(get, path = "/api/v1/kill-switch",
    responses((status = 200, body = KillSwitch), (status = "default", body = ErrorAnswer)))]
pub(super) async fn get_kill_switch(State(app): State<App>) -> Result<Json<KillSwitch>, ApiError> {
    let on = app.database.read(settings::kill_switch).await?;
    Ok(Json(KillSwitch { on }))
}

/// Turns the kill switch on or off. What arrives meanwhile is parked and can be released.
#[utoipa::path(put, path = "/api/v1/kill-switch", request_body = KillSwitch,
    responses((status = 200, body = KillSwitch), (status = "default", body = ErrorAnswer)))]
pub(super) async fn put_kill_switch(
    State(app): State<App>,
    ApiJson(wanted): ApiJson<KillSwitch>,
) -> Result<Json<KillSwitch>, ApiError> {
    set_kill_switch(&app, wanted.on).await?;
    Ok(Json(wanted))
}

/// Turns the kill switch on or off.
pub(in crate::http) async fn set_kill_switch(app: &App, on: bool) -> Result<(), ApiError> {
    let write = app
        .database
        .write(Durability::Durable, move |tx| settings::set_kill_switch(tx, on));
    write.await?;
    tracing::warn!(on, "the kill switch was turned");
    app.inbox_bell.ring();
    app.runs_bell.ring();
    app.outbox_bell.ring();
    Ok(())
}
