//! Where the events of single accounts go instead of to the automations.

use rusqlite::{Connection, OptionalExtension as _, params};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::IgUserId;

use super::StoreError;
use crate::forward::Shape;

/// What was said for one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRow {
    /// The engine's address; none: nowhere, whatever the gateway's own setting says.
    pub url: Option<String>,
    /// How events are presented.
    pub shape: Shape,
}

/// What was said for that account; none: nothing, so the gateway's own setting counts.
pub fn find(connection: &Connection, account: &IgUserId) -> Result<Option<ForwardRow>, StoreError> {
    const SQL: &str = "SELECT url, shape FROM forwards WHERE account = ?1";
    let found = connection.prepare_cached(SQL)?.query_row([account.as_str()], |row| {
        Ok(ForwardRow {
            url: row.get(0)?,
            shape: Shape::from_name(&row.get::<_, String>(1)?),
        })
    });
    Ok(found.optional()?)
}

/// Says where the events of an account go.
pub fn set(tx: &Tx<'_>, account: &IgUserId, row: &ForwardRow) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO forwards (account, url, shape) VALUES (?1, ?2, ?3)
        ON CONFLICT (account) DO UPDATE SET url = excluded.url, shape = excluded.shape";
    tx.prepare_cached(SQL)?
        .execute(params![account.as_str(), row.url, row.shape.as_str()])?;
    Ok(())
}

/// Takes back what was said for an account.
pub fn clear(tx: &Tx<'_>, account: &IgUserId) -> Result<(), StoreError> {
    const SQL: &str = "DELETE FROM forwards WHERE account = ?1";
    tx.prepare_cached(SQL)?.execute([account.as_str()])?;
    Ok(())
}
