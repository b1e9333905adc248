//! Erases what is kept of an account.

use rusqlite::{Connection, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// Whether this body was erased: nothing of it is left.
pub const fn is_erased(body: &[u8]) -> bool {
    body.is_empty()
}

/// The raw bodies that name an account. A long look, so it is made while others may write.
pub fn bodies_of(connection: &Connection, account: &IgUserId) -> Result<Vec<i64>, StoreError> {
    const SQL: &str = "SELECT id FROM raw_deliveries WHERE instr(body, CAST(?1 AS BLOB)) > 0
        AND id <= (SELECT delivery_id FROM split_cursor)";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map([account.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Erases the messages of an account, the raw bodies they came in ([`bodies_of`]), what waits to be
/// decided, and what was learned about its people. Sends that still have a place in a lane lose their
/// words; without a token and without a step they end by themselves. What is deleted is overwritten, so
/// that it is not in the file any more either.
///
/// Bodies that have not been split yet may hold the events of other accounts: have them split before.
pub fn erase_account(tx: &Tx<'_>, account: &IgUserId, bodies: &[i64]) -> Result<(), StoreError> {
    const BODY: &str = "UPDATE raw_deliveries SET body = x'' WHERE id = ?1";
    // Lines of the inbox, and of what goes to an engine, are named by their account, see `inbox::keys`; what waits
    // for nobody stands in no line.
    const WAITING: &str = "DELETE FROM jobs WHERE queue IN ('inbox', 'forward')
        AND (key GLOB 'm:' || ?1 || ':*' OR key GLOB 'c:' || ?1 || ':*' OR key GLOB 'e:' || ?1 || ':*'
            OR (key IS NULL AND instr(payload, CAST(?1 AS BLOB)) > 0))";
    const WORDS: &str = "UPDATE sends SET said = NULL, step = '{}', reason = NULL, recipient = NULL
        WHERE account = ?1";
    const SENDS: &str = "DELETE FROM sends WHERE account = ?1 AND job_id IS NULL
        AND id NOT IN (SELECT again_of FROM sends WHERE job_id IS NOT NULL AND again_of IS NOT NULL)";
    const EVENTS: &str = "DELETE FROM events WHERE account = ?1
        AND NOT EXISTS (SELECT 1 FROM sends WHERE sends.event_id = events.id)";
    const EVENT_WORDS: &str =
        "UPDATE events SET said = NULL, payload = NULL, trace = NULL, reason = NULL WHERE account = ?1";
    // Events that came when nobody was connected have no account.
    const STRAY: &str = "UPDATE events SET said = NULL, payload = NULL
        WHERE state = 'unknown_account' AND instr(payload, CAST(?1 AS BLOB)) > 0";
    const REFUSED: &str = "DELETE FROM failed_signatures WHERE instr(head, CAST(?1 AS BLOB)) > 0";
    const PEOPLE: &str = "DELETE FROM people WHERE account = ?1";
    const THREADS: &str = "DELETE FROM threads WHERE account = ?1";
    const RUNS: &str = "DELETE FROM runs WHERE account = ?1";
    const PREVIEW_EVENTS: &str =
        "DELETE FROM preview_events WHERE preview IN (SELECT id FROM previews WHERE account = ?1)";
    const PREVIEWS: &str = "DELETE FROM previews WHERE account = ?1";
    const RECONCILIATIONS: &str = "DELETE FROM reconciliations WHERE account = ?1";
    const LEARNED: &str = "DELETE FROM ledger_accounts WHERE account = ?1";
    tx.pragma_update(None, "secure_delete", true)?;
    for id in bodies {
        tx.prepare_cached(BODY)?.execute([id])?;
    }
    for sql in [
        WAITING,
        WORDS,
        SENDS,
        EVENTS,
        EVENT_WORDS,
        STRAY,
        REFUSED,
        PEOPLE,
        THREADS,
        RUNS,
        PREVIEW_EVENTS,
        PREVIEWS,
        RECONCILIATIONS,
        LEARNED,
    ] {
        tx.prepare_cached(sql)?.execute(params![account.as_str()])?;
    }
    Ok(())
}

/// Ends the overwriting that [`erase_account`] began: the last statement of its transaction.
pub fn end_overwriting(tx: &Tx<'_>) -> Result<(), StoreError> {
    Ok(tx.pragma_update(None, "secure_delete", false)?)
}
