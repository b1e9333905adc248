//! Bodies whose signature failed: a bounded record to find out why.

use rusqlite::{Connection, Row, params};
use selfsame_runtime::db::Tx;
use serde::Serialize;

use super::StoreError;

/// How many are kept; older ones make room.
const KEPT: i64 = 1_000;
/// How much of a body is kept.
pub const HEAD_BYTES: usize = 256;

/// One refused body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedSignature {
    /// Its number.
    pub id: i64,
    /// Process time in milliseconds.
    pub received_at_ms: i64,
    /// Length of the whole body.
    pub length_bytes: i64,
    /// The first bytes of the body, as text.
    pub head: String,
    /// What was wrong with the signature.
    pub reason: String,
    /// The names of the secrets that were tried.
    pub secrets_tried: String,
}

/// Records one, and forgets the oldest beyond the limit.
pub fn record(
    tx: &Tx<'_>,
    received_at_ms: i64,
    body: &[u8],
    reason: &str,
    secrets_tried: &str,
) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO failed_signatures
        (received_at_ms, length_bytes, head, reason, secrets_tried) VALUES (?1, ?2, ?3, ?4, ?5)";
    const FORGET: &str = "DELETE FROM failed_signatures WHERE id <= ?1";
    let head = body.get(..HEAD_BYTES).unwrap_or(body);
    let length = i64::try_from(body.len()).unwrap_or(i64::MAX);
    tx.prepare_cached(INSERT)?
        .execute(params![received_at_ms, length, head, reason, secrets_tried])?;
    let newest = tx.last_insert_rowid();
    tx.prepare_cached(FORGET)?.execute([newest.saturating_sub(KEPT)])?;
    Ok(())
}

/// Whether one is kept.
pub fn has_any(connection: &Connection) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM failed_signatures LIMIT 1";
    Ok(connection.prepare_cached(SQL)?.exists([])?)
}

/// The newest ones first.
pub fn list(connection: &Connection, limit: u32) -> Result<Vec<FailedSignature>, StoreError> {
    const SQL: &str = "SELECT id, received_at_ms, length_bytes, head, reason, secrets_tried
        FROM failed_signatures ORDER BY id DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([limit], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those after that number, oldest first.
pub fn list_after(connection: &Connection, after: i64, limit: u32) -> Result<Vec<FailedSignature>, StoreError> {
    const SQL: &str = "SELECT id, received_at_ms, length_bytes, head, reason, secrets_tried
        FROM failed_signatures WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![after, limit], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<FailedSignature> {
    let head: Vec<u8> = row.get(3)?;
    Ok(FailedSignature {
        id: row.get(0)?,
        received_at_ms: row.get(1)?,
        length_bytes: row.get(2)?,
        head: String::from_utf8_lossy(&head).into_owned(),
        reason: row.get(4)?,
        secrets_tried: row.get(5)?,
    })
}
