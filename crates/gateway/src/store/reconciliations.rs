//! The newest comparison of each account with Instagram.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// The report of an account, as JSON.
pub fn find(connection: &Connection, account: &IgUserId) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT report FROM reconciliations WHERE account = ?1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([account.as_str()], |row| row.get(0))
        .optional()?)
}

/// The account whose turn it is. One that runs comes first: nobody runs it any more.
pub fn next_open(connection: &Connection) -> Result<Option<IgUserId>, StoreError> {
    const SQL: &str =
        "SELECT account FROM reconciliations WHERE is_over = 0 ORDER BY state, asked_at_ms, account LIMIT 1";
    Ok(connection
        .prepare_cached(SQL)?
        .query_row([], |row| row.get::<_, String>(0))
        .optional()?
        .map(IgUserId::new))
}

/// How many reports are kept.
pub fn count(connection: &Connection) -> Result<u32, StoreError> {
    const SQL: &str = "SELECT count(*) FROM reconciliations";
    Ok(connection.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Forgets the oldest report that is over; answers whether there was one.
pub fn forget_oldest(tx: &Tx<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "DELETE FROM reconciliations WHERE account =
        (SELECT account FROM reconciliations WHERE is_over = 1 ORDER BY asked_at_ms LIMIT 1)";
    Ok(tx.prepare_cached(SQL)?.execute([])? > 0)
}

/// A report about to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewReport<'a> {
    /// The account.
    pub account: &'a IgUserId,
    /// Its state, by name.
    pub state: &'a str,
    /// Whether nothing more will change about it.
    pub is_over: bool,
    /// JSON.
    pub report: &'a str,
}

/// Keeps the report of a new comparison in place of the one before.
pub fn ask(tx: &Tx<'_>, report: &NewReport<'_>, now_world_ms: i64) -> Result<(), StoreError> {
    const SQL: &str = "INSERT OR REPLACE INTO reconciliations (account, state, is_over, report, asked_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(SQL)?.execute(params![
        report.account.as_str(),
        report.state,
        report.is_over,
        report.report,
        now_world_ms
    ])?;
    Ok(())
}

/// Changes a report that is in this state; one that was asked for anew, or forgotten, stays as it is.
pub fn change(tx: &Tx<'_>, from_state: &str, report: &NewReport<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE reconciliations SET state = ?3, is_over = ?4, report = ?5
        WHERE account = ?1 AND state = ?2";
    Ok(tx.prepare_cached(SQL)?.execute(params![
        report.account.as_str(),
        from_state,
        report.state,
        report.is_over,
        report.report
    ])? > 0)
}
