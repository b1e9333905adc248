//! `GET /api/v1/accounts/{id}/health` and `POST …/webhooks` — why something would not work, and the
//! repair of the likeliest cause.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::view::{AccountView, find_account, view_of_account};
use crate::checks::{known_health, live_findings};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiQuery;
use crate::onboarding::Health;
use crate::store::accounts::{self, Account};

/// How thoroughly to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HealthQuery {
    /// Whether to try the tokens on Instagram too.
    #[serde(default)]
    live: bool,
}

/// Why something would not work for an account, and what to do about it.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/health", params(("id" = String, Path), HealthQuery),
    responses((status = 200, body = Health), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn account_health(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiQuery(query): ApiQuery<HealthQuery>,
) -> Result<Json<Health>, ApiError> {
    let account = find_account(&app, &id).await?;
    if query.live {
        return Ok(Json(live_health_of_account(&app, &account).await?));
    }
    Ok(Json(health_of_account(&app, &account).await?))
}

/// Looks at an account, and tries its tokens on Instagram.
pub(in crate::http) async fn live_health_of_account(app: &App, account: &Account) -> Result<Health, ApiError> {
    let mut health = health_of_account(app, account).await?;
    health.findings.extend(live_findings(app.checker(), account).await?);
    let worst = health.findings.iter().map(|finding| finding.level).max();
    health.level = worst.unwrap_or(health.level);
    Ok(health)
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
    Ok(known_health(app.checker(), account).await?)
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
