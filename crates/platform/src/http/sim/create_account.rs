//! `POST /_sim/accounts` — a person or professional account appears.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use super::world_view::{AccountView, one_account};
use crate::actions::CreateAccount;
use crate::domain::account::AccountKind;
use crate::http::App;

/// An account to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccountRequest {
    /// With or without `@`.
    username: String,
    /// Display name; the username unless given.
    name: Option<String>,
    /// `business`, `creator` or `personal`; personal, unless a Page is asked for.
    #[schema(value_type = Option<String>)]
    kind: Option<AccountKind>,
    /// Links a Facebook Page, which the Facebook login needs.
    page: Option<bool>,
    /// Whether strangers see its posts; true unless given.
    public: Option<bool>,
    /// "Allow access to messages"; true unless given.
    message_access: Option<bool>,
    /// Role by app name: `administrator`, `developer`, `tester`, `analytics` or `instagram_tester`.
    roles: Option<BTreeMap<String, String>>,
}

/// Makes an account.
#[utoipa::path(post, path = "/_sim/accounts", request_body = CreateAccountRequest,
    responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn create_account(
    State(app): State<App>,
    SimJson(request): SimJson<CreateAccountRequest>,
) -> Result<Json<AccountView>, SimError> {
    let create = CreateAccount {
        username: request.username,
        name: request.name,
        kind: request.kind,
        page: request.page.unwrap_or(false),
        is_public: request.public,
        message_access: request.message_access,
        roles: request.roles.unwrap_or_default(),
    };
    let key = app.world.create_account(create).await?;
    Ok(Json(one_account(&app, key).await?))
}
