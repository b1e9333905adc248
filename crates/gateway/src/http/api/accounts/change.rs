//! `PATCH /api/v1/accounts/{id}` — whom an account answers.

use axum::Json;
use axum::extract::{Path, State};
use selfsame_runtime::db::Durability;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{AccountView, find_account, view_of_account};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::store::accounts::{self, Mode, SelfMode};

/// What to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    /// Whether anybody but the owner is answered.
    mode: Option<Mode>,
    /// When the owner herself is answered.
    self_mode: Option<SelfMode>,
}

/// Changes whom an account answers.
#[utoipa::path(patch, path = "/api/v1/accounts/{id}", params(("id" = String, Path)),
    request_body = AccountChange,
    responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn change_account(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiJson(change): ApiJson<AccountChange>,
) -> Result<Json<AccountView>, ApiError> {
    let account = find_account(&app, &id).await?;
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Durable, move |tx| {
            accounts::set_modes(tx, &ig_id, change.mode, change.self_mode)
        })
        .await?;
    let account = find_account(&app, account.ig_id.as_str()).await?;
    Ok(Json(view_of_account(&app, account).await?))
}
