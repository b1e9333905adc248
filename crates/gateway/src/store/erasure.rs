//! Erases what is kept of an account.

use rusqlite::params;
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// Erases the messages of an account, the raw bodies they came in, and what was learned about its
/// people. Sends that still have a place in a lane lose their words; without a token they end by
/// themselves. Bodies that have not been split yet are left to the splitter, which finds no account.
pub fn erase_account(tx: &Tx<'_>, account: &IgUserId) -> Result<(), StoreError> {
    const BODIES: &str = "UPDATE raw_deliveries SET body = x'' WHERE instr(body, CAST(?1 AS BLOB)) > 0
        AND id <= (SELECT delivery_id FROM split_cursor)";
    const WORDS: &str = "UPDATE sends SET said = NULL WHERE account = ?1";
    const SENDS: &str = "DELETE FROM sends WHERE account = ?1 AND job_id IS NULL";
    const EVENTS: &str = "DELETE FROM events WHERE account = ?1
        AND NOT EXISTS (SELECT 1 FROM sends WHERE sends.event_id = events.id)";
    const EVENT_WORDS: &str =
        "UPDATE events SET said = NULL, payload = NULL, trace = NULL, reason = NULL WHERE account = ?1";
    const PEOPLE: &str = "DELETE FROM people WHERE account = ?1";
    const THREADS: &str = "DELETE FROM threads WHERE account = ?1";
    const RUNS: &str = "DELETE FROM runs WHERE account = ?1";
    const LEARNED: &str = "DELETE FROM ledger_accounts WHERE account = ?1";
    for sql in [
        BODIES,
        WORDS,
        SENDS,
        EVENTS,
        EVENT_WORDS,
        PEOPLE,
        THREADS,
        RUNS,
        LEARNED,
    ] {
        tx.prepare_cached(sql)?.execute(params![account.as_str()])?;
    }
    Ok(())
}
