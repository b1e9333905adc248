//! `GET /api/v1/accounts/{id}/health` and `POST …/webhooks` — why something would not work, and the
//! repair of the likeliest cause.

use axum::Json;
use axum::extract::{Path, State};

use super::view::{AccountView, find_account, view_of_account};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::onboarding::{Health, health_of};
use crate::store::accounts::{self, Account};
use crate::store::{StoreError, ledger_accounts};

/// Why something would not work for an account, and what to do about it.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/health", params(("id" = String, Path)),
    responses((status = 200, body = Health), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn account_health(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Health>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(health_of_account(&app, &account).await?))
}

/// Installs the webhooks of every login of an account anew.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/webhooks", params(("id" = String, Path)),
    responses((status = 200, body = AccountView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn install_webhooks(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<AccountView>, ApiError> {
    let account = find_account(&app, &id).await?;
    install_webhooks_of(&app, &account).await?;
    Ok(Json(view_of_account(&app, account).await?))
}

/// Looks at an account.
pub(in crate::http) async fn health_of_account(app: &App, account: &Account) -> Result<Health, ApiError> {
    let ig_id = account.ig_id.clone();
    let (tokens, ledger) = app
        .database
        .read(move |connection| {
            let tokens = accounts::tokens(connection, &ig_id)?;
            Ok::<_, StoreError>((tokens, ledger_accounts::load(connection, &ig_id)?))
        })
        .await?;
    Ok(health_of(account, &tokens, ledger.self_thread_open, app.world.now()))
}

/// Installs webhooks anew; how that went is in the account's view.
pub(in crate::http) async fn install_webhooks_of(app: &App, account: &Account) -> Result<(), ApiError> {
    let ig_id = account.ig_id.clone();
    let tokens = app
        .database
        .read(move |connection| accounts::tokens(connection, &ig_id))
        .await?;
    for token in tokens.iter().filter(|token| token.broken.is_none()) {
        let Ok(caller) = app.credentials.open(token) else {
            continue;
        };
        let installed = app
            .onboarding
            .install_webhooks(&account.ig_id, &caller, token.scopes.as_deref())
            .await?;
        if let Err(reason) = installed {
            tracing::warn!(account = %account.ig_id, flow = token.flow.name(), reason, "webhooks could not be installed");
        }
    }
    Ok(())
}
