//! Who blocked or restricted whom.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};
use crate::domain::keys::AccountKey;

pub(super) const BETWEEN: &str = "SELECT account_id FROM blocks WHERE account_id = ?1 AND other_id = ?2 AND kind = 'blocked' UNION ALL \
                       SELECT account_id FROM blocks WHERE account_id = ?2 AND other_id = ?1 AND kind = 'blocked'";
const PUT: &str = "INSERT INTO blocks (account_id, other_id, kind) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (account_id, other_id) DO UPDATE SET kind = excluded.kind";
const DELETE: &str = "DELETE FROM blocks WHERE account_id = ?1 AND other_id = ?2";
const ALL: &str = "SELECT b.account_id, a.username, o.username, b.kind = 'restricted' FROM blocks b \
                   JOIN accounts a ON a.id = b.account_id JOIN accounts o ON o.id = b.other_id ORDER BY b.account_id, b.other_id";

/// One account that shuts out another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who did it.
    pub by: AccountKey,
    /// Her name, without `@`.
    pub username: String,
    /// Whom, without `@`.
    pub other: String,
    /// Restricted only: may write, into the requests; comments stay unseen until approved.
    pub restricted: bool,
}

/// Which of the two has blocked the other; the first one when both have. `None`: neither.
pub fn between(
    connection: &Connection,
    first: AccountKey,
    second: AccountKey,
) -> Result<Option<AccountKey>, StoreError> {
    let mut statement = connection.prepare_cached(BETWEEN)?;
    let mut rows = statement.query(params![first.0, second.0])?;
    let mut found = None;
    while let Some(row) = rows.next()? {
        let by = AccountKey(row.get(0)?);
        if found.is_none() || by == first {
            found = Some(by);
        }
    }
    Ok(found)
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

/// Every block and restriction.
pub fn all(connection: &Connection) -> Result<Vec<Block>, StoreError> {
    let mut statement = connection.prepare_cached(ALL)?;
    let rows = statement.query_map([], |row| {
        Ok(Block {
            by: AccountKey(row.get(0)?),
            username: row.get(1)?,
            other: row.get(2)?,
            restricted: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
