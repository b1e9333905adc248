//! Keys of the API, by their digests.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;

use super::StoreError;
use crate::api_key::{ApiKeyDigest, Scope};

/// Keys that are kept, revoked ones included.
pub const KEYS_MAX: i64 = 1_000;

/// A key, without what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made, world time.
    pub created_at: Timestamp,
    /// When it was last used, world time, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, world time.
    pub revoked_at: Option<Timestamp>,
}

/// A key about to be kept.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// Its first characters.
    pub hint: String,
    /// What stands for it.
    pub digest: ApiKeyDigest,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// World time in milliseconds.
    pub created_at_ms: i64,
}

/// Keeps a key and answers its number; `None` when there are [`KEYS_MAX`] already.
pub fn insert(tx: &Tx<'_>, key: &NewApiKey) -> Result<Option<i64>, StoreError> {
    const COUNT: &str = "SELECT count(*) FROM api_keys";
    const INSERT: &str = "INSERT INTO api_keys (name, hint, digest, scopes, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    let count: i64 = tx.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    if count >= KEYS_MAX {
        return Ok(None);
    }
    let scopes = serde_json::to_string(&key.scopes).unwrap_or_default();
    tx.prepare_cached(INSERT)?.execute(params![
        key.name,
        key.hint,
        key.digest.as_bytes(),
        scopes,
        key.created_at_ms
    ])?;
    Ok(Some(tx.last_insert_rowid()))
}

/// The key of that digest, revoked or not.
pub fn find(connection: &Connection, digest: &ApiKeyDigest) -> Result<Option<ApiKeyRow>, StoreError> {
    const SQL: &str = "SELECT id, name, hint, scopes, created_at_ms, last_used_at_ms, revoked_at_ms
        FROM api_keys WHERE digest = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([digest.as_bytes()], read_row)
        .optional()?)
}

/// Keys after that number, oldest first.
pub fn list(connection: &Connection, after: i64, limit: u32) -> Result<Vec<ApiKeyRow>, StoreError> {
    const SQL: &str = "SELECT id, name, hint, scopes, created_at_ms, last_used_at_ms, revoked_at_ms
        FROM api_keys WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![after, limit], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes that a key was used.
pub fn touch(tx: &Tx<'_>, id: i64, now_ms: i64) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE api_keys SET last_used_at_ms = ?2 WHERE id = ?1";
    tx.prepare_cached(SQL)?.execute(params![id, now_ms])?;
    Ok(())
}

/// Revokes a key; `false` when there is none of that number that works.
pub fn revoke(tx: &Tx<'_>, id: i64, now_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE api_keys SET revoked_at_ms = ?2 WHERE id = ?1 AND revoked_at_ms IS NULL";
    Ok(tx.prepare_cached(SQL)?.execute(params![id, now_ms])? == 1)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<ApiKeyRow> {
    let scopes: String = row.get(3)?;
    let time = |milliseconds: i64| Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(ApiKeyRow {
        id: row.get(0)?,
        name: row.get(1)?,
        hint: row.get(2)?,
        scopes: serde_json::from_str(&scopes).unwrap_or_default(),
        created_at: time(row.get(4)?),
        last_used_at: row.get::<_, Option<i64>>(5)?.map(time),
        revoked_at: row.get::<_, Option<i64>>(6)?.map(time),
    })
}
