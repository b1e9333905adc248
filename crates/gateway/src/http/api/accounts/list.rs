//! `GET /api/v1/accounts` and `GET /api/v1/accounts/{id}` — connected accounts.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{AccountView, find_account, view_of_account};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::page::{PageQuery, cut};
use crate::http::api::request::ApiQuery;
use crate::store::StoreError;
use crate::store::accounts;

/// Connected accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    /// In the order of their Instagram ids.
    data: Vec<AccountView>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Connected accounts.
#[utoipa::path(get, path = "/api/v1/accounts", params(PageQuery),
    responses((status = 200, body = AccountList), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_accounts(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<AccountList>, ApiError> {
    let limit = query.limit();
    let after = query.after().unwrap_or_default().to_owned();
    let mut data = app
        .database
        .read(move |connection| {
            let mut views = Vec::new();
            for account in accounts::list_after(connection, &after, limit + 1)? {
                let tokens = accounts::tokens(connection, &account.ig_id)?;
                views.push(AccountView::new(account, tokens));
            }
            Ok::<_, StoreError>(views)
        })
        .await?;
    let next = cut(&mut data, limit, |account| account.id.clone());
    Ok(Json(AccountList { data, next }))
}

/// One account, by username or any id of it.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_account(State(app): State<App>, Path(id): Path<String>) -> Result<Json<AccountView>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(view_of_account(&app, account).await?))
}
