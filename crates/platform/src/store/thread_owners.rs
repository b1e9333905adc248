//! Which app of an account owns a thread, once an app has handed it over or taken it (contract: other-apis §6.8).
//!
//! Without a row, or once nothing has happened for the time of the switch `graph.thread_control_idle_hours`, nobody owns the thread and
//! every app hears everything.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Tx, apps};
use crate::domain::keys::{AccountKey, AppKey, ThreadKey};

/// The inbox of Instagram as an app: control that is passed to it goes to the people behind the account.
pub const INBOX_APP_ID: &str = "1217981644879628";

pub(super) const OF: &str =
    "SELECT meta_app_id FROM thread_owners WHERE thread_id = ?1 AND account_id = ?2 AND active_at_ms > ?3";
const PUT: &str = "INSERT INTO thread_owners (thread_id, account_id, meta_app_id, active_at_ms) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (thread_id, account_id) DO UPDATE SET meta_app_id = excluded.meta_app_id, active_at_ms = excluded.active_at_ms";
const TOUCH: &str = "UPDATE thread_owners SET active_at_ms = ?3 WHERE thread_id = ?1 AND account_id = ?2";
const DELETE: &str = "DELETE FROM thread_owners WHERE thread_id = ?1 AND account_id = ?2";

/// The Meta app id of the owner of a thread in which something has happened since `active_since_ms`
/// ([`Switches::thread_active_since`](crate::switches::Switches::thread_active_since)); `None`: nobody in particular.
pub fn of(
    connection: &Connection,
    thread: ThreadKey,
    account: AccountKey,
    active_since_ms: i64,
) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached(OF)?
        .query_row(params![thread.0, account.0, active_since_ms], |row| row.get(0))
        .optional()?)
}

/// Makes an app the owner.
pub fn put(
    tx: &Tx<'_>,
    thread: ThreadKey,
    account: AccountKey,
    meta_app_id: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(PUT)?
        .execute(params![thread.0, account.0, meta_app_id, now_ms])?;
    Ok(())
}

/// Something happened in a thread that is owned.
pub fn touch(tx: &Tx<'_>, thread: ThreadKey, account: AccountKey, now_ms: i64) -> Result<(), StoreError> {
    tx.prepare_cached(TOUCH)?
        .execute(params![thread.0, account.0, now_ms])?;
    Ok(())
}

/// Makes nobody the owner.
pub fn delete(tx: &Tx<'_>, thread: ThreadKey, account: AccountKey) -> Result<(), StoreError> {
    tx.prepare_cached(DELETE)?.execute(params![thread.0, account.0])?;
    Ok(())
}

/// Whether an owner is this app.
pub fn is_app(connection: &Connection, owner: &str, app: AppKey) -> Result<bool, StoreError> {
    Ok(apps::by_key(connection, app)?.is_some_and(|app| app.meta_app_id.as_str() == owner))
}

/// What to call an owner in a sentence.
pub fn name_of(connection: &Connection, owner: &str) -> Result<String, StoreError> {
    if owner == INBOX_APP_ID {
        return Ok("the inbox of Instagram".to_owned());
    }
    Ok(apps::by_any_id(connection, owner)?.map_or_else(|| owner.to_owned(), |app| app.name))
}
