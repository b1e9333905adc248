//! `GET /api/v1/accounts` and `GET /api/v1/accounts/{id}` — connected accounts.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{AccountView, find_account, view_of_account};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::store::StoreError;
use crate::store::accounts;

/// Connected accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    /// By username.
    data: Vec<AccountView>,
}

/// Connected accounts.
#[utoipa::path(get, path = "/api/v1/accounts",
    responses((status = 200, body = AccountList), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_accounts(State(app): State<App>) -> Result<Json<AccountList>, ApiError> {
    let data = app
        .database
        .read(|connection| {
            let mut views = Vec::new();
            for account in accounts::list(connection)? {
                let tokens = accounts::tokens(connection, &account.ig_id)?;
                views.push(AccountView::new(account, tokens));
            }
            Ok::<_, StoreError>(views)
        })
        .await?;
    Ok(Json(AccountList { data }))
}

/// One account, by username or any id of it.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_account(State(app): State<App>, Path(id): Path<String>) -> Result<Json<AccountView>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(view_of_account(&app, account).await?))
}
