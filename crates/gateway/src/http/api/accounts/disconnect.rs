//! `DELETE /api/v1/accounts/{id}` — forgets an account and its tokens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use selfsame_runtime::db::Durability;

use super::view::find_account;
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::store::accounts::{self, Account};
use crate::store::automations;

/// Disconnects an account: ends its webhooks where Instagram still lets us, then forgets its tokens.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn disconnect_account(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let account = find_account(&app, &id).await?;
    disconnect(&app, &account).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Disconnects an account.
pub(in crate::http) async fn disconnect(app: &App, account: &Account) -> Result<(), ApiError> {
    let wanted = account.ig_id.clone();
    let tokens = app
        .database
        .read(move |connection| accounts::tokens(connection, &wanted))
        .await?;
    for token in tokens.iter().filter(|token| token.broken.is_none()) {
        let Ok(caller) = app.credentials.open(token) else {
            continue;
        };
        if let Err(failure) = app.client.unsubscribe(&caller).await {
            // The token is forgotten all the same; what still arrives belongs to nobody then.
            tracing::warn!(account = %account.ig_id, flow = token.flow.name(), %failure, "webhooks could not be ended");
        }
    }
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Durable, move |tx| {
            automations::forget_account(tx, &ig_id)?;
            accounts::disconnect(tx, &ig_id)
        })
        .await?;
    app.lanes.forget_account(&account.ig_id);
    app.reconciler.forget(&account.ig_id);
    tracing::info!(account = %account.ig_id, "an account was disconnected");
    Ok(())
}
