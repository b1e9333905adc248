//! An account as the API shows it. Never with a token.

use selfsame_wire::flow::LoginFlow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::error::ApiError;
use crate::onboarding::missing_scopes;
use crate::store::accounts::{self, Account, Mode, SelfMode, TokenRow};

/// A connected account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct AccountView {
    /// The Instagram user id: `entry.id` of its webhooks. Paths take it, or the username.
    pub(in crate::http) id: String,
    /// Its username, without `@`.
    pub(in crate::http) username: String,
    /// Its display name.
    pub(in crate::http) name: Option<String>,
    /// The same as `id`, by the name it has elsewhere.
    pub(in crate::http) ig_id: String,
    /// `id` of `/me` for our app; in no webhook.
    pub(in crate::http) app_scoped_id: Option<String>,
    /// The account as it sees itself; known from its first self event on.
    pub(in crate::http) self_igsid: Option<String>,
    /// The linked Page.
    pub(in crate::http) page_id: Option<String>,
    /// Whether anybody but the owner is answered.
    pub(in crate::http) mode: Mode,
    /// When the owner herself is answered.
    pub(in crate::http) self_mode: SelfMode,
    /// When it was connected, world time, RFC 3339.
    pub(in crate::http) connected_at: String,
    /// Whether no token of it works.
    pub(in crate::http) needs_reconnect: bool,
    /// Its logins, the one that sends first.
    pub(in crate::http) logins: Vec<LoginView>,
}

/// One login of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http) struct LoginView {
    /// `instagram` or `facebook`.
    #[schema(value_type = String)]
    pub(in crate::http) flow: LoginFlow,
    /// What the token may do; null when Instagram was not asked.
    pub(in crate::http) scopes: Option<Vec<String>>,
    /// What automations need and the token lacks.
    pub(in crate::http) missing_scopes: Vec<String>,
    /// When the token ends, RFC 3339; null: never, or unknown.
    pub(in crate::http) expires_at: Option<String>,
    /// Why the token does not work any more.
    pub(in crate::http) broken: Option<String>,
    /// The webhook fields that are installed; null: none.
    pub(in crate::http) webhooks: Option<Vec<String>>,
    /// Why they could not be installed.
    pub(in crate::http) webhook_error: Option<String>,
}

impl AccountView {
    /// An account with its tokens.
    pub(in crate::http) fn new(account: Account, tokens: Vec<TokenRow>) -> Self {
        Self {
            id: account.ig_id.as_str().to_owned(),
            username: account.username,
            name: account.name,
            ig_id: account.ig_id.into_string(),
            app_scoped_id: account.app_scoped_id.map(|id| id.as_str().to_owned()),
            self_igsid: account.self_igsid.map(|id| id.as_str().to_owned()),
            page_id: account.page_id.map(|id| id.as_str().to_owned()),
            mode: account.mode,
            self_mode: account.self_mode,
            connected_at: account.connected_at.to_string(),
            needs_reconnect: tokens.iter().all(|token| token.broken.is_some()),
            logins: tokens.into_iter().map(LoginView::new).collect(),
        }
    }
}

impl LoginView {
    fn new(token: TokenRow) -> Self {
        Self {
            flow: token.flow,
            missing_scopes: missing_scopes(token.flow, token.scopes.as_deref()),
            scopes: token.scopes,
            expires_at: token.expires_at.map(|at| at.to_string()),
            broken: token.broken,
            webhooks: token.subscribed_fields,
            webhook_error: token.webhook_error,
        }
    }
}

/// The account that a caller names: by username (with or without `@`) or by any of its ids.
pub(in crate::http) async fn find_account(app: &App, name: &str) -> Result<Account, ApiError> {
    let wanted = name.to_owned();
    let found = app
        .database
        .read(move |connection| accounts::find_by_any_name(connection, &wanted))
        .await?;
    found.ok_or_else(|| {
        let message = format!("no account {name} is connected; see GET /api/v1/accounts");
        ApiError::not_found("unknown_account", message, Some("account"))
    })
}

/// An account as the API shows it.
pub(in crate::http) async fn view_of_account(app: &App, account: Account) -> Result<AccountView, ApiError> {
    let ig_id = account.ig_id.clone();
    let tokens = app
        .database
        .read(move |connection| accounts::tokens(connection, &ig_id))
        .await?;
    Ok(AccountView::new(account, tokens))
}
