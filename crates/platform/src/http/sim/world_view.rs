//! Read models of apps and accounts, as `/_sim/world` lists them.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::App;
use crate::actions::permissions;
use crate::domain::access::AccessLevel;
use crate::domain::account::{Account, AccountKind, Standing};
use crate::domain::app::{App as DeveloperApp, AppMode, CallbackState};
use crate::domain::keys::{AccountKey, AppKey};
use crate::domain::view::rfc3339;
use crate::store::{StoreError, accounts, apps, grants, roles};

/// An app with everything a developer copies from the dashboard.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = App)]
pub(crate) struct AppView {
    /// Unique name.
    name: String,
    /// Id in the Facebook login.
    meta_app_id: String,
    /// Secret of the Facebook login; signs webhooks of accounts connected through it.
    meta_app_secret: String,
    /// Id in the Instagram login.
    instagram_app_id: String,
    /// Secret of the Instagram login; signs webhooks of accounts connected through it.
    instagram_app_secret: String,
    /// Published or in development.
    #[schema(value_type = String)]
    mode: AppMode,
    /// Where notifications go.
    #[schema(required)]
    callback_url: Option<String>,
    /// Sent in the handshake.
    #[schema(required)]
    verify_token: Option<String>,
    /// `verified` or `unverified`; null without a callback.
    #[schema(required)]
    callback_state: Option<&'static str>,
    /// Why the last handshake failed.
    #[schema(required)]
    handshake_error: Option<String>,
    /// App-level webhook fields.
    fields: Vec<String>,
    /// "Include values".
    include_values: bool,
    /// `standard` or `advanced` by permission.
    access: BTreeMap<String, &'static str>,
    /// Whether the app has the Human Agent feature.
    human_agent: bool,
    /// "Require App Secret": calls without `appsecret_proof` are refused.
    require_appsecret_proof: bool,
    /// Registered OAuth redirect URIs.
    redirect_uris: Vec<String>,
    /// Called when an owner disconnects the app.
    #[schema(required)]
    deauthorize_url: Option<String>,
    /// Called when an owner asks for deletion.
    #[schema(required)]
    data_deletion_url: Option<String>,
}

/// An account with every id it goes by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    /// Without `@`.
    username: String,
    /// Display name.
    name: String,
    /// `business`, `creator` or `personal`.
    #[schema(value_type = String)]
    kind: AccountKind,
    /// IG professional account id: `user_id` of `/me`, `entry.id` of webhooks.
    #[schema(required)]
    ig_id: Option<String>,
    /// The account as a person seen by itself: the id to send self messages to.
    #[schema(required)]
    self_igsid: Option<String>,
    /// The linked Facebook Page.
    #[schema(required)]
    page_id: Option<String>,
    /// Whether strangers see its posts.
    public: bool,
    /// "Allow access to messages".
    message_access: bool,
    /// What Instagram holds against it; `good`: nothing.
    #[schema(value_type = String)]
    standing: Standing,
    /// `id` of `/me` on graph.instagram.com, by app name.
    app_scoped_ids: BTreeMap<String, String>,
    /// Facebook user behind the account, by app name.
    facebook_user_ids: BTreeMap<String, String>,
    /// The account as others see it: IGSID by `@` name of who sees it.
    scoped_ids: BTreeMap<String, String>,
    /// Roles by app name.
    roles: BTreeMap<String, String>,
    /// Roles that the account was invited to and has not accepted, by app name.
    invitations: BTreeMap<String, String>,
    /// Access tokens that are alive.
    tokens: Vec<TokenView>,
}

/// An access token. Test data of a local world.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenView {
    /// App name.
    app: String,
    /// `instagram` or `facebook`.
    flow: &'static str,
    /// `instagram_short`, `instagram_long`, `facebook_user_short`, `facebook_user_long` or `page`.
    kind: &'static str,
    /// The token.
    access_token: String,
    /// Granted permissions.
    scopes: Vec<String>,
    /// RFC 3339; null: never.
    #[schema(required)]
    expires_at: Option<String>,
}

/// The view of an app.
pub(crate) fn app_view(app: DeveloperApp) -> AppView {
    let subscription = app.subscription;
    let (callback_state, handshake_error) = match subscription.as_ref().map(|subscription| &subscription.state) {
        None => (None, None),
        Some(CallbackState::Verified) => (Some("verified"), None),
        Some(CallbackState::Unverified { last_error, .. }) => (Some("unverified"), last_error.clone()),
    };
    AppView {
        name: app.name,
        meta_app_id: app.meta_app_id.into_string(),
        meta_app_secret: app.meta_app_secret,
        instagram_app_id: app.instagram_app_id.into_string(),
        instagram_app_secret: app.instagram_app_secret,
        mode: app.mode,
        callback_url: subscription
            .as_ref()
            .map(|subscription| subscription.callback_url.clone()),
        verify_token: subscription
            .as_ref()
            .map(|subscription| subscription.verify_token.clone()),
        callback_state,
        handshake_error,
        include_values: subscription
            .as_ref()
            .is_none_or(|subscription| subscription.include_values),
        access: permissions()
            .into_iter()
            .map(|name| {
                let level = if app.standard_access.contains(&name) {
                    AccessLevel::Standard
                } else {
                    AccessLevel::Advanced
                };
                (name, level.as_str())
            })
            .collect(),
        human_agent: app.human_agent,
        require_appsecret_proof: app.require_appsecret_proof,
        fields: subscription.map(|subscription| subscription.fields).unwrap_or_default(),
        redirect_uris: app.redirect_uris,
        deauthorize_url: app.deauthorize_url,
        data_deletion_url: app.data_deletion_url,
    }
}

/// The view of one app.
pub(crate) async fn one_app(app: &App, key: AppKey) -> Result<AppView, StoreError> {
    let found = app
        .world
        .store
        .read(move |connection| apps::by_key(connection, key))
        .await?;
    found.map(app_view).ok_or_else(|| vanished("app"))
}

/// The view of one account.
pub(crate) async fn one_account(app: &App, key: AccountKey) -> Result<AccountView, StoreError> {
    let now_ms = app.world.clock.now_ms();
    app.world
        .store
        .read(move |connection| {
            let Some(account) = accounts::by_key(connection, key)? else {
                return Err(vanished("account"));
            };
            account_view(connection, &account, now_ms)
        })
        .await
}

fn vanished(what: &'static str) -> StoreError {
    StoreError::Corrupt {
        what,
        value: "gone between two reads".to_owned(),
    }
}

/// The view of an account; dead and expired tokens are left out.
pub(crate) fn account_view(connection: &Connection, account: &Account, now_ms: i64) -> Result<AccountView, StoreError> {
    let professional = account.kind.is_professional();
    let mut view = AccountView {
        username: account.username.clone(),
        name: account.name.clone(),
        kind: account.kind,
        ig_id: account
            .ig_id
            .as_ref()
            .filter(|_| professional)
            .map(|id| id.as_str().to_owned()),
        self_igsid: account
            .self_igsid
            .as_ref()
            .filter(|_| professional)
            .map(|id| id.as_str().to_owned()),
        page_id: account.page.as_ref().map(|page| page.page_id.as_str().to_owned()),
        public: account.is_public,
        message_access: account.message_access,
        standing: account.standing,
        app_scoped_ids: BTreeMap::new(),
        facebook_user_ids: BTreeMap::new(),
        scoped_ids: BTreeMap::new(),
        roles: BTreeMap::new(),
        invitations: BTreeMap::new(),
        tokens: Vec::new(),
    };
    for held in roles::of_account(connection, account.key)? {
        let roles = if held.accepted {
            &mut view.roles
        } else {
            &mut view.invitations
        };
        roles.insert(held.app, held.role.as_str().to_owned());
    }
    for (seen_by, igsid) in accounts::scoped_ids_of_person(connection, account.key)? {
        if seen_by != account.key
            && let Some(other) = accounts::by_key(connection, seen_by)?
        {
            view.scoped_ids
                .insert(format!("@{}", other.username), igsid.into_string());
        }
    }
    for grant in grants::grants_of_account(connection, account.key)? {
        let Some(app) = apps::by_key(connection, grant.app)? else {
            continue;
        };
        if let Some(ids) = grants::app_scoped_ids(connection, grant.app, account.key)? {
            view.app_scoped_ids
                .insert(app.name.clone(), ids.instagram_user_id.into_string());
            view.facebook_user_ids
                .insert(app.name.clone(), ids.facebook_user_id.into_string());
        }
        for token in grants::tokens_of_grant(connection, grant.key)? {
            let expired = token.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= now_ms);
            if expired || token.invalid_subcode.is_some() {
                continue;
            }
            view.tokens.push(TokenView {
                app: app.name.clone(),
                flow: grant.flow.name(),
                kind: token.kind.as_str(),
                access_token: token.token,
                scopes: grant.scopes.clone(),
                expires_at: token.expires_at_ms.map(rfc3339),
            });
        }
    }
    Ok(view)
}
