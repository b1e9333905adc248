//! `PATCH /_sim/accounts/{username}` — an account changes its settings.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::{SimJson, SimPath};
use super::world_view::{AccountView, one_account};
use crate::actions::ChangeAccount;
use crate::domain::account::{AccountKind, Standing};
use crate::http::App;

/// What to change; absent leaves.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeAccountRequest {
    /// Display name.
    name: Option<String>,
    /// `business`, `creator` or `personal`.
    #[schema(value_type = Option<String>)]
    kind: Option<AccountKind>,
    /// Links a Facebook Page or unlinks it.
    page: Option<bool>,
    /// Whether strangers see its posts.
    public: Option<bool>,
    /// "Allow access to messages".
    message_access: Option<bool>,
    /// What Instagram holds against it: `good`, `sending_restricted` (10/1893063), `unverified` (10/2534077), `messaging_blocked`
    /// (100/2534029), `not_eligible` (36103), `actions_blocked` (368), `checkpoint` (190/459), `unconfirmed` (190/464) or
    /// `page_role_lost` (190/492).
    #[schema(value_type = Option<String>)]
    standing: Option<Standing>,
    /// Role by app name; an empty text takes the role away.
    roles: Option<BTreeMap<String, String>>,
}

/// Changes an account.
#[utoipa::path(patch, path = "/_sim/accounts/{username}", params(("username" = String, Path, description = "With or without `@`")),
    request_body = ChangeAccountRequest, responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn change_account(
    State(app): State<App>,
    SimPath(username): SimPath<String>,
    SimJson(request): SimJson<ChangeAccountRequest>,
) -> Result<Json<AccountView>, SimError> {
    let change = ChangeAccount {
        name: request.name,
        kind: request.kind,
        page: request.page,
        is_public: request.public,
        message_access: request.message_access,
        standing: request.standing,
        roles: request.roles.unwrap_or_default(),
    };
    let key = app.world.change_account(username, change).await?;
    Ok(Json(one_account(&app, key).await?))
}
