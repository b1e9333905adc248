//! Keys with which somebody's own engine speaks for one account. Only their digests are kept.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// Replaces the keys of an account by a new one: the old ones stop working with this commit.
pub fn replace(tx: &Tx<'_>, account: &IgUserId, digest: &[u8], now_world_ms: i64) -> Result<(), StoreError> {
    const INSERT: &str = "INSERT INTO engine_keys (digest, account, created_at_ms) VALUES (?1, ?2, ?3)";
    revoke(tx, account)?;
    tx.prepare_cached(INSERT)?
        .execute(params![digest, account.as_str(), now_world_ms])?;
    Ok(())
}

/// Takes the keys of an account away. Answers how many there were.
pub fn revoke(tx: &Tx<'_>, account: &IgUserId) -> Result<usize, StoreError> {
    const SQL: &str = "DELETE FROM engine_keys WHERE account = ?1";
    Ok(tx.prepare_cached(SQL)?.execute([account.as_str()])?)
}

/// The account that a key of this digest speaks for.
pub fn find_account(connection: &Connection, digest: &[u8]) -> Result<Option<IgUserId>, StoreError> {
    const SQL: &str = "SELECT account FROM engine_keys WHERE digest = ?1";
    let found = connection
        .prepare_cached(SQL)?
        .query_row(params![digest], |row| row.get::<_, String>(0));
    Ok(found.optional()?.map(IgUserId::new))
}

/// When the key of an account was made, world time in milliseconds; none: it has none.
pub fn created_at_ms(connection: &Connection, account: &IgUserId) -> Result<Option<i64>, StoreError> {
    const SQL: &str = "SELECT created_at_ms FROM engine_keys WHERE account = ?1 LIMIT 1";
    let found = connection
        .prepare_cached(SQL)?
        .query_row([account.as_str()], |row| row.get(0));
    Ok(found.optional()?)
}
