//! Forgetting: small steps from the oldest row on, so that nobody's commit waits for long.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};

/// Rows looked at in one step.
const STEP_ROWS: i64 = 200;

const NEWEST_CALL: &str = "SELECT coalesce(max(id), 0) FROM calls";
const NEWEST_DELIVERY: &str = "SELECT coalesce(max(id), 0) FROM deliveries";
const NEWEST_STREAM: &str = "SELECT coalesce(max(id), 0) FROM stream";
const OLD_CALLS: &str = "SELECT id, at_ms FROM calls WHERE id > ?1 ORDER BY id LIMIT ?2";
const OLD_DELIVERIES: &str = "SELECT id, created_at_ms, status IN ('delivered', 'dead', 'suppressed') AND held = 0 AND resend_count = 0 \
                              FROM deliveries \
                              WHERE id > ?1 ORDER BY id LIMIT ?2";
const FORGET_CALL: &str = "DELETE FROM calls WHERE id = ?1";
const FORGET_DELIVERY: &str = "DELETE FROM deliveries WHERE id = ?1";
/// The newest row stays, whatever its age: it holds the place of the sequence.
const OLD_STREAM: &str =
    "SELECT id, at_ms FROM stream WHERE id > ?1 AND id < (SELECT max(id) FROM stream) ORDER BY id LIMIT ?2";
const FORGET_STREAM: &str = "DELETE FROM stream WHERE id = ?1";

/// What is beyond the limits: rows with an id up to `last_id`, or made before `before_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// Ids up to this one are beyond the count.
    pub last_id: i64,
    /// Instants before this one, ms of world time, are beyond the age.
    pub before_ms: i64,
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows forgotten.
    pub n_forgotten: u64,
    /// Where the next step goes on; `None`: everything left is to be kept.
    pub next_after: Option<i64>,
}

/// The newest ids of calls, deliveries and stream; 0 where there is none.
pub fn newest_ids(connection: &Connection) -> Result<(i64, i64, i64), StoreError> {
    let newest = |sql| connection.prepare_cached(sql)?.query_row([], |row| row.get(0));
    Ok((newest(NEWEST_CALL)?, newest(NEWEST_DELIVERY)?, newest(NEWEST_STREAM)?))
}

/// Forgets old calls.
pub fn forget_calls(tx: &Tx<'_>, beyond: Beyond, after: i64) -> Result<Step, StoreError> {
    forget_dated(tx, (OLD_CALLS, FORGET_CALL), beyond, after)
}

/// Forgets old deliveries with their attempts. One that is still to be sent, sent again, retried or released stays, however old.
pub fn forget_deliveries(tx: &Tx<'_>, beyond: Beyond, after: i64) -> Result<Step, StoreError> {
    let mut statement = tx.prepare_cached(OLD_DELIVERIES)?;
    let rows = statement.query_map(params![after, STEP_ROWS], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    forget(tx, FORGET_DELIVERY, beyond, rows)
}

/// Forgets the beginning of the stream.
pub fn forget_stream(tx: &Tx<'_>, beyond: Beyond, after: i64) -> Result<Step, StoreError> {
    forget_dated(tx, (OLD_STREAM, FORGET_STREAM), beyond, after)
}

fn forget_dated(
    tx: &Tx<'_>,
    (old, statement): (&'static str, &'static str),
    beyond: Beyond,
    after: i64,
) -> Result<Step, StoreError> {
    let mut old = tx.prepare_cached(old)?;
    let rows = old.query_map(params![after, STEP_ROWS], |row| Ok((row.get(0)?, row.get(1)?, true)))?;
    forget(tx, statement, beyond, rows)
}

fn forget(
    tx: &Tx<'_>,
    statement: &'static str,
    beyond: Beyond,
    rows: impl Iterator<Item = rusqlite::Result<(i64, i64, bool)>>,
) -> Result<Step, StoreError> {
    let mut step = Step::default();
    for row in rows {
        let (id, at_ms, is_over) = row?;
        if id > beyond.last_id && at_ms >= beyond.before_ms {
            return Ok(Step {
                next_after: None,
                ..step
            });
        }
        step.next_after = Some(id);
        if is_over {
            tx.prepare_cached(statement)?.execute([id])?;
            step.n_forgotten = step.n_forgotten.saturating_add(1);
        }
    }
    Ok(step)
}
