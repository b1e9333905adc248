//! Usernames that webhooks told us.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use super::StoreError;

/// The username of a person, where a webhook told it.
pub fn username(
    connection: &Connection,
    account: &IgUserId,
    person: &IgScopedId,
) -> Result<Option<String>, StoreError> {
    const SQL: &str = "SELECT username FROM people WHERE account = ?1 AND person = ?2";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![account.as_str(), person.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Remembers a username.
pub fn learn(tx: &Tx<'_>, account: &IgUserId, person: &IgScopedId, username: &str) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO people (account, person, username) VALUES (?1, ?2, ?3)
        ON CONFLICT (account, person) DO UPDATE SET username = excluded.username
        WHERE username <> excluded.username";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), person.as_str(), username])?;
    Ok(())
}
