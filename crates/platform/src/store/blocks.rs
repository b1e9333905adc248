//! Who blocked or restricted whom.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::domain::keys::AccountKey;

const IS_BLOCKED: &str = "SELECT 1 FROM blocks WHERE account_id = ?1 AND other_id = ?2 AND kind = 'blocked'";
const PUT: &str = "INSERT INTO blocks (account_id, other_id, kind) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (account_id, other_id) DO UPDATE SET kind = excluded.kind";
const DELETE: &str = "DELETE FROM blocks WHERE account_id = ?1 AND other_id = ?2";

/// Whether `by` has blocked `other`.
pub fn is_blocked(connection: &Connection, by: AccountKey, other: AccountKey) -> Result<bool, StoreError> {
    let found = connection
        .prepare_cached(IS_BLOCKED)?
        .query_row(params![by.0, other.0], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Blocks, or restricts when `restricted`.
pub fn put(tx: &Tx<'_>, by: AccountKey, other: AccountKey, restricted: bool) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?.execute(params![
        by.0,
        other.0,
        if restricted { "restricted" } else { "blocked" }
    ])?;
    Ok(())
}

/// Takes it back.
pub fn delete(tx: &Tx<'_>, by: AccountKey, other: AccountKey) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(params![by.0, other.0])? == 1)
}
