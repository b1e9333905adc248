//! An owner connects her account to an app, with or without the dialog, and disconnects it.

use selfsame_wire::flow::{LoginFlow, permission};

use super::SetupRefusal;
use super::create_app::{check_fields, refuse};
use crate::domain::account::Account;
use crate::domain::app::App;
use crate::domain::caller::{Token, TokenKind};
use crate::domain::identifiers;
use crate::domain::keys::{AccountKey, AppKey, GrantKey};
use crate::store::grants::AppScopedIds;
use crate::store::{Durability, Failure, StoreError, Tx, accounts, apps, grants};
use crate::world::World;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Subcode of error 190 once the owner has removed the app (contract: errors §7.3).
pub const APP_REMOVED_SUBCODE: u32 = 458;

/// Permissions of the Instagram login (contract: login-instagram §2.1).
pub const INSTAGRAM_SCOPES: [&str; 5] = [
    permission::INSTAGRAM_BUSINESS_BASIC,
    permission::INSTAGRAM_BUSINESS_MANAGE_MESSAGES,
    permission::INSTAGRAM_BUSINESS_MANAGE_COMMENTS,
    permission::INSTAGRAM_BUSINESS_CONTENT_PUBLISH,
    permission::INSTAGRAM_BUSINESS_MANAGE_INSIGHTS,
];
/// Permissions of the Facebook login (contract: login-facebook §3.6).
pub const FACEBOOK_SCOPES: [&str; 11] = [
    permission::INSTAGRAM_BASIC,
    permission::INSTAGRAM_MANAGE_MESSAGES,
    permission::INSTAGRAM_MANAGE_COMMENTS,
    permission::INSTAGRAM_MANAGE_INSIGHTS,
    permission::INSTAGRAM_CONTENT_PUBLISH,
    permission::INSTAGRAM_MANAGE_CONTENTS,
    permission::INSTAGRAM_MANAGE_ENGAGEMENT,
    permission::PAGES_SHOW_LIST,
    permission::PAGES_READ_ENGAGEMENT,
    permission::PAGES_MANAGE_METADATA,
    permission::PAGES_MESSAGING,
];

/// Every permission that an app can have access to, in both logins.
pub fn permissions() -> Vec<String> {
    let names = INSTAGRAM_SCOPES.iter().chain(&FACEBOOK_SCOPES);
    names.map(|name| (*name).to_owned()).collect()
}

/// Whether there is a permission of this name.
pub(super) fn is_permission(name: &str) -> bool {
    INSTAGRAM_SCOPES.contains(&name) || FACEBOOK_SCOPES.contains(&name)
}

/// How long tokens of a kind live, ms; `None`: for ever.
pub const fn lifetime_ms(kind: TokenKind) -> Option<i64> {
    match kind {
        TokenKind::InstagramShort | TokenKind::FacebookUserShort => Some(HOUR_MS),
        TokenKind::InstagramLong | TokenKind::FacebookUserLong => Some(60 * DAY_MS),
        TokenKind::Page => None,
    }
}

/// A connection to make without the dialog.
#[derive(Debug, Clone)]
pub struct GrantAccess {
    /// App name.
    pub app: String,
    /// Username, with or without `@`.
    pub account: String,
    /// Through which login.
    pub flow: LoginFlow,
    /// Permissions; every one that the flow has when absent.
    pub scopes: Option<Vec<String>>,
    /// Webhook fields to install; nothing is installed when absent.
    pub fields: Option<Vec<String>>,
    /// The text of the token, for tests that want to know it beforehand.
    pub access_token: Option<String>,
}

/// What a grant gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The token that calls the Graph API: of the Instagram user, or of the Page.
    pub access_token: String,
    /// ms of world time; `None`: never.
    pub expires_at_ms: Option<i64>,
    /// Granted permissions.
    pub scopes: Vec<String>,
}

impl World {
    /// Connects an account to an app without the dialog.
    pub async fn grant_access(&self, grant: GrantAccess) -> Result<Granted, Failure<SetupRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        self.store
            .write(Durability::Durable, move |tx| world.grant_access_in(tx, grant, now_ms))
            .await
    }

    /// [`World::grant_access`] inside a transaction of the caller's.
    pub fn grant_access_in(
        &self,
        tx: &Tx<'_>,
        grant: GrantAccess,
        now_ms: i64,
    ) -> Result<Granted, Failure<SetupRefusal>> {
        let (app, account) = app_and_account(tx, &grant.app, &grant.account)?;
        if grant
            .access_token
            .as_deref()
            .is_some_and(|token| token.is_empty() || token.contains(char::is_whitespace))
        {
            return refuse(
                "access_token",
                grant.access_token.unwrap_or_default(),
                "a text without spaces",
            );
        }
        let scopes = grant.scopes.unwrap_or_else(|| default_scopes(grant.flow));
        if let Some(unknown) = scopes.iter().find(|name| !is_permission(name)) {
            return refuse(
                "scopes",
                unknown.clone(),
                &format!("one of {}", permissions().join(", ")),
            );
        }
        let key = self.consent_in(tx, &app, &account, grant.flow, &scopes, &[], now_ms)?;
        let kind = match grant.flow {
            LoginFlow::Instagram => TokenKind::InstagramLong,
            LoginFlow::Facebook => {
                self.issue_in(tx, key, TokenKind::FacebookUserLong, None, now_ms)?;
                TokenKind::Page
            }
        };
        let token = self.issue_in(tx, key, kind, grant.access_token, now_ms)?;
        if let Some(fields) = &grant.fields {
            check_fields("fields", fields)?;
            grants::put_install(tx, app.key, account.key, grant.flow, fields, now_ms)?;
        }
        Ok(Granted {
            access_token: token.token,
            expires_at_ms: token.expires_at_ms,
            scopes,
        })
    }

    /// Records what the owner allowed and declined, by dialog or without, and makes the two known to each other.
    #[expect(clippy::too_many_arguments, reason = "each is one column of the grant")]
    pub fn consent_in(
        &self,
        tx: &Tx<'_>,
        app: &App,
        account: &Account,
        flow: LoginFlow,
        scopes: &[String],
        declined: &[String],
        now_ms: i64,
    ) -> Result<GrantKey, Failure<SetupRefusal>> {
        if !account.kind.is_professional() {
            return Err(Failure::Refused(SetupRefusal::NotProfessional {
                username: account.username.clone(),
            }));
        }
        if flow == LoginFlow::Facebook && account.page.is_none() {
            return Err(Failure::Refused(SetupRefusal::NoPage {
                username: account.username.clone(),
            }));
        }
        if grants::app_scoped_ids(tx, app.key, account.key)?.is_none() {
            let ids = AppScopedIds {
                instagram_user_id: identifiers::app_scoped_id(&self.random),
                facebook_user_id: identifiers::facebook_user_id(&self.random),
            };
            grants::insert_app_scoped_ids(tx, app.key, account.key, &ids)?;
        }
        Ok(grants::put_grant(
            tx,
            app.key,
            account.key,
            flow,
            scopes,
            declined,
            now_ms,
        )?)
    }

    /// Issues a token of a grant, with a text of its own or the given one.
    pub fn issue_in(
        &self,
        tx: &Tx<'_>,
        grant: GrantKey,
        kind: TokenKind,
        text: Option<String>,
        now_ms: i64,
    ) -> Result<Token, Failure<SetupRefusal>> {
        let token = Token {
            token: text.unwrap_or_else(|| identifiers::token(&self.random, kind)),
            grant,
            kind,
            issued_at_ms: now_ms,
            expires_at_ms: lifetime_ms(kind).map(|lifetime| now_ms.saturating_add(lifetime)),
            invalid_subcode: None,
        };
        if grants::insert_token(tx, &token)? {
            Ok(token)
        } else {
            Err(Failure::Refused(SetupRefusal::Taken {
                field: "access_token",
                value: token.token,
            }))
        }
    }

    /// Disconnects an account from an app: tokens die with 190/458, installs go. `None`: through both logins. Answers what was
    /// revoked.
    pub async fn revoke_access(
        &self,
        app: String,
        account: String,
        flow: Option<LoginFlow>,
    ) -> Result<Vec<(AppKey, AccountKey, LoginFlow)>, Failure<SetupRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| {
                let (app, account) = app_and_account(tx, &app, &account)?;
                let mut revoked = Vec::new();
                for one in LoginFlow::ALL
                    .into_iter()
                    .filter(|one| flow.is_none_or(|flow| flow == *one))
                {
                    if revoke_in(tx, &app, &account, one, now_ms)? {
                        revoked.push((app.key, account.key, one));
                    }
                }
                if revoked.is_empty() {
                    return Err(Failure::Refused(SetupRefusal::NotGranted {
                        username: account.username,
                        app: app.name,
                    }));
                }
                Ok(revoked)
            })
            .await
    }
}

/// Revokes one grant; false when there is none in force.
pub fn revoke_in(tx: &Tx<'_>, app: &App, account: &Account, flow: LoginFlow, now_ms: i64) -> Result<bool, StoreError> {
    let Some(grant) = grants::grant(tx, app.key, account.key, flow)?.filter(|grant| grant.revoked_at_ms.is_none())
    else {
        return Ok(false);
    };
    grants::revoke(tx, grant.key, APP_REMOVED_SUBCODE, now_ms)?;
    grants::delete_install(tx, app.key, account.key, flow)?;
    Ok(true)
}

/// Every permission of a flow.
pub fn default_scopes(flow: LoginFlow) -> Vec<String> {
    match flow {
        LoginFlow::Instagram => INSTAGRAM_SCOPES.map(str::to_owned).to_vec(),
        LoginFlow::Facebook => FACEBOOK_SCOPES.map(str::to_owned).to_vec(),
    }
}

fn app_and_account(tx: &Tx<'_>, app: &str, account: &str) -> Result<(App, Account), Failure<SetupRefusal>> {
    let Some(found_app) = apps::by_name(tx, app)? else {
        return Err(Failure::Refused(SetupRefusal::UnknownApp { name: app.to_owned() }));
    };
    let Some(found_account) = accounts::by_username(tx, account)? else {
        return Err(Failure::Refused(SetupRefusal::UnknownAccount {
            field: "account",
            reference: account.to_owned(),
        }));
    };
    Ok((found_app, found_account))
}
