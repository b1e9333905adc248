//! What threads remember between two events.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};
use serde_json::Value;

use super::StoreError;

/// What a thread remembers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ThreadRow {
    /// What `set`, `ask` and `http` kept.
    pub variables: BTreeMap<String, Value>,
    /// Why a human answers here, and until when (world time, milliseconds; `None`: until the thread is
    /// handed back).
    pub paused: Option<(String, Option<i64>)>,
}

/// A thread in which a human answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PausedThread {
    /// The account.
    pub account: String,
    /// The person.
    pub person: String,
    /// Why.
    pub reason: String,
    /// World time in milliseconds; null: until it is handed back.
    pub until_ms: Option<i64>,
}

/// What a thread remembers; nothing, for a thread that nothing was remembered of.
pub fn load(connection: &Connection, account: &IgUserId, person: &IgScopedId) -> Result<ThreadRow, StoreError> {
    const SQL: &str = "SELECT variables, paused, paused_until_ms FROM threads WHERE account = ?1 AND person = ?2";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), person.as_str()], |row| {
            let variables: String = row.get(0)?;
            let paused: Option<String> = row.get(1)?;
            let until_ms: Option<i64> = row.get(2)?;
            Ok(ThreadRow {
                variables: serde_json::from_str(&variables).unwrap_or_default(),
                paused: paused.map(|reason| (reason, until_ms)),
            })
        });
    Ok(found.optional()?.unwrap_or_default())
}

/// Keeps values of a thread beside those it has.
pub fn keep(
    tx: &Tx<'_>,
    account: &IgUserId,
    person: &IgScopedId,
    values: &BTreeMap<String, Value>,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO threads (account, person, variables) VALUES (?1, ?2, ?3)
        ON CONFLICT (account, person) DO UPDATE SET variables = excluded.variables";
    let mut variables = load(tx, account, person)?.variables;
    variables.extend(values.iter().map(|(name, value)| (name.clone(), value.clone())));
    let json = serde_json::to_string(&variables).unwrap_or_default();
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), person.as_str(), json])?;
    Ok(())
}

/// Lets a human answer in a thread. A pause is never shortened.
pub fn pause(
    tx: &Tx<'_>,
    account: &IgUserId,
    person: &IgScopedId,
    reason: &str,
    until_ms: Option<i64>,
) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO threads (account, person, paused, paused_until_ms) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (account, person) DO UPDATE SET paused = excluded.paused, paused_until_ms = excluded.paused_until_ms
        WHERE paused IS NULL OR excluded.paused_until_ms IS NULL OR paused_until_ms < excluded.paused_until_ms";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), person.as_str(), reason, until_ms])?;
    Ok(())
}

/// Hands a thread back to the automations. Answers whether a human had it.
pub fn hand_back(tx: &Tx<'_>, account: &IgUserId, person: &IgScopedId) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE threads SET paused = NULL, paused_until_ms = NULL
        WHERE account = ?1 AND person = ?2 AND paused IS NOT NULL";
    Ok(tx
        .prepare_cached(SQL)?
        .execute(params![account.as_str(), person.as_str()])?
        > 0)
}

/// The threads in which a human answers now.
pub fn list_paused(
    connection: &Connection,
    now_world_ms: i64,
    after: (&str, &str),
    limit: u32,
) -> Result<Vec<PausedThread>, StoreError> {
    const SQL: &str = "SELECT account, person, paused, paused_until_ms FROM threads
        WHERE (account, person) > (?1, ?2)
          AND paused IS NOT NULL AND (paused_until_ms IS NULL OR paused_until_ms > ?3)
        ORDER BY account, person LIMIT ?4";
    let mut statement = connection.prepare_cached(SQL)?;
    let rows = statement.query_map(params![after.0, after.1, now_world_ms, limit], |row| {
        Ok(PausedThread {
            account: row.get(0)?,
            person: row.get(1)?,
            reason: row.get(2)?,
            until_ms: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
