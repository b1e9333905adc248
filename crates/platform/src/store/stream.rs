//! The persistent sequence behind `/_sim/stream`.

use rusqlite::{Connection, params};

use super::StoreError;
use crate::hub::{StreamEvent, StreamItem};

const APPEND: &str = "INSERT INTO stream (event, subject, at_ms) VALUES (?1, ?2, ?3)";
pub(super) const AFTER: &str = "SELECT id, event, subject FROM stream WHERE id > ?1 ORDER BY id LIMIT ?2";
const LAST: &str = "SELECT coalesce(max(id), 0) FROM stream";

/// Adds one row and returns its number. Callers use `Tx::tell`, which also tells the hub.
pub(crate) fn append(connection: &Connection, event: StreamEvent, subject: i64, at_ms: i64) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(APPEND)?
        .insert(params![event.as_str(), subject, at_ms])
}

/// Rows made after `after`, oldest first.
pub fn after(connection: &Connection, after: i64, limit: usize) -> Result<Vec<StreamItem>, StoreError> {
    let mut statement = connection.prepare_cached(AFTER)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![after, limit])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let event = StreamEvent::parse(&name).ok_or(StoreError::Corrupt {
            what: "stream event",
            value: name,
        })?;
        items.push(StreamItem {
            id: row.get(0)?,
            event,
            subject: row.get(2)?,
        });
    }
    Ok(items)
}

/// The last number given out; 0 in a new world.
pub fn last(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached(LAST)?.query_row([], |row| row.get(0))?)
}
