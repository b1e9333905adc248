//! Published versions of the automations, and the drafts of single accounts.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// A version that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedVersion {
    /// Its number.
    pub id: i64,
    /// The account it is for; `None`: every account.
    pub account: Option<IgUserId>,
    /// The digest of its text.
    pub version: String,
    /// Its text.
    pub text: String,
    /// When, world time.
    pub published_at: Timestamp,
    /// `first_start`, `api`, `studio`, `roll_back` or `preview`.
    pub published_by: String,
}

/// Publishes a version and answers its number.
pub fn publish(
    tx: &Tx<'_>,
    account: Option<&IgUserId>,
    version: &str,
    text: &str,
    now: Timestamp,
    published_by: &str,
) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO published_automations (account, version, text, published_at_ms, published_by)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(SQL)?.execute(params![
        account.map(IgUserId::as_str),
        version,
        text,
        now.as_millisecond(),
        published_by
    ])?;
    Ok(tx.last_insert_rowid())
}

/// What is live: the newest version for every account, and the newest of each account that has one.
pub fn live(connection: &Connection) -> Result<Vec<PublishedVersion>, StoreError> {
    const SQL: &str = "SELECT id, account, version, text, published_at_ms, published_by FROM published_automations
        WHERE id IN (SELECT max(id) FROM published_automations GROUP BY account)";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([], read_version)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The published versions of an account (`None`: of all) with a number below `before`, newest first.
pub fn history(
    connection: &Connection,
    account: Option<&IgUserId>,
    before: i64,
    limit: u32,
) -> Result<Vec<PublishedVersion>, StoreError> {
    const SQL: &str = "SELECT id, account, version, text, published_at_ms, published_by FROM published_automations
        WHERE account IS ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![account.map(IgUserId::as_str), before, limit], read_version)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The published version of that number.
pub fn find(connection: &Connection, id: i64) -> Result<Option<PublishedVersion>, StoreError> {
    const SQL: &str = "SELECT id, account, version, text, published_at_ms, published_by
        FROM published_automations WHERE id = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([id], read_version)
        .optional()?)
}

/// Keeps the draft of one account.
pub fn keep_draft(tx: &Tx<'_>, account: &IgUserId, text: &str, now: Timestamp) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO draft_automations (account, text, updated_at_ms) VALUES (?1, ?2, ?3)
        ON CONFLICT (account) DO UPDATE SET text = excluded.text, updated_at_ms = excluded.updated_at_ms";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), text, now.as_millisecond()])?;
    Ok(())
}

/// Forgets what belongs to one account only: its draft and its published versions.
pub fn forget_account(tx: &Tx<'_>, account: &IgUserId) -> Result<(), StoreError> {
    const DRAFT: &str = "DELETE FROM draft_automations WHERE account = ?1";
    const PUBLISHED: &str = "DELETE FROM published_automations WHERE account = ?1";
    tx.prepare_cached(DRAFT)?.execute([account.as_str()])?;
    tx.prepare_cached(PUBLISHED)?.execute([account.as_str()])?;
    Ok(())
}

/// The drafts of single accounts.
pub fn drafts(connection: &Connection) -> Result<Vec<(IgUserId, String)>, StoreError> {
    const SQL: &str = "SELECT account, text FROM draft_automations";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([], |row| Ok((IgUserId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<PublishedVersion> {
    Ok(PublishedVersion {
        id: row.get(0)?,
        account: row.get::<_, Option<String>>(1)?.map(IgUserId::new),
        version: row.get(2)?,
        text: row.get(3)?,
        published_at: Timestamp::from_millisecond(row.get(4)?).unwrap_or(Timestamp::UNIX_EPOCH),
        published_by: row.get(5)?,
    })
}
