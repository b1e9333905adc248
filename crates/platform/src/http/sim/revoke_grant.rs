//! `DELETE /_sim/grants` — an owner disconnects her account from an app.

use axum::Json;
use axum::extract::State;
use selfsame_wire::flow::LoginFlow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::http::App;

/// A connection to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeRequest {
    /// App name.
    app: String,
    /// The account, with or without `@`.
    account: String,
    /// Only this login; both unless given.
    #[schema(value_type = Option<String>)]
    flow: Option<LoginFlow>,
}

/// Done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevokeAnswer {
    /// Always true.
    revoked: bool,
}

/// Disconnects an account from an app: its tokens die, its webhooks are uninstalled.
#[utoipa::path(delete, path = "/_sim/grants", request_body = RevokeRequest,
    responses((status = 200, body = RevokeAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn revoke_grant(
    State(app): State<App>,
    SimJson(request): SimJson<RevokeRequest>,
) -> Result<Json<RevokeAnswer>, SimError> {
    app.world.revoke_access(request.app, request.account, request.flow).await?;
    Ok(Json(RevokeAnswer { revoked: true }))
}
