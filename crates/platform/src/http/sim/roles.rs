//! `GET|POST|DELETE /_sim/roles`, `POST /_sim/roles/accept` — roles on apps and invitations to them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::GiveRole;
use crate::domain::access::Role;
use crate::http::App;
use crate::store::roles::{self, HeldRole};

/// A role to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveRoleRequest {
    /// App name.
    app: String,
    /// With or without `@`.
    account: String,
    /// `administrator`, `developer`, `tester`, `analytics` or `instagram_tester`.
    role: String,
    /// Whether the account has accepted it; by default the testers are invited, and the others hold it at once.
    accepted: Option<bool>,
}

/// Whose role on which app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleOfRequest {
    /// App name.
    app: String,
    /// With or without `@`.
    account: String,
}

/// A role or an invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleView {
    /// App name.
    app: String,
    /// With `@`.
    account: String,
    /// Name of the role.
    role: &'static str,
    /// False: an invitation that waits.
    accepted: bool,
}

/// Every role and invitation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Roles)]
pub(crate) struct RolesView {
    /// By app.
    data: Vec<RoleView>,
}

impl From<HeldRole> for RoleView {
    fn from(held: HeldRole) -> Self {
        Self {
            app: held.app,
            account: format!("@{}", held.username),
            role: held.role.as_str(),
            accepted: held.accepted,
        }
    }
}

/// Lists roles and invitations.
#[utoipa::path(get, path = "/_sim/roles", responses((status = 200, body = RolesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_roles(State(app): State<App>) -> Result<Json<RolesView>, SimError> {
    listed(&app).await
}

/// Gives a role, or invites to one.
#[utoipa::path(post, path = "/_sim/roles", request_body = GiveRoleRequest,
    responses((status = 200, body = RolesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn give_role(
    State(app): State<App>,
    SimJson(request): SimJson<GiveRoleRequest>,
) -> Result<Json<RolesView>, SimError> {
    let Some(role) = Role::parse(&request.role) else {
        let names = Role::ALL.map(Role::as_str).join(", ");
        let words = format!("{:?} is no role; there are {names}", request.role);
        return Err(SimError::bad_request("invalid_value", words, Some("role")));
    };
    let give = GiveRole {
        app: request.app,
        account: request.account,
        role,
        accepted: request.accepted,
    };
    app.world.give_role(give).await?;
    listed(&app).await
}

/// Accepts an invitation, as the account does in Instagram's settings.
#[utoipa::path(post, path = "/_sim/roles/accept", request_body = RoleOfRequest,
    responses((status = 200, body = RolesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn accept_role(
    State(app): State<App>,
    SimJson(request): SimJson<RoleOfRequest>,
) -> Result<Json<RolesView>, SimError> {
    app.world.accept_role(request.app, request.account).await?;
    listed(&app).await
}

/// Takes a role away, or declines an invitation.
#[utoipa::path(delete, path = "/_sim/roles", request_body = RoleOfRequest,
    responses((status = 200, body = RolesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn remove_role(
    State(app): State<App>,
    SimJson(request): SimJson<RoleOfRequest>,
) -> Result<Json<RolesView>, SimError> {
    app.world.remove_role(request.app, request.account).await?;
    listed(&app).await
}

async fn listed(app: &App) -> Result<Json<RolesView>, SimError> {
    let held = app.world.store.read(roles::all).await?;
    Ok(Json(RolesView {
        data: held.into_iter().map(RoleView::from).collect(),
    }))
}
