//! World settings and fidelity switches.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::switches::Switches;

const GET: &str = "SELECT value FROM settings WHERE name = ?1";
const PUT: &str =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM settings WHERE name = ?1";
const SWITCHES: &str = "SELECT name, value FROM switches ORDER BY name";
const CLEAR_SWITCHES: &str = "DELETE FROM switches";
const PUT_SWITCH: &str = "INSERT INTO switches (name, value) VALUES (?1, ?2)";

/// The setting of this name.
pub fn get(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached(GET)?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Sets a setting.
pub fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(params![name, value])?;
    Ok(())
}

/// Removes a setting.
pub fn delete(tx: &Tx<'_>, name: &str) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE)?.execute([name])?;
    Ok(())
}

/// The stored switches over their defaults.
pub fn switches(connection: &Connection) -> Result<Switches, StoreError> {
    let mut statement = connection.prepare_cached(SWITCHES)?;
    let mut rows = statement.query([])?;
    let mut object = serde_json::Map::new();
    while let Some(row) = rows.next()? {
        let (name, text): (String, String) = (row.get(0)?, row.get(1)?);
        let value = serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
            what: "switch",
            value: text,
        })?;
        object.insert(name, value);
    }
    let shown = format!("{object:?}");
    serde_json::from_value(object.into()).map_err(|_| StoreError::Corrupt {
        what: "switches",
        value: shown,
    })
}

/// Stores all switches. The caller then puts them in force on the `SwitchBoard`.
pub fn put_switches(tx: &Tx<'_>, switches: &Switches) -> Result<(), StoreError> {
    tx.prepare_cached(CLEAR_SWITCHES)?.execute([])?;
    let Ok(serde_json::Value::Object(object)) = serde_json::to_value(switches) else {
        return Err(StoreError::Corrupt {
            what: "switches",
            value: format!("{switches:?}"),
        });
    };
    for (name, value) in object {
        tx.prepare_cached(PUT_SWITCH)?
            .execute(params![name, value.to_string()])?;
    }
    Ok(())
}
