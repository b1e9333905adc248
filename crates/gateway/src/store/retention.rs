//! Forgets events and sends that ended long ago, a few at a time.
//!
//! What is kept: whatever still waits for a person or for its turn, and everything younger than the
//! age limit, which is far beyond the 36 hours in which Instagram delivers again, so that no repetition
//! and no echo of ours is ever taken for something new.

use rusqlite::params;
use selfsame_runtime::db::Tx;

use super::StoreError;

/// Events that one step looks at.
const BATCH: i64 = 500;

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Events that were forgotten.
    pub forgotten: usize,
    /// Where the next step begins; `None`: everything old was looked at.
    pub next: Option<i64>,
}

/// Looks at some events after that number, oldest first, and forgets those that ended before
/// `before_ms` (process time), with their sends.
pub fn forget_ended(tx: &Tx<'_>, after: i64, before_ms: i64) -> Result<Step, StoreError> {
    const LOOK: &str = "SELECT id, decided_at_ms < ?2, state = 'parked'
            OR EXISTS (SELECT 1 FROM sends WHERE sends.event_id = events.id
                AND (job_id IS NOT NULL OR state NOT IN ('sent', 'failed', 'cancelled', 'sent_again')
                     OR ifnull(call_ended_at_ms, created_at_ms) >= ?2))
            OR EXISTS (SELECT 1 FROM runs WHERE runs.event_id = events.id)
        FROM events WHERE id > ?1 ORDER BY id LIMIT ?3";
    const SENDS: &str = "DELETE FROM sends WHERE event_id = ?1";
    const EVENT: &str = "DELETE FROM events WHERE id = ?1";
    let rows: Vec<(i64, bool, bool)> = {
        let mut statement = tx.prepare_cached(LOOK)?;
        let rows = statement.query_map(params![after, before_ms, BATCH], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut step = Step::default();
    let mut is_any_old = false;
    for (id, is_old, is_needed) in &rows {
        is_any_old |= is_old;
        if *is_old && !is_needed {
            tx.prepare_cached(SENDS)?.execute([id])?;
            tx.prepare_cached(EVENT)?.execute([id])?;
            step.forgotten += 1;
        }
    }
    // Numbers grow with time, so a batch without anything old ends the look.
    step.next = rows.last().map(|(id, _, _)| *id).filter(|_| is_any_old);
    Ok(step)
}
