//! Due times when world time is set back.

use rusqlite::params;
use selfsame_runtime::db::Tx;

use super::StoreError;
use super::queues::OUTBOX;

/// Everything that waits for a moment of world time goes on waiting for as long as it would have.
pub fn bring_forward(tx: &Tx<'_>, by_ms: i64) -> Result<(), StoreError> {
    const RUNS: &str = "UPDATE runs SET due_at_ms = due_at_ms - ?1";
    const PAUSES: &str = "UPDATE threads SET paused_until_ms = paused_until_ms - ?1 WHERE paused_until_ms IS NOT NULL";
    const HOLDS: &str = "UPDATE ledger_accounts SET held_until_ms = held_until_ms - ?1 WHERE held_until_ms > 0";
    OUTBOX.bring_forward(tx, by_ms)?;
    for statement in [RUNS, PAUSES, HOLDS] {
        tx.prepare_cached(statement)?.execute(params![by_ms])?;
    }
    Ok(())
}
