//! Roles of accounts on apps.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::domain::keys::{AccountKey, AppKey};

const PUT: &str = "INSERT INTO app_roles (app_id, account_id, role, accepted) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (app_id, account_id) DO UPDATE SET role = excluded.role, accepted = excluded.accepted";
const DELETE: &str = "DELETE FROM app_roles WHERE app_id = ?1 AND account_id = ?2";
const GET: &str = "SELECT role, accepted FROM app_roles WHERE app_id = ?1 AND account_id = ?2";
const OF_ACCOUNT: &str =
    "SELECT p.name, r.role FROM app_roles r JOIN apps p ON p.id = r.app_id WHERE r.account_id = ?1 ORDER BY p.id";

/// Gives an account a role on an app, in place of the one before.
pub fn put(tx: &Tx<'_>, app: AppKey, account: AccountKey, role: &str, accepted: bool) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?
        .execute(params![app.0, account.0, role, accepted])?;
    Ok(())
}

/// Takes the role away.
pub fn delete(tx: &Tx<'_>, app: AppKey, account: AccountKey) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE)?.execute(params![app.0, account.0])?;
    Ok(())
}

/// The role of an account on an app and whether it was accepted.
pub fn get(connection: &Connection, app: AppKey, account: AccountKey) -> Result<Option<(String, bool)>, StoreError> {
    Ok(connection
        .prepare_cached(GET)?
        .query_row(params![app.0, account.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Roles of an account: (app name, role).
pub fn of_account(connection: &Connection, account: AccountKey) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare_cached(OF_ACCOUNT)?;
    let rows = statement.query_map([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
