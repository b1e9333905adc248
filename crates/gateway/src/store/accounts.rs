//! Connected accounts and their tokens.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{AppScopedId, IgScopedId, IgUserId, PageId};

use super::StoreError;

/// Whether anybody but the owner is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everybody is answered.
    Live,
    /// Nobody but the owner is answered.
    PreviewOnly,
}

/// When the owner herself is answered in her self thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfMode {
    /// Always.
    Always,
    /// While a preview is open.
    Session,
    /// Never.
    Off,
}

impl Mode {
    /// The name it is stored by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::PreviewOnly => "preview_only",
        }
    }

    fn from_name(name: &str) -> Self {
        if name == "live" { Self::Live } else { Self::PreviewOnly }
    }
}

impl SelfMode {
    /// The name it is stored by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Session => "session",
            Self::Off => "off",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "always" => Self::Always,
            "session" => Self::Session,
            _ => Self::Off,
        }
    }
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The Instagram user id: `entry.id` of its webhooks.
    pub ig_id: IgUserId,
    /// Its username, without `@`.
    pub username: String,
    /// Its display name.
    pub name: Option<String>,
    /// `BUSINESS` or `MEDIA_CREATOR`, where told.
    pub account_type: Option<String>,
    /// A picture; the address expires.
    pub profile_picture_url: Option<String>,
    /// `id` of `/me`: the account as our app sees it.
    pub app_scoped_id: Option<AppScopedId>,
    /// The account as it sees itself; known from its first self event on.
    pub self_igsid: Option<IgScopedId>,
    /// The linked Page.
    pub page_id: Option<PageId>,
    /// Whether anybody but the owner is answered.
    pub mode: Mode,
    /// When the owner herself is answered.
    pub self_mode: SelfMode,
    /// When it was connected first, world time.
    pub connected_at: Timestamp,
}

/// A token, sealed, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose.
    pub account: IgUserId,
    /// Which login it came from.
    pub flow: LoginFlow,
    /// The token itself; see [`crate::sealing`].
    pub sealed: Vec<u8>,
    /// What it may do; `None` when Instagram was not asked.
    pub scopes: Option<Vec<String>>,
    /// When we got it, world time.
    pub obtained_at: Timestamp,
    /// When it ends, world time; `None`: never, or unknown.
    pub expires_at: Option<Timestamp>,
    /// Why it does not work any more.
    pub broken: Option<String>,
    /// The webhook fields that are installed; `None`: none.
    pub subscribed_fields: Option<Vec<String>>,
    /// Why webhooks could not be installed.
    pub webhook_error: Option<String>,
}

/// The account of that Instagram user id.
pub fn find(connection: &Connection, account: &IgUserId) -> Result<Option<Account>, StoreError> {
    const SQL: &str = "SELECT account, username, name, account_type, profile_picture_url, app_scoped_id,
        self_igsid, page_id, mode, self_mode, connected_at_ms FROM accounts WHERE account = ?1";
    let found = connection
        .prepare_cached(SQL)?
        .query_row([account.as_str()], read_account)
        .optional()?;
    Ok(found)
}

/// The account that a caller names: by username (with or without `@`), or by any of its ids.
pub fn find_by_any_name(connection: &Connection, name: &str) -> Result<Option<Account>, StoreError> {
    const SQL: &str = "SELECT account, username, name, account_type, profile_picture_url, app_scoped_id,
        self_igsid, page_id, mode, self_mode, connected_at_ms FROM accounts
        WHERE account = ?1 OR lower(username) = lower(?2) OR app_scoped_id = ?1 OR page_id = ?1
            OR self_igsid = ?1 LIMIT 1";
    let username = name.trim_start_matches('@');
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![name, username], read_account)
        .optional()?;
    Ok(found)
}

/// The accounts that an app-scoped user id of a signed request means: Meta's page does not say which
/// of the two ids it is, so both are compared.
pub fn find_by_signed_user_id(connection: &Connection, user_id: &str) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = "SELECT account, username, name, account_type, profile_picture_url, app_scoped_id,
        self_igsid, page_id, mode, self_mode, connected_at_ms FROM accounts
        WHERE account = ?1 OR app_scoped_id = ?1";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([user_id], read_account)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every connected account, by username.
pub fn list(connection: &Connection) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = "SELECT account, username, name, account_type, profile_picture_url, app_scoped_id,
        self_igsid, page_id, mode, self_mode, connected_at_ms FROM accounts ORDER BY username, account";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([], read_account)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Connected accounts after the one of that Instagram user id, in the order of these ids, which never
/// changes.
pub fn list_after(connection: &Connection, after: &str, limit: u32) -> Result<Vec<Account>, StoreError> {
    const SQL: &str = "SELECT account, username, name, account_type, profile_picture_url, app_scoped_id,
        self_igsid, page_id, mode, self_mode, connected_at_ms FROM accounts WHERE account > ?1
        ORDER BY account LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![after, limit], read_account)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Connects an account, or learns its newer profile. What is unknown now but was known stays; `mode`
/// and `self_mode` are those of a new account.
pub fn connect(tx: &Tx<'_>, account: &Account) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO accounts (account, username, name, account_type, profile_picture_url,
            app_scoped_id, self_igsid, page_id, mode, self_mode, connected_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (account) DO UPDATE SET
            username = excluded.username,
            name = coalesce(excluded.name, name),
            account_type = coalesce(excluded.account_type, account_type),
            profile_picture_url = coalesce(excluded.profile_picture_url, profile_picture_url),
            app_scoped_id = coalesce(excluded.app_scoped_id, app_scoped_id),
            self_igsid = coalesce(excluded.self_igsid, self_igsid),
            page_id = coalesce(excluded.page_id, page_id)";
    tx.prepare_cached(SQL)?.execute(params![
        account.ig_id.as_str(),
        account.username,
        account.name,
        account.account_type,
        account.profile_picture_url,
        account.app_scoped_id.as_ref().map(AppScopedId::as_str),
        account.self_igsid.as_ref().map(IgScopedId::as_str),
        account.page_id.as_ref().map(PageId::as_str),
        account.mode.as_str(),
        account.self_mode.as_str(),
        account.connected_at.as_millisecond(),
    ])?;
    Ok(())
}

/// Disconnects an account: its row and its tokens. Answers whether it was connected.
pub fn disconnect(tx: &Tx<'_>, account: &IgUserId) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM accounts WHERE account = ?1";
    Ok(tx.prepare_cached(SQL)?.execute([account.as_str()])? > 0)
}

/// Remembers the account as it sees itself. Answers whether that is news.
pub fn learn_self_igsid(tx: &Tx<'_>, account: &IgUserId, self_igsid: &IgScopedId) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE accounts SET self_igsid = ?2 WHERE account = ?1 AND self_igsid IS NOT ?2";
    Ok(tx
        .prepare_cached(SQL)?
        .execute(params![account.as_str(), self_igsid.as_str()])?
        > 0)
}

/// Until when a preview of the account is open, process time in milliseconds.
pub fn preview_until_ms(connection: &Connection, account: &IgUserId) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT preview_until_ms FROM accounts WHERE account = ?1";
    let found: Option<i64> = connection
        .prepare_cached(SQL)?
        .query_row([account.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Keeps a preview of the account open until then, process time in milliseconds.
pub fn open_preview(tx: &Tx<'_>, account: &IgUserId, until_ms: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE accounts SET preview_until_ms = max(preview_until_ms, ?2) WHERE account = ?1";
    tx.prepare_cached(SQL)?.execute(params![account.as_str(), until_ms])?;
    Ok(())
}

/// Changes whom an account answers.
pub fn set_modes(
    tx: &Tx<'_>,
    account: &IgUserId,
    mode: Option<Mode>,
    self_mode: Option<SelfMode>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE accounts SET mode = coalesce(?2, mode), self_mode = coalesce(?3, self_mode)
        WHERE account = ?1";
    tx.prepare_cached(SQL)?.execute(params![
        account.as_str(),
        mode.map(Mode::as_str),
        self_mode.map(SelfMode::as_str)
    ])?;
    Ok(())
}

/// Keeps a token, in place of the one of the same login.
pub fn keep_token(tx: &Tx<'_>, token: &TokenRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO account_tokens (account, flow, sealed, scopes, obtained_at_ms, expires_at_ms,
            broken, subscribed_fields, webhook_error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (account, flow) DO UPDATE SET sealed = excluded.sealed, scopes = excluded.scopes,
            obtained_at_ms = excluded.obtained_at_ms, expires_at_ms = excluded.expires_at_ms,
            broken = excluded.broken, subscribed_fields = excluded.subscribed_fields,
            webhook_error = excluded.webhook_error";
    tx.prepare_cached(SQL)?.execute(params![
        token.account.as_str(),
        token.flow.name(),
        token.sealed,
        token.scopes.as_ref().map(|scopes| to_json(scopes)),
        token.obtained_at.as_millisecond(),
        token.expires_at.map(Timestamp::as_millisecond),
        token.broken,
        token.subscribed_fields.as_ref().map(|fields| to_json(fields)),
        token.webhook_error,
    ])?;
    Ok(())
}

/// The tokens of an account, the Instagram login's first.
pub fn tokens(connection: &Connection, account: &IgUserId) -> Result<Vec<TokenRow>, StoreError> {
    const SQL: &str = "SELECT account, flow, sealed, scopes, obtained_at_ms, expires_at_ms, broken,
        subscribed_fields, webhook_error FROM account_tokens WHERE account = ?1 ORDER BY flow DESC";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([account.as_str()], read_token)?;
    Ok(rows
        .collect::<rusqlite::Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// The token that calls for this account use: one that works, of this login where one is given, else the
/// Instagram login's before the other; `None` when there is none that works.
pub fn working_token(
    connection: &Connection,
    account: &IgUserId,
    flow: Option<LoginFlow>,
) -> Result<Option<TokenRow>, StoreError> {
    Ok(tokens(connection, account)?
        .into_iter()
        .find(|token| token.broken.is_none() && flow.is_none_or(|flow| flow == token.flow)))
}

/// Every token.
pub fn all_tokens(connection: &Connection) -> Result<Vec<TokenRow>, StoreError> {
    const SQL: &str = "SELECT account, flow, sealed, scopes, obtained_at_ms, expires_at_ms, broken,
        subscribed_fields, webhook_error FROM account_tokens ORDER BY account, flow DESC";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([], read_token)?;
    Ok(rows
        .collect::<rusqlite::Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// Marks a token as not working any more, unless it has been replaced meanwhile.
pub fn break_token(tx: &Tx<'_>, account: &IgUserId, flow: LoginFlow, reason: &str) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE account_tokens SET broken = ?3 WHERE account = ?1 AND flow = ?2 AND broken IS NULL";
    Ok(tx
        .prepare_cached(SQL)?
        .execute(params![account.as_str(), flow.name(), reason])?
        > 0)
}

/// Replaces the sealed form of a token and nothing else.
pub fn reseal_token(tx: &Tx<'_>, account: &IgUserId, flow: LoginFlow, sealed: &[u8]) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE account_tokens SET sealed = ?3 WHERE account = ?1 AND flow = ?2";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), flow.name(), sealed])?;
    Ok(())
}

/// Remembers which webhook fields are installed, or why they could not be.
pub fn set_webhooks(
    tx: &Tx<'_>,
    account: &IgUserId,
    flow: LoginFlow,
    outcome: &Result<Vec<String>, String>,
) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE account_tokens SET subscribed_fields = ?3, webhook_error = ?4
        WHERE account = ?1 AND flow = ?2";
    let (fields, error) = match outcome {
        Ok(fields) => (Some(to_json(fields)), None),
        Err(error) => (None, Some(error)),
    };
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), flow.name(), fields, error])?;
    Ok(())
}

/// Notes a request to delete somebody's data, and that it was done.
pub fn note_deletion(tx: &Tx<'_>, confirmation_code: &str, now: Timestamp) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO data_deletions (confirmation_code, requested_at_ms, completed_at_ms)
        VALUES (?1, ?2, ?2)";
    tx.prepare_cached(SQL)?
        .execute(params![confirmation_code, now.as_millisecond()])?;
    Ok(())
}

/// When the deletion of that confirmation code was completed.
pub fn find_deletion(connection: &Connection, confirmation_code: &str) -> Result<Option<Timestamp>, StoreError> {
    const SQL: &str = "SELECT completed_at_ms FROM data_deletions WHERE confirmation_code = ?1";
    let found: Option<Option<i64>> = connection
        .prepare_cached(SQL)?
        .query_row([confirmation_code], |row| row.get(0))
        .optional()?;
    Ok(found.flatten().and_then(|at| Timestamp::from_millisecond(at).ok()))
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        ig_id: IgUserId::new(row.get::<_, String>(0)?),
        username: row.get(1)?,
        name: row.get(2)?,
        account_type: row.get(3)?,
        profile_picture_url: row.get(4)?,
        app_scoped_id: row.get::<_, Option<String>>(5)?.map(AppScopedId::new),
        self_igsid: row.get::<_, Option<String>>(6)?.map(IgScopedId::new),
        page_id: row.get::<_, Option<String>>(7)?.map(PageId::new),
        mode: Mode::from_name(&row.get::<_, String>(8)?),
        self_mode: SelfMode::from_name(&row.get::<_, String>(9)?),
        connected_at: to_timestamp(row.get(10)?),
    })
}

/// `None` for a flow that this program does not know.
fn read_token(row: &Row<'_>) -> rusqlite::Result<Option<TokenRow>> {
    let flow: String = row.get(1)?;
    let Some(flow) = LoginFlow::from_name(&flow) else {
        return Ok(None);
    };
    Ok(Some(TokenRow {
        account: IgUserId::new(row.get::<_, String>(0)?),
        flow,
        sealed: row.get(2)?,
        scopes: row.get::<_, Option<String>>(3)?.map(|json| from_json(&json)),
        obtained_at: to_timestamp(row.get(4)?),
        expires_at: row.get::<_, Option<i64>>(5)?.map(to_timestamp),
        broken: row.get(6)?,
        subscribed_fields: row.get::<_, Option<String>>(7)?.map(|json| from_json(&json)),
        webhook_error: row.get(8)?,
    }))
}

fn to_timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn to_json(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

fn from_json(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
