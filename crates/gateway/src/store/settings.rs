//! Switches of the whole gateway that outlive the process.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;

use super::StoreError;

const KILL_SWITCH: &str = "kill_switch";

/// Whether the kill switch is on: nothing is sent, and what the owner does is parked.
pub fn kill_switch(connection: &Connection) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT value FROM settings WHERE name = ?1";
    let value: Option<String> = connection
        .prepare_cached(SQL)?
        .query_row([KILL_SWITCH], |row| row.get(0))
        .optional()?;
    Ok(value.as_deref() == Some("on"))
}

/// Sets the kill switch.
pub fn set_kill_switch(tx: &Tx<'_>, is_on: bool) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO settings (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.prepare_cached(SQL)?
        .execute(params![KILL_SWITCH, if is_on { "on" } else { "off" }])?;
    Ok(())
}
