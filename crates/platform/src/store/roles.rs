//! Roles of accounts on apps.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx};
use crate::domain::access::Role;
use crate::domain::keys::{AccountKey, AppKey};

const PUT: &str = "INSERT INTO app_roles (app_id, account_id, role, accepted) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (app_id, account_id) DO UPDATE SET role = excluded.role, accepted = excluded.accepted";
const ACCEPT: &str = "UPDATE app_roles SET accepted = 1 WHERE app_id = ?1 AND account_id = ?2";
const DELETE: &str = "DELETE FROM app_roles WHERE app_id = ?1 AND account_id = ?2";
const COUNTS: &str =
    "SELECT 1 FROM app_roles WHERE app_id = ?1 AND account_id = ?2 AND accepted = 1 AND role <> 'analytics'";
const OF_ACCOUNT: &str = "SELECT p.name, a.username, r.role, r.accepted FROM app_roles r JOIN apps p ON p.id = r.app_id \
                          JOIN accounts a ON a.id = r.account_id WHERE r.account_id = ?1 ORDER BY p.id";
const ALL: &str = "SELECT p.name, a.username, r.role, r.accepted FROM app_roles r JOIN apps p ON p.id = r.app_id \
                   JOIN accounts a ON a.id = r.account_id ORDER BY p.id, a.id";

/// A role with the names of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// App name.
    pub app: String,
    /// Account name, without `@`.
    pub username: String,
    /// Which role.
    pub role: Role,
    /// False: an invitation that waits.
    pub accepted: bool,
}

/// Gives an account a role on an app, in place of the one before.
pub fn put(tx: &Tx<'_>, app: AppKey, account: AccountKey, role: Role, accepted: bool) -> Result<(), StoreError> {
    tx.identities_changed();
    tx.prepare_cached(PUT)?
        .execute(params![app.0, account.0, role.as_str(), accepted])?;
    Ok(())
}

/// Accepts an invitation; false when there is no role at all.
pub fn accept(tx: &Tx<'_>, app: AppKey, account: AccountKey) -> Result<bool, StoreError> {
    tx.identities_changed();
    Ok(tx.prepare_cached(ACCEPT)?.execute(params![app.0, account.0])? == 1)
}

/// Takes the role or the invitation away; false when there was none.
pub fn delete(tx: &Tx<'_>, app: AppKey, account: AccountKey) -> Result<bool, StoreError> {
    tx.identities_changed();
    Ok(tx.prepare_cached(DELETE)?.execute(params![app.0, account.0])? == 1)
}

/// Whether the account holds a role that counts for access, and has accepted it.
pub fn counts(connection: &Connection, app: AppKey, account: AccountKey) -> Result<bool, StoreError> {
    let found = connection
        .prepare_cached(COUNTS)?
        .query_row(params![app.0, account.0], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Roles and invitations of an account.
pub fn of_account(connection: &Connection, account: AccountKey) -> Result<Vec<HeldRole>, StoreError> {
    many(connection, OF_ACCOUNT, params![account.0])
}

/// Every role and invitation, by app.
pub fn all(connection: &Connection) -> Result<Vec<HeldRole>, StoreError> {
    many(connection, ALL, &[])
}

fn many(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<HeldRole>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut roles = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(2)?;
        roles.push(HeldRole {
            app: row.get(0)?,
            username: row.get(1)?,
            role: Role::parse(&name).ok_or(StoreError::Corrupt {
                what: "role",
                value: name,
            })?,
            accepted: row.get(3)?,
        });
    }
    Ok(roles)
}
