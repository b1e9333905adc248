//! Raw webhook bodies and the splitter's cursor over them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;

use super::StoreError;

/// Largest number of rows that one pass of the retention removes.
const RETENTION_BATCH: i64 = 1_000;

/// The `signed_with` of bodies that the reconciler brought in.
pub const RECONCILER: &str = "reconciler";

/// A body that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawDelivery {
    /// Its number; later bodies have higher ones.
    pub id: i64,
    /// Process time in milliseconds.
    pub received_at_ms: i64,
    /// World time in milliseconds.
    pub received_world_ms: i64,
    /// Whether the reconciler brought it in.
    pub is_reconciled: bool,
    /// The bytes as received.
    pub body: Vec<u8>,
}

/// Appends a body: the one write before a webhook is answered 200.
pub fn append(
    tx: &Tx<'_>,
    received_at_ms: i64,
    received_world_ms: i64,
    signed_with: &str,
    body: &[u8],
) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO raw_deliveries (received_at_ms, received_world_ms, signed_with, body)
        VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(SQL)?
        .execute(params![received_at_ms, received_world_ms, signed_with, body])?;
    Ok(tx.last_insert_rowid())
}

/// Whose app secret had signed a body: `instagram` or `facebook`; none once it was forgotten.
pub fn signed_with(connection: &Connection, id: i64) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT signed_with FROM raw_deliveries WHERE id = ?1";
    let found = connection.prepare_cached(SQL)?.query_row([id], |row| row.get(0));
    Ok(found.optional()?)
}

/// The last body that was split.
pub fn split_until(connection: &Connection) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT delivery_id FROM split_cursor WHERE only = 1";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Moves the cursor; `false` when it does not stand at `from`, so somebody else has split these bodies.
pub fn move_cursor(tx: &Tx<'_>, from: i64, to: i64) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE split_cursor SET delivery_id = ?2 WHERE only = 1 AND delivery_id = ?1";
    Ok(tx.prepare_cached(SQL)?.execute(params![from, to])? == 1)
}

/// Bodies after `after`, oldest first.
pub fn list_after(connection: &Connection, after: i64, limit: u32) -> Result<Vec<RawDelivery>, StoreError> {
    const SQL: &str = "SELECT id, received_at_ms, received_world_ms, signed_with, body FROM raw_deliveries
        WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![after, limit], read_delivery)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One body, as long as it is kept.
pub fn find(connection: &Connection, id: i64) -> Result<Option<RawDelivery>, StoreError> {
    const SQL: &str = "SELECT id, received_at_ms, received_world_ms, signed_with, body FROM raw_deliveries
        WHERE id = ?1";
    let found = connection.prepare_cached(SQL)?.query_row([id], read_delivery);
    Ok(found.optional()?)
}

fn read_delivery(row: &Row<'_>) -> rusqlite::Result<RawDelivery> {
    Ok(RawDelivery {
        id: row.get(0)?,
        received_at_ms: row.get(1)?,
        received_world_ms: row.get(2)?,
        is_reconciled: row.get::<_, String>(3)? == RECONCILER,
        body: row.get(4)?,
    })
}

/// How many bodies wait to be split.
pub fn count_unsplit(connection: &Connection) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT count(*) FROM raw_deliveries
        WHERE id > (SELECT delivery_id FROM split_cursor WHERE only = 1)";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Forgets bodies that were split and came in before `before_ms` (process time), a bounded number at a
/// time, and answers how many. The newest split one stays, so that ids are never used again.
pub fn forget_before(tx: &Tx<'_>, before_ms: i64) -> Result<usize, StoreError> {
    const SQL: &str = "DELETE FROM raw_deliveries WHERE id IN (
        SELECT id FROM raw_deliveries
        WHERE id < (SELECT delivery_id FROM split_cursor WHERE only = 1) AND received_at_ms < ?1
        ORDER BY id LIMIT ?2)";
    Ok(tx.prepare_cached(SQL)?.execute(params![before_ms, RETENTION_BATCH])?)
}

/// A body as it is listed, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliverySummary {
    /// Its number.
    pub id: i64,
    /// World time in milliseconds.
    pub received_world_ms: i64,
    /// The name of the secret that signed it; `reconciler` for what was asked for and never delivered.
    pub signed_with: String,
    /// Its length.
    pub length_bytes: i64,
    /// Whether it was split into events.
    pub is_split: bool,
}

/// Bodies after `after`, oldest first, as long as they are kept; `dead`: only those with an event that
/// could not be decided.
pub fn list_summaries(
    connection: &Connection,
    after: i64,
    limit: u32,
    dead: bool,
) -> Result<Vec<DeliverySummary>, StoreError> {
    const ALL: &str = "SELECT id, received_world_ms, signed_with, length(body),
            id <= (SELECT delivery_id FROM split_cursor WHERE only = 1)
        FROM raw_deliveries WHERE id > ?1 ORDER BY id LIMIT ?2";
    const DEAD: &str = "SELECT id, received_world_ms, signed_with, length(body), 1 FROM raw_deliveries
        WHERE id IN (SELECT DISTINCT delivery_id FROM events
            WHERE state IN ('failed', 'unknown_account') AND delivery_id > ?1 ORDER BY delivery_id LIMIT ?2)
        ORDER BY id";
    let mut statement = connection.prepare_cached(if dead { DEAD } else { ALL })?;
    let rows = statement.query_map(params![after, limit], read_summary)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One body as it is listed.
pub fn find_summary(connection: &Connection, id: i64) -> Result<Option<DeliverySummary>, StoreError> {
    const SQL: &str = "SELECT id, received_world_ms, signed_with, length(body),
            id <= (SELECT delivery_id FROM split_cursor WHERE only = 1)
        FROM raw_deliveries WHERE id = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([id], read_summary)
        .optional()?)
}

fn read_summary(row: &Row<'_>) -> rusqlite::Result<DeliverySummary> {
    Ok(DeliverySummary {
        id: row.get(0)?,
        received_world_ms: row.get(1)?,
        signed_with: row.get(2)?,
        length_bytes: row.get(3)?,
        is_split: row.get(4)?,
    })
}

/// When the oldest body that waits to be split came in, process time in milliseconds.
pub fn oldest_unsplit_ms(connection: &Connection) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT received_at_ms FROM raw_deliveries
        WHERE id > (SELECT delivery_id FROM split_cursor WHERE only = 1) ORDER BY id LIMIT 1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([], |row| row.get(0))
        .optional()?)
}
