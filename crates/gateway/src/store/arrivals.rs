//! What has arrived, for comparing it with what Instagram has.

use rusqlite::{Connection, params};
use selfsame_wire::ids::IgUserId;

use super::StoreError;

/// Whether a message or comment of that id was seen: as an event, or as something that we said.
pub fn has_arrived(connection: &Connection, account: &IgUserId, id: &str) -> Result<bool, StoreError> {
    const EVENT: &str = "SELECT 1 FROM events WHERE account = ?1 AND subject = ?2 LIMIT 1";
    const SEND: &str = "SELECT 1 FROM sends WHERE account = ?1 AND mid = ?2 LIMIT 1";
    let wanted = params![account.as_str(), id];
    Ok(connection.prepare_cached(EVENT)?.exists(wanted)? || connection.prepare_cached(SEND)?.exists(wanted)?)
}

/// Whether Instagram has ever delivered anything for an account. What the reconciler brought in was not
/// delivered, as long as its raw body tells.
pub fn has_any(connection: &Connection, account: &IgUserId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM events WHERE account = ?1 AND delivery_id > 0 AND NOT EXISTS (
            SELECT 1 FROM raw_deliveries WHERE id = events.delivery_id AND signed_with = 'reconciler')
        LIMIT 1";
    Ok(connection.prepare_cached(SQL)?.exists([account.as_str()])?)
}

/// Whether Instagram has ever delivered anything.
pub fn has_any_of_anybody(connection: &Connection) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM events WHERE delivery_id > 0 AND NOT EXISTS (
            SELECT 1 FROM raw_deliveries WHERE id = events.delivery_id AND signed_with = 'reconciler')
        LIMIT 1";
    Ok(connection.prepare_cached(SQL)?.exists([])?)
}
