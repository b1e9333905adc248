//! Threads and their read model.

use rusqlite::{Connection, OptionalExtension, Row, params};
use selfsame_wire::ids::ConversationId;

use super::{StoreError, Tx, messages};
use crate::domain::keys::{AccountKey, MessageKey, ThreadKey};
use crate::domain::thread::Thread;
use crate::domain::view::{ThreadView, rfc3339};

/// Folder of threads that a person began and nobody has answered.
pub const REQUESTS: &str = "requests";

macro_rules! select_thread {
    ($condition:literal) => {
        concat!(
            "SELECT id, a_id, b_id, number, conversation_id, folder, a_wrote_at_ms, b_wrote_at_ms, b_consented, a_consented, created_at_ms, ",
            "updated_at_ms FROM threads ",
            $condition
        )
    };
}

pub(super) const BY_KEY: &str = select_thread!("WHERE id = ?1");
// Two lookups: an `OR` would gather the rows of both in a table of its own first.
pub(super) const BETWEEN: &str = concat!(
    select_thread!("WHERE a_id = ?1 AND b_id = ?2 UNION ALL "),
    select_thread!("WHERE a_id = ?2 AND b_id = ?1 LIMIT 1")
);
const BY_CONVERSATION: &str = select_thread!("WHERE conversation_id = ?1");
// The two halves are merged in the order of their indexes, so that a page costs its rows and those skipped before it.
pub(super) const OF_ACCOUNT: &str = concat!(
    select_thread!("WHERE a_id = ?1 UNION ALL "),
    select_thread!("WHERE b_id = ?1 AND a_id <> ?1 ORDER BY updated_at_ms DESC, id DESC LIMIT ?2 OFFSET ?3")
);
pub(super) const LISTED_OF_ACCOUNT: &str = concat!(
    select_thread!(
        "WHERE a_id = ?1 AND (?2 OR b_id <> ?1) AND (folder <> 'requests' OR updated_at_ms >= ?5) UNION ALL "
    ),
    select_thread!("WHERE b_id = ?1 AND a_id <> ?1 ORDER BY updated_at_ms DESC, id DESC LIMIT ?3 OFFSET ?4")
);
const ALL: &str = select_thread!("WHERE id > ?1 ORDER BY id LIMIT ?2");
const INSERT: &str = "INSERT INTO threads (a_id, b_id, number, conversation_id, folder, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
pub(super) const TOUCH: &str = "UPDATE threads SET updated_at_ms = ?2, folder = ?3, a_wrote_at_ms = ?4, b_wrote_at_ms = ?5, a_consented = ?6, b_consented = ?7 WHERE id = ?1";
const SEEN_BY_A: &str = "UPDATE threads SET a_seen_message = ?2 WHERE id = ?1";
const SEEN_BY_B: &str = "UPDATE threads SET b_seen_message = ?2 WHERE id = ?1";
const USERNAMES_AND_SEEN: &str = "SELECT a.username, b.username, sa.mid, sb.mid FROM threads t JOIN accounts a ON a.id = t.a_id \
                                  JOIN accounts b ON b.id = t.b_id LEFT JOIN messages sa ON sa.id = t.a_seen_message \
                                  LEFT JOIN messages sb ON sb.id = t.b_seen_message WHERE t.id = ?1";

/// The thread with this key.
pub fn by_key(connection: &Connection, key: ThreadKey) -> Result<Option<Thread>, StoreError> {
    Ok(connection.prepare_cached(BY_KEY)?.query_row([key.0], read).optional()?)
}

/// The thread of two accounts, whichever is the business side; the self thread when both are equal.
pub fn between(connection: &Connection, one: AccountKey, other: AccountKey) -> Result<Option<Thread>, StoreError> {
    Ok(connection
        .prepare_cached(BETWEEN)?
        .query_row(params![one.0, other.0], read)
        .optional()?)
}

/// The thread with this id of the conversations edge.
pub fn by_conversation(connection: &Connection, id: &str) -> Result<Option<Thread>, StoreError> {
    Ok(connection
        .prepare_cached(BY_CONVERSATION)?
        .query_row([id], read)
        .optional()?)
}

/// Threads of one account, newest first.
pub fn of_account(
    connection: &Connection,
    account: AccountKey,
    limit: i64,
    offset: i64,
) -> Result<Vec<Thread>, StoreError> {
    let mut statement = connection.prepare_cached(OF_ACCOUNT)?;
    let rows = statement.query_map(params![account.0, limit, offset], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Threads of one account for the conversations edge, newest first, with or without the self thread.
pub fn listed_of_account(
    connection: &Connection,
    account: AccountKey,
    with_self: bool,
    requests_since_ms: i64,
    limit: i64,
    offset: i64,
) -> Result<Vec<Thread>, StoreError> {
    let mut statement = connection.prepare_cached(LISTED_OF_ACCOUNT)?;
    let rows = statement.query_map(params![account.0, with_self, limit, offset, requests_since_ms], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All threads after a key, oldest first.
pub fn all(connection: &Connection, after: i64, limit: i64) -> Result<Vec<Thread>, StoreError> {
    let mut statement = connection.prepare_cached(ALL)?;
    let rows = statement.query_map(params![after, limit], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes a thread; `number` and `conversation_id` are minted by the caller.
pub fn insert(
    tx: &Tx<'_>,
    a: AccountKey,
    b: AccountKey,
    number: i64,
    conversation_id: &ConversationId,
    folder: &str,
    now_ms: i64,
) -> Result<Thread, StoreError> {
    let key = tx
        .prepare_cached(INSERT)?
        .insert(params![a.0, b.0, number, conversation_id.as_str(), folder, now_ms])?;
    Ok(Thread {
        key: ThreadKey(key),
        a,
        b,
        number,
        conversation_id: conversation_id.clone(),
        folder: folder.to_owned(),
        a_wrote_at_ms: None,
        b_wrote_at_ms: None,
        b_consented: false,
        a_consented: false,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    })
}

/// Stores the changeable parts: folder, windows, consent, last update.
pub fn update(tx: &Tx<'_>, thread: &Thread) -> Result<(), StoreError> {
    tx.prepare_cached(TOUCH)?.execute(params![
        thread.key.0,
        thread.updated_at_ms,
        thread.folder,
        thread.a_wrote_at_ms,
        thread.b_wrote_at_ms,
        thread.a_consented,
        thread.b_consented
    ])?;
    Ok(())
}

/// Records the newest message that a participant has seen.
pub fn seen(tx: &Tx<'_>, thread: &Thread, by: AccountKey, message: MessageKey) -> Result<(), StoreError> {
    let sql = if thread.a == by { SEEN_BY_A } else { SEEN_BY_B };
    tx.prepare_cached(sql)?.execute(params![thread.key.0, message.0])?;
    Ok(())
}

/// The read model of a thread: at most `limit` messages made after message id `after`, oldest first.
pub fn view(connection: &Connection, thread: &Thread, after: i64, limit: i64) -> Result<ThreadView, StoreError> {
    let (a, b, a_seen_mid, b_seen_mid) = connection
        .prepare_cached(USERNAMES_AND_SEEN)?
        .query_row([thread.key.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    Ok(ThreadView {
        id: thread.key.0,
        a,
        b,
        is_self: thread.is_self(),
        open: !thread.is_self() || thread.a_wrote_at_ms.is_some(),
        folder: thread.folder.clone(),
        conversation_id: thread.conversation_id.as_str().to_owned(),
        a_seen_mid,
        b_seen_mid,
        updated_at: rfc3339(thread.updated_at_ms),
        messages: messages::views_of_thread(connection, thread.key, after, limit)?,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Thread> {
    Ok(Thread {
        key: ThreadKey(row.get(0)?),
        a: AccountKey(row.get(1)?),
        b: AccountKey(row.get(2)?),
        number: row.get(3)?,
        conversation_id: ConversationId::new(row.get::<_, String>(4)?),
        folder: row.get(5)?,
        a_wrote_at_ms: row.get(6)?,
        b_wrote_at_ms: row.get(7)?,
        b_consented: row.get(8)?,
        a_consented: row.get(9)?,
        created_at_ms: row.get(10)?,
        updated_at_ms: row.get(11)?,
    })
}
