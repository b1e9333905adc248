//! Automations that wait.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use super::StoreError;

/// A run that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// Whose automation.
    pub account: IgUserId,
    /// Who is answered.
    pub person: IgScopedId,
    /// The event whose answers it goes on with.
    pub event_id: i64,
    /// `time`, `answer` or `call`.
    pub waits_for: String,
    /// Calls made.
    pub attempts: u32,
    /// JSON of the run.
    pub run: String,
}

/// A run about to wait.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// Whose automation.
    pub account: &'a IgUserId,
    /// Who is answered.
    pub person: &'a IgScopedId,
    /// The event whose answers it goes on with.
    pub event_id: i64,
    /// `time`, `answer` or `call`.
    pub waits_for: &'a str,
    /// World time in milliseconds.
    pub due_at_ms: i64,
    /// JSON of the run.
    pub run: &'a str,
}

/// Keeps a run. A question takes the place of the one before it.
pub fn insert(tx: &Tx<'_>, run: &NewRun<'_>) -> Result<i64, StoreError> {
    const SQL: &str = "INSERT INTO runs (account, person, event_id, waits_for, due_at_ms, run)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    if run.waits_for == "answer" {
        close_question(tx, run.account, run.person)?;
    }
    tx.prepare_cached(SQL)?.execute(params![
        run.account.as_str(),
        run.person.as_str(),
        run.event_id,
        run.waits_for,
        run.due_at_ms,
        run.run
    ])?;
    Ok(tx.last_insert_rowid())
}

/// The question that waits in a thread.
pub fn question(
    connection: &Connection,
    account: &IgUserId,
    person: &IgScopedId,
) -> Result<Option<RunRow>, StoreError> {
    const SQL: &str = "SELECT id, account, person, event_id, waits_for, attempts, run FROM runs
        WHERE account = ?1 AND person = ?2 AND waits_for = 'answer'";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), person.as_str()], read_row);
    Ok(found.optional()?)
}

/// Forgets the question that waits in a thread.
pub fn close_question(tx: &Tx<'_>, account: &IgUserId, person: &IgScopedId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM runs WHERE account = ?1 AND person = ?2 AND waits_for = 'answer'";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), person.as_str()])?;
    Ok(())
}

/// The runs whose time has come, oldest first: those that wait for another program, or all the others.
pub fn list_due(
    connection: &Connection,
    calls: bool,
    now_world_ms: i64,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<RunRow>, StoreError> {
    const SQL: &str = "SELECT id, account, person, event_id, waits_for, attempts, run FROM runs
        WHERE due_at_ms <= ?1 AND next_try_ms <= ?2 AND (waits_for = 'call') = ?3 ORDER BY due_at_ms, id LIMIT ?4";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![now_world_ms, now_ms, calls, limit], read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes a run away to go on with it. `false`: somebody else did.
pub fn take(tx: &Tx<'_>, id: i64) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM runs WHERE id = ?1";
    Ok(tx.prepare_cached(SQL)?.execute([id])? > 0)
}

/// Notes that a call is about to be made, and when it may be made again if nobody hears of it.
pub fn begin_call(tx: &Tx<'_>, id: i64, next_try_ms: i64) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE runs SET attempts = attempts + 1, next_try_ms = ?2 WHERE id = ?1";
    Ok(tx.prepare_cached(SQL)?.execute(params![id, next_try_ms])? > 0)
}

/// The place of the next send of an event.
pub fn next_step_index(connection: &Connection, event_id: i64) -> Result<i64, StoreError> {
    const SQL: &str = "SELECT ifnull(max(step_index) + 1, 0) FROM sends WHERE event_id = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([event_id], |row| row.get(0))?)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        id: row.get(0)?,
        account: IgUserId::new(row.get::<_, String>(1)?),
        person: IgScopedId::new(row.get::<_, String>(2)?),
        event_id: row.get(3)?,
        waits_for: row.get(4)?,
        attempts: row.get(5)?,
        run: row.get(6)?,
    })
}
