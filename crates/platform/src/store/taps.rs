//! Taps on buttons, ice breakers and menu items, in their place among the messages of a thread.

use rusqlite::{Connection, params};
use selfsame_wire::ids::MessageId;

use super::{StoreError, Tx};
use crate::domain::keys::{AccountKey, ThreadKey};

const INSERT: &str = "INSERT INTO taps (mid, thread_id, person_id, title, after_message, created_at_ms) \
                      VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(id), 0) FROM messages WHERE thread_id = ?2), ?5)";
const OF_THREAD: &str = "SELECT t.mid, a.username, t.title, t.after_message, t.created_at_ms FROM taps t JOIN accounts a ON a.id = t.person_id \
                         WHERE t.thread_id = ?1 AND t.after_message >= ?2 AND t.after_message < ?3 ORDER BY t.after_message, t.id LIMIT ?4";

/// One tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapView {
    /// Its id in the postback and in deliveries.
    pub mid: String,
    /// Who tapped, without `@`.
    pub person: String,
    /// What was tapped.
    pub title: String,
    /// The newest message of the thread when it was made; 0 before the first.
    pub after_message: i64,
    /// ms of world time.
    pub created_at_ms: i64,
}

/// Records a tap after the newest message of its thread.
pub fn insert(
    tx: &Tx<'_>,
    mid: &MessageId,
    thread: ThreadKey,
    person: AccountKey,
    title: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?
        .execute(params![mid.as_str(), thread.0, person.0, title, now_ms])?;
    Ok(())
}

/// Taps made when the newest message was `first` or later, but older than `before`, in the order of the thread.
pub fn of_thread(
    connection: &Connection,
    thread: ThreadKey,
    first: i64,
    before: i64,
    limit: i64,
) -> Result<Vec<TapView>, StoreError> {
    let mut statement = connection.prepare_cached(OF_THREAD)?;
    let rows = statement.query_map(params![thread.0, first, before, limit], |row| {
        Ok(TapView {
            mid: row.get(0)?,
            person: row.get(1)?,
            title: row.get(2)?,
            after_message: row.get(3)?,
            created_at_ms: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
