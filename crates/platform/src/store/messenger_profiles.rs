//! Ice breakers and persistent menu, as JSON that the app set.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{StoreError, Tx};
use crate::domain::keys::AccountKey;

const GET: &str = "SELECT value FROM messenger_profiles WHERE account_id = ?1 AND name = ?2";
const PUT: &str = "INSERT INTO messenger_profiles (account_id, name, value) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (account_id, name) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM messenger_profiles WHERE account_id = ?1 AND name = ?2";

/// The property (`ice_breakers`, `persistent_menu`) of an account.
pub fn get(connection: &Connection, account: AccountKey, name: &str) -> Result<Option<Value>, StoreError> {
    let text: Option<String> = connection
        .prepare_cached(GET)?
        .query_row(params![account.0, name], |row| row.get(0))
        .optional()?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|_| StoreError::Corrupt {
            what: "messenger profile",
            value: text,
        })
    })
    .transpose()
}

/// Sets a property.
pub fn put(tx: &Tx<'_>, account: AccountKey, name: &str, value: &Value) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?
        .execute(params![account.0, name, value.to_string()])?;
    Ok(())
}

/// Removes a property; false when it was not set.
pub fn delete(tx: &Tx<'_>, account: AccountKey, name: &str) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(params![account.0, name])? == 1)
}
