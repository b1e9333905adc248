//! Grants, tokens, installs and app-scoped ids.

use rusqlite::{Connection, OptionalExtension, Row, params};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{AppScopedId, FacebookUserId};

use super::apps::{json_list, list_from_json};
use super::{StoreError, Tx, accounts};
use crate::domain::access::Access;
use crate::domain::caller::{Caller, Token, TokenKind};
use crate::domain::keys::{AccountKey, AppKey, GrantKey};

const UPSERT_GRANT: &str = "INSERT INTO grants (app_id, account_id, flow, scopes, declined, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                            ON CONFLICT (app_id, account_id, flow) DO UPDATE SET scopes = excluded.scopes, declined = excluded.declined, \
                            revoked_at_ms = NULL RETURNING id";
const GRANT: &str = "SELECT id, app_id, account_id, flow, scopes, declined, revoked_at_ms FROM grants \
                     WHERE app_id = ?1 AND account_id = ?2 AND flow = ?3";
const GRANT_BY_KEY: &str =
    "SELECT id, app_id, account_id, flow, scopes, declined, revoked_at_ms FROM grants WHERE id = ?1";
const GRANTS_OF_ACCOUNT: &str = "SELECT id, app_id, account_id, flow, scopes, declined, revoked_at_ms FROM grants \
                                 WHERE account_id = ?1 ORDER BY id";
const PUT_SCOPES: &str = "UPDATE grants SET scopes = ?2, declined = ?3 WHERE id = ?1";
const REVOKE: &str = "UPDATE grants SET revoked_at_ms = ?2, scopes = '[]' WHERE id = ?1";
const KILL_TOKENS: &str =
    "UPDATE tokens SET invalid_subcode = ?2, invalid_at_ms = ?3 WHERE grant_id = ?1 AND invalid_subcode IS NULL";
const KILL_TOKEN: &str = "UPDATE tokens SET invalid_subcode = ?2, invalid_at_ms = ?3 WHERE token = ?1";
const INSERT_TOKEN: &str = "INSERT INTO tokens (token, grant_id, kind, issued_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
                            ON CONFLICT (token) DO NOTHING";
const EXTEND_TOKEN: &str = "UPDATE tokens SET expires_at_ms = ?2, issued_at_ms = ?3 WHERE token = ?1";
const PAGE_TOKEN: &str = "SELECT token FROM tokens WHERE grant_id = ?1 AND kind = 'page' AND invalid_subcode IS NULL \
                          ORDER BY issued_at_ms DESC, token DESC LIMIT 1";
const TOKENS_OF_GRANT: &str = "SELECT token, grant_id, kind, issued_at_ms, expires_at_ms, invalid_subcode FROM tokens \
                               WHERE grant_id = ?1 ORDER BY issued_at_ms, token";
const CALLER: &str = "SELECT t.token, t.grant_id, t.kind, t.issued_at_ms, t.expires_at_ms, t.invalid_subcode, g.account_id, g.app_id, p.name, \
                      g.scopes, s.instagram_user_id, s.facebook_user_id, p.standard_access, p.mode = 'development', \
                      r.accepted = 1 AND r.role <> 'analytics', \
                      coalesce(json_extract(p.settings, '$.require_appsecret_proof'), 0) FROM tokens t JOIN grants g ON g.id = t.grant_id \
                      JOIN apps p ON p.id = g.app_id \
                      LEFT JOIN app_roles r ON r.app_id = g.app_id AND r.account_id = g.account_id \
                      JOIN app_scoped_ids s ON s.app_id = g.app_id AND s.account_id = g.account_id WHERE t.token = ?1";
const APP_SCOPED: &str =
    "SELECT instagram_user_id, facebook_user_id FROM app_scoped_ids WHERE app_id = ?1 AND account_id = ?2";
const PUT_APP_SCOPED: &str =
    "INSERT INTO app_scoped_ids (app_id, account_id, instagram_user_id, facebook_user_id) VALUES (?1, ?2, ?3, ?4)";
const BEHIND_APP_SCOPED: &str =
    "SELECT app_id, account_id FROM app_scoped_ids WHERE instagram_user_id = ?1 OR facebook_user_id = ?1";
const PUT_INSTALL: &str = "INSERT INTO installs (app_id, account_id, flow, fields, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
                           ON CONFLICT (app_id, account_id, flow) DO UPDATE SET fields = excluded.fields, failing_since_ms = NULL, disabled_at_ms = NULL";
const INSTALL: &str = "SELECT fields FROM installs WHERE app_id = ?1 AND account_id = ?2 AND flow = ?3";
const DISABLE_INSTALL: &str =
    "UPDATE installs SET disabled_at_ms = ?4 WHERE app_id = ?1 AND account_id = ?2 AND flow = ?3";
const FORGET_FURTHER: &str = "DELETE FROM further_grants WHERE grant_id = ?1";
const PUT_FURTHER: &str = "INSERT INTO further_grants (grant_id, further_grant_id) VALUES (?1, ?2)";
const FURTHER: &str = "SELECT g.id, g.app_id, g.account_id, g.flow, g.scopes, g.declined, g.revoked_at_ms FROM further_grants f \
                       JOIN grants g ON g.id = f.further_grant_id WHERE f.grant_id = ?1 ORDER BY f.further_grant_id";
const DELETE_INSTALL: &str = "DELETE FROM installs WHERE app_id = ?1 AND account_id = ?2 AND flow = ?3";

/// A grant as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Row key.
    pub key: GrantKey,
    /// To which app.
    pub app: AppKey,
    /// By which account.
    pub account: AccountKey,
    /// Through which login.
    pub flow: LoginFlow,
    /// Granted permissions; empty once revoked.
    pub scopes: Vec<String>,
    /// Permissions the owner unticked.
    pub declined: Vec<String>,
    /// ms of world time.
    pub revoked_at_ms: Option<i64>,
}

/// Ids of an account as one app sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppScopedIds {
    /// `id` of `/me` on graph.instagram.com.
    pub instagram_user_id: AppScopedId,
    /// `id` of `/me` with a Facebook user token.
    pub facebook_user_id: FacebookUserId,
}

/// Grants permissions through a login, again or for the first time. The account's app-scoped ids must exist.
pub fn put_grant(
    tx: &Tx<'_>,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
    scopes: &[String],
    declined: &[String],
    now_ms: i64,
) -> Result<GrantKey, StoreError> {
    tx.identities_changed();
    let params = params![
        app.0,
        account.0,
        flow.name(),
        json_list(scopes),
        json_list(declined),
        now_ms
    ];
    Ok(GrantKey(
        tx.prepare_cached(UPSERT_GRANT)?.query_row(params, |row| row.get(0))?,
    ))
}

/// Remembers the grants of the further Pages that were chosen in one dialog, in place of earlier ones.
pub fn put_further(tx: &Tx<'_>, grant: GrantKey, further: &[GrantKey]) -> Result<(), StoreError> {
    tx.prepare_cached(FORGET_FURTHER)?.execute([grant.0])?;
    let mut statement = tx.prepare_cached(PUT_FURTHER)?;
    for one in further {
        statement.execute([grant.0, one.0])?;
    }
    Ok(())
}

/// Grants of further Pages that were chosen in the same dialog, revoked ones included.
pub fn further(connection: &Connection, grant: GrantKey) -> Result<Vec<Grant>, StoreError> {
    let mut statement = connection.prepare_cached(FURTHER)?;
    let mut rows = statement.query([grant.0])?;
    let mut grants = Vec::new();
    while let Some(row) = rows.next()? {
        grants.push(read_grant(row)?);
    }
    Ok(grants)
}

/// The same Facebook user for each further Page of her dialog, as far as she has not taken it back; nobody for other tokens.
pub fn further_callers(connection: &Connection, caller: &Caller) -> Result<Vec<Caller>, StoreError> {
    if !matches!(
        caller.token.kind,
        TokenKind::FacebookUserShort | TokenKind::FacebookUserLong
    ) {
        return Ok(Vec::new());
    }
    let mut callers = Vec::new();
    for grant in further(connection, caller.token.grant)? {
        if grant.revoked_at_ms.is_none()
            && let Some(account) = accounts::by_key(connection, grant.account)?
        {
            let mut one = caller.clone();
            one.token.grant = grant.key;
            one.account = account;
            one.scopes = grant.scopes;
            callers.push(one);
        }
    }
    Ok(callers)
}

/// The grant of an account to an app through one login, revoked ones included.
pub fn grant(
    connection: &Connection,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
) -> Result<Option<Grant>, StoreError> {
    let mut statement = connection.prepare_cached(GRANT)?;
    let mut rows = statement.query(params![app.0, account.0, flow.name()])?;
    rows.next()?.map(read_grant).transpose()
}

/// The grant with this key.
pub fn grant_by_key(connection: &Connection, key: GrantKey) -> Result<Option<Grant>, StoreError> {
    let mut statement = connection.prepare_cached(GRANT_BY_KEY)?;
    let mut rows = statement.query([key.0])?;
    rows.next()?.map(read_grant).transpose()
}

/// Every grant of an account, oldest first.
pub fn grants_of_account(connection: &Connection, account: AccountKey) -> Result<Vec<Grant>, StoreError> {
    let mut statement = connection.prepare_cached(GRANTS_OF_ACCOUNT)?;
    let mut rows = statement.query([account.0])?;
    let mut grants = Vec::new();
    while let Some(row) = rows.next()? {
        grants.push(read_grant(row)?);
    }
    Ok(grants)
}

/// Replaces granted and declined permissions.
pub fn put_scopes(tx: &Tx<'_>, grant: GrantKey, scopes: &[String], declined: &[String]) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(PUT_SCOPES)?
        .execute(params![grant.0, json_list(scopes), json_list(declined)])?;
    Ok(())
}

/// Revokes a grant: permissions gone, tokens dead with this subcode of error 190 (458: the owner removed the app).
pub fn revoke(tx: &Tx<'_>, grant: GrantKey, subcode: u32, now_ms: i64) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(REVOKE)?.execute(params![grant.0, now_ms])?;
    tx.prepare_cached(KILL_TOKENS)?
        .execute(params![grant.0, subcode, now_ms])?;
    Ok(())
}

/// Kills one token with this subcode of error 190.
pub fn kill_token(tx: &Tx<'_>, token: &str, subcode: u32, now_ms: i64) -> Result<bool, StoreError> {
    tx.identities_changed();
    Ok(tx
        .prepare_cached(KILL_TOKEN)?
        .execute(params![token, subcode, now_ms])?
        == 1)
}

/// Issues a token. False when that token text exists already.
pub fn insert_token(tx: &Tx<'_>, token: &Token) -> Result<bool, StoreError> {
    let params = params![
        token.token,
        token.grant.0,
        token.kind.as_str(),
        token.issued_at_ms,
        token.expires_at_ms
    ];
    Ok(tx.prepare_cached(INSERT_TOKEN)?.execute(params)? == 1)
}

/// Moves the end of a token's life (refresh).
pub fn extend_token(tx: &Tx<'_>, token: &str, expires_at_ms: i64, now_ms: i64) -> Result<bool, StoreError> {
    tx.identities_changed();
    Ok(tx
        .prepare_cached(EXTEND_TOKEN)?
        .execute(params![token, expires_at_ms, now_ms])?
        == 1)
}

/// Every token of a grant, oldest first, dead ones included.
pub fn tokens_of_grant(connection: &Connection, grant: GrantKey) -> Result<Vec<Token>, StoreError> {
    let mut statement = connection.prepare_cached(TOKENS_OF_GRANT)?;
    let mut rows = statement.query([grant.0])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        tokens.push(read_token(row)?);
    }
    Ok(tokens)
}

/// The newest token of the grant's Page that is alive; a grant that was taken back has none.
pub fn page_token(connection: &Connection, grant: GrantKey) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached(PAGE_TOKEN)?;
    Ok(statement.query_row([grant.0], |row| row.get(0)).optional()?)
}

/// Who presents this token; `None` when it is unknown. Dead and expired tokens are answered too: the caller tells why they fail.
pub fn caller(connection: &Connection, token: &str) -> Result<Option<Caller>, StoreError> {
    let mut statement = connection.prepare_cached(CALLER)?;
    let mut rows = statement.query([token])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let token = read_token(row)?;
    let account_key = AccountKey(row.get(6)?);
    let Some(account) = accounts::by_key(connection, account_key)? else {
        return Ok(None);
    };
    Ok(Some(Caller {
        token,
        account,
        app: AppKey(row.get(7)?),
        app_name: row.get(8)?,
        scopes: list_from_json("scopes", row.get(9)?)?,
        access: Access {
            standard: list_from_json("standard access", row.get(12)?)?,
            in_development: row.get(13)?,
            has_role: row.get::<_, Option<bool>>(14)?.unwrap_or(false),
        },
        proof_required: row.get(15)?,
        app_scoped_id: AppScopedId::new(row.get::<_, String>(10)?),
        facebook_user_id: FacebookUserId::new(row.get::<_, String>(11)?),
    }))
}

/// The account as this app sees it, if they ever met.
pub fn app_scoped_ids(
    connection: &Connection,
    app: AppKey,
    account: AccountKey,
) -> Result<Option<AppScopedIds>, StoreError> {
    Ok(connection
        .prepare_cached(APP_SCOPED)?
        .query_row(params![app.0, account.0], |row| {
            Ok(AppScopedIds {
                instagram_user_id: AppScopedId::new(row.get::<_, String>(0)?),
                facebook_user_id: FacebookUserId::new(row.get::<_, String>(1)?),
            })
        })
        .optional()?)
}

/// Fixes how an app sees an account.
pub fn insert_app_scoped_ids(
    tx: &Tx<'_>,
    app: AppKey,
    account: AccountKey,
    ids: &AppScopedIds,
) -> Result<(), StoreError> {
    tx.identities_changed();
    let params = params![
        app.0,
        account.0,
        ids.instagram_user_id.as_str(),
        ids.facebook_user_id.as_str()
    ];
    tx.prepare_cached(PUT_APP_SCOPED)?.execute(params)?;
    Ok(())
}

/// Whose app-scoped id this is.
pub fn behind_app_scoped_id(connection: &Connection, id: &str) -> Result<Option<(AppKey, AccountKey)>, StoreError> {
    Ok(connection
        .prepare_cached(BEHIND_APP_SCOPED)?
        .query_row([id], |row| Ok((AppKey(row.get(0)?), AccountKey(row.get(1)?))))
        .optional()?)
}

/// Installs webhooks of an account for an app: the field list replaces the one before, and a disabled install works again.
pub fn put_install(
    tx: &Tx<'_>,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
    fields: &[String],
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(PUT_INSTALL)?
        .execute(params![app.0, account.0, flow.name(), json_list(fields), now_ms])?;
    Ok(())
}

/// The account's subscribed fields, `None` when webhooks are not installed.
pub fn install(
    connection: &Connection,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
) -> Result<Option<Vec<String>>, StoreError> {
    let fields: Option<String> = connection
        .prepare_cached(INSTALL)?
        .query_row(params![app.0, account.0, flow.name()], |row| row.get(0))
        .optional()?;
    fields.map(|text| list_from_json("install fields", text)).transpose()
}

/// Stops telling an account's webhooks until they are installed again.
pub fn disable_install(
    tx: &Tx<'_>,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(DISABLE_INSTALL)?
        .execute(params![app.0, account.0, flow.name(), now_ms])?;
    Ok(())
}

/// Removes the install.
pub fn delete_install(tx: &Tx<'_>, app: AppKey, account: AccountKey, flow: LoginFlow) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(DELETE_INSTALL)?
        .execute(params![app.0, account.0, flow.name()])?
        == 1)
}

pub(crate) fn flow_from_name(name: String) -> Result<LoginFlow, StoreError> {
    LoginFlow::from_name(&name).ok_or(StoreError::Corrupt {
        what: "login flow",
        value: name,
    })
}

fn read_grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        key: GrantKey(row.get(0)?),
        app: AppKey(row.get(1)?),
        account: AccountKey(row.get(2)?),
        flow: flow_from_name(row.get(3)?)?,
        scopes: list_from_json("scopes", row.get(4)?)?,
        declined: list_from_json("declined scopes", row.get(5)?)?,
        revoked_at_ms: row.get(6)?,
    })
}

fn read_token(row: &Row<'_>) -> Result<Token, StoreError> {
    let kind: String = row.get(2)?;
    Ok(Token {
        token: row.get(0)?,
        grant: GrantKey(row.get(1)?),
        kind: TokenKind::parse(&kind).ok_or(StoreError::Corrupt {
            what: "token kind",
            value: kind,
        })?,
        issued_at_ms: row.get(3)?,
        expires_at_ms: row.get(4)?,
        invalid_subcode: row.get(5)?,
    })
}
