//! Messages, reactions, and their read models.

use rusqlite::{Connection, Row, params};
use selfsame_wire::ids::MessageId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Slice, StoreError, Tx};
use crate::domain::keys::{AccountKey, AppKey, CommentKey, MessageKey, ThreadKey};
use crate::domain::message::{Content, Message, Origin};
use crate::domain::thread::Side;
use crate::domain::view::{MessageView, ReactionView, rfc3339};

macro_rules! select_message {
    ($condition:literal) => {
        concat!(
            "SELECT m.id, m.mid, m.thread_id, m.sender_id, m.side, m.origin, m.app_id, m.text, m.attachments, m.buttons, m.quick_replies, ",
            "m.quick_reply, m.reply_to, m.referral, m.edit_count, m.edited_at_ms, m.deleted_at_ms, m.created_at_ms FROM messages m ",
            $condition
        )
    };
}

macro_rules! select_view {
    ($condition:literal) => {
        concat!(
            "SELECT m.id, m.mid, m.thread_id, s.username, m.side, m.origin, p.name, coalesce(m.text, m.attachments ->> '$[0].payload.text'), m.attachments, m.buttons, m.quick_replies, ",
            "m.quick_reply, m.reply_to, m.edit_count, m.deleted_at_ms, c.comment_id, m.created_at_ms FROM messages m ",
            "JOIN accounts s ON s.id = m.sender_id LEFT JOIN apps p ON p.id = m.app_id LEFT JOIN comments c ON c.id = m.comment_id ",
            $condition
        )
    };
}

pub(super) const BY_KEY: &str = select_message!("WHERE m.id = ?1");
pub(super) const BY_MID: &str = select_message!("WHERE substr(m.mid, -24) = substr(?1, -24) AND m.mid = ?1");
pub(super) const NEWEST: &str = select_message!("WHERE m.thread_id = ?1 ORDER BY m.id DESC LIMIT ?2");
pub(super) const ONWARDS: &str = select_message!("WHERE m.thread_id = ?1 AND m.id < ?2 ORDER BY m.id DESC LIMIT ?3");
pub(super) const BACK: &str = select_message!("WHERE m.thread_id = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3");
pub(super) const VIEW: &str = select_view!("WHERE m.id = ?1");
pub(super) const VIEWS_OF_THREAD: &str = select_view!("WHERE m.thread_id = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3");
const LATEST_VIEWS_OF_THREAD: &str = select_view!("WHERE m.thread_id = ?1 AND m.id < ?2 ORDER BY m.id DESC LIMIT ?3");
pub(super) const VIEWS_AFTER: &str = select_view!("WHERE m.id > ?1 ORDER BY m.id LIMIT ?2");
const FIRST_VIEW: &str = select_view!(
    "JOIN threads t ON t.id = m.thread_id WHERE m.id > ?1 AND (?2 IS NULL OR m.thread_id = ?2) AND (?3 IS NULL OR t.a_id = ?3 OR t.b_id = ?3) \
     AND (?4 IS NULL OR m.side = ?4) AND (?5 IS NULL OR m.origin = ?5) AND (?6 IS NULL OR coalesce(m.text, m.attachments ->> '$[0].payload.text') = ?6) ORDER BY m.id LIMIT 1"
);
pub(super) const FIRST_VIEW_IN_THREAD: &str = select_view!(
    "WHERE m.thread_id = ?2 AND m.id > ?1 AND (?3 IS NULL OR m.side = ?3) AND (?4 IS NULL OR m.origin = ?4) AND (?5 IS NULL OR coalesce(m.text, m.attachments ->> '$[0].payload.text') = ?5) \
     ORDER BY m.id LIMIT 1"
);
const REACTIONS: &str = "SELECT a.username, r.reaction, r.emoji FROM reactions r JOIN accounts a ON a.id = r.account_id \
                         WHERE r.message_id = ?1 ORDER BY r.at_ms, r.account_id";
const INSERT: &str = "INSERT INTO messages (mid, thread_id, sender_id, side, origin, app_id, text, attachments, buttons, quick_replies, \
                      quick_reply, reply_to, referral, comment_id, created_at_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
const EDIT: &str =
    "UPDATE messages SET text = ?2, edit_count = edit_count + 1, edited_at_ms = ?3 WHERE id = ?1 RETURNING edit_count";
const DELETE: &str = "UPDATE messages SET deleted_at_ms = ?2 WHERE id = ?1 AND deleted_at_ms IS NULL";
const REACT: &str = "INSERT INTO reactions (message_id, account_id, reaction, emoji, at_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT (message_id, account_id) DO UPDATE SET reaction = excluded.reaction, emoji = excluded.emoji, at_ms = excluded.at_ms";
pub(super) const NEXT_ROW: &str = "SELECT coalesce(max(id), 0) + 1 FROM messages";
const UNREACT: &str = "DELETE FROM reactions WHERE message_id = ?1 AND account_id = ?2";

/// A message to store.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Minted by the caller.
    pub mid: MessageId,
    /// Its thread.
    pub thread: ThreadKey,
    /// Who wrote it.
    pub sender: AccountKey,
    /// Which side that is.
    pub side: Side,
    /// Phone or API.
    pub origin: Origin,
    /// For origin API.
    pub app: Option<AppKey>,
    /// What it carries.
    pub content: Content,
    /// The comment a private reply answers.
    pub comment: Option<CommentKey>,
    /// ms of world time.
    pub created_at_ms: i64,
}

/// Inserts a message.
pub fn insert(tx: &Tx<'_>, new: &NewMessage) -> Result<MessageKey, StoreError> {
    let content = &new.content;
    let key = tx.prepare_cached(INSERT)?.insert(params![
        new.mid.as_str(),
        new.thread.0,
        new.sender.0,
        new.side.as_str(),
        new.origin.as_str(),
        new.app.map(|app| app.0),
        content.text,
        json_unless_empty(&content.attachments)?,
        json_unless_empty(&content.buttons)?,
        json_unless_empty(&content.quick_replies)?,
        content.quick_reply,
        content.reply_to.as_ref().map(ToString::to_string),
        content.referral.as_ref().map(ToString::to_string),
        new.comment.map(|comment| comment.0),
        new.created_at_ms
    ])?;
    Ok(MessageKey(key))
}

/// The row that the next message will be; part of its id.
pub fn next_row(tx: &Tx<'_>) -> Result<i64, StoreError> {
    Ok(tx.prepare_cached(NEXT_ROW)?.query_row([], |row| row.get(0))?)
}

/// The message with this key.
pub fn by_key(connection: &Connection, key: MessageKey) -> Result<Option<Message>, StoreError> {
    let mut statement = connection.prepare_cached(BY_KEY)?;
    let mut rows = statement.query([key.0])?;
    rows.next()?.map(message).transpose()
}

/// The message with this id.
pub fn by_mid(connection: &Connection, mid: &str) -> Result<Option<Message>, StoreError> {
    let mut statement = connection.prepare_cached(BY_MID)?;
    let mut rows = statement.query([mid])?;
    rows.next()?.map(message).transpose()
}

/// The newest messages of a thread, newest first.
pub fn newest(connection: &Connection, thread: ThreadKey, limit: i64) -> Result<Vec<Message>, StoreError> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let mut rows = statement.query(params![thread.0, limit])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(message(row)?);
    }
    Ok(messages)
}

/// Messages of a thread, newest first.
pub fn of_thread(
    connection: &Connection,
    thread: ThreadKey,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Message>, StoreError> {
    let (statement, row) = slice.statement(ONWARDS, BACK, i64::MAX);
    let mut statement = connection.prepare_cached(statement)?;
    let mut rows = statement.query(params![thread.0, row, limit])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(message(row)?);
    }
    Ok(slice.in_order(messages))
}

/// Replaces the text of a message and answers how often it has been edited now.
pub fn edit(tx: &Tx<'_>, key: MessageKey, text: &str, now_ms: i64) -> Result<i64, StoreError> {
    Ok(tx
        .prepare_cached(EDIT)?
        .query_row(params![key.0, text, now_ms], |row| row.get(0))?)
}

/// Unsends a message; false when it was unsent already.
pub fn delete(tx: &Tx<'_>, key: MessageKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(params![key.0, now_ms])? == 1)
}

/// Sets the reaction of an account, replacing its former one.
pub fn react(
    tx: &Tx<'_>,
    key: MessageKey,
    by: AccountKey,
    reaction: &str,
    emoji: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.prepare_cached(REACT)?
        .execute(params![key.0, by.0, reaction, emoji, now_ms])?;
    Ok(())
}

/// Takes a reaction back; false when there was none.
pub fn unreact(tx: &Tx<'_>, key: MessageKey, by: AccountKey) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(UNREACT)?.execute(params![key.0, by.0])? == 1)
}

/// Who reacted how, oldest first.
pub fn reactions(connection: &Connection, key: MessageKey) -> Result<Vec<ReactionView>, StoreError> {
    let mut statement = connection.prepare_cached(REACTIONS)?;
    let rows = statement.query_map([key.0], |row| {
        Ok(ReactionView {
            username: row.get(0)?,
            reaction: row.get(1)?,
            emoji: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The read model of one message.
pub fn view(connection: &Connection, key: MessageKey) -> Result<Option<MessageView>, StoreError> {
    let mut statement = connection.prepare_cached(VIEW)?;
    let mut rows = statement.query([key.0])?;
    rows.next()?.map(|row| message_view(connection, row)).transpose()
}

/// Which message is looked for; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Made after the message with this id.
    pub after: i64,
    /// In this thread.
    pub thread: Option<ThreadKey>,
    /// In any thread of this account.
    pub participant: Option<AccountKey>,
    /// Which side spoke.
    pub side: Option<Side>,
    /// Phone or API.
    pub origin: Option<Origin>,
    /// The whole text, or that of the template.
    pub text: Option<String>,
    /// This very message.
    pub mid: Option<String>,
}

/// The read model of the oldest message that passes the filter.
pub fn first_view(connection: &Connection, filter: &MessageFilter) -> Result<Option<MessageView>, StoreError> {
    if let Some(mid) = &filter.mid {
        let Some(found) = by_mid(connection, mid)? else {
            return Ok(None);
        };
        let passes = found.key.0 > filter.after
            && filter.thread.is_none_or(|thread| thread == found.thread)
            && filter.participant.is_none_or(|account| account == found.sender)
            && filter.side.is_none_or(|side| side == found.side)
            && filter.origin.is_none_or(|origin| origin == found.origin);
        let shown = if passes { view(connection, found.key)? } else { None };
        return Ok(shown.filter(|view| filter.text.is_none() || view.text == filter.text));
    }
    let side = filter.side.map(Side::as_str);
    let origin = filter.origin.map(Origin::as_str);
    let participant = filter.participant.map(|account| account.0);
    let (sql, params): (&str, &[&dyn rusqlite::ToSql]) = match &filter.thread {
        Some(thread) => (
            FIRST_VIEW_IN_THREAD,
            params![filter.after, thread.0, side, origin, filter.text],
        ),
        None => (
            FIRST_VIEW,
            params![
                filter.after,
                Option::<i64>::None,
                participant,
                side,
                origin,
                filter.text
            ],
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(|row| message_view(connection, row)).transpose()
}

/// Read models of a thread after message id `after`, oldest first.
pub fn views_of_thread(
    connection: &Connection,
    thread: ThreadKey,
    after: i64,
    limit: i64,
) -> Result<Vec<MessageView>, StoreError> {
    let mut statement = connection.prepare_cached(VIEWS_OF_THREAD)?;
    let mut rows = statement.query(params![thread.0, after, limit])?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        views.push(message_view(connection, row)?);
    }
    Ok(views)
}

/// Read models of the newest messages of a thread made before message id `before` (`None` = up to the end), oldest first.
pub fn latest_views_of_thread(
    connection: &Connection,
    thread: ThreadKey,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<MessageView>, StoreError> {
    let mut statement = connection.prepare_cached(LATEST_VIEWS_OF_THREAD)?;
    let mut rows = statement.query(params![thread.0, before.unwrap_or(i64::MAX), limit])?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        views.push(message_view(connection, row)?);
    }
    views.reverse();
    Ok(views)
}

/// Read models of all threads after message id `after`, oldest first.
pub fn views_after(connection: &Connection, after: i64, limit: i64) -> Result<Vec<MessageView>, StoreError> {
    let mut statement = connection.prepare_cached(VIEWS_AFTER)?;
    let mut rows = statement.query(params![after, limit])?;
    let mut views = Vec::new();
    while let Some(row) = rows.next()? {
        views.push(message_view(connection, row)?);
    }
    Ok(views)
}

fn json_unless_empty<T: Serialize>(items: &[T]) -> Result<Option<String>, StoreError> {
    if items.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(items)
        .map(Some)
        .map_err(|error| StoreError::Corrupt {
            what: "message content",
            value: error.to_string(),
        })
}

fn from_json<T: DeserializeOwned + Default>(what: &'static str, text: Option<String>) -> Result<T, StoreError> {
    match text {
        None => Ok(T::default()),
        Some(text) => serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what, value: text }),
    }
}

fn side(name: String) -> Result<Side, StoreError> {
    Side::parse(&name).ok_or(StoreError::Corrupt {
        what: "side",
        value: name,
    })
}

pub(crate) fn origin(name: String) -> Result<Origin, StoreError> {
    Origin::parse(&name).ok_or(StoreError::Corrupt {
        what: "origin",
        value: name,
    })
}

fn message(row: &Row<'_>) -> Result<Message, StoreError> {
    Ok(Message {
        key: MessageKey(row.get(0)?),
        mid: MessageId::new(row.get::<_, String>(1)?),
        thread: ThreadKey(row.get(2)?),
        sender: AccountKey(row.get(3)?),
        side: side(row.get(4)?)?,
        origin: origin(row.get(5)?)?,
        app: row.get::<_, Option<i64>>(6)?.map(AppKey),
        content: Content {
            text: row.get(7)?,
            attachments: from_json("attachments", row.get(8)?)?,
            buttons: from_json("buttons", row.get(9)?)?,
            quick_replies: from_json("quick replies", row.get(10)?)?,
            quick_reply: row.get(11)?,
            reply_to: from_json("reply_to", row.get(12)?)?,
            referral: from_json("referral", row.get(13)?)?,
        },
        edit_count: row.get(14)?,
        edited_at_ms: row.get(15)?,
        deleted_at_ms: row.get(16)?,
        created_at_ms: row.get(17)?,
    })
}

fn message_view(connection: &Connection, row: &Row<'_>) -> Result<MessageView, StoreError> {
    let id: i64 = row.get(0)?;
    let deleted = row.get::<_, Option<i64>>(14)?.is_some();
    let mut view = MessageView {
        id,
        mid: row.get(1)?,
        thread_id: row.get(2)?,
        from: row.get(3)?,
        side: side(row.get(4)?)?,
        origin: origin(row.get(5)?)?,
        app: row.get(6)?,
        text: row.get(7)?,
        attachments: from_json("attachments", row.get(8)?)?,
        buttons: from_json("buttons", row.get(9)?)?,
        quick_replies: from_json("quick replies", row.get(10)?)?,
        quick_reply: row.get(11)?,
        reply_to: from_json("reply_to", row.get(12)?)?,
        reactions: reactions(connection, MessageKey(id))?,
        deleted,
        edited: row.get::<_, i64>(13)? > 0,
        comment_id: row.get(15)?,
        created_at: rfc3339(row.get(16)?),
    };
    if deleted {
        view.text = None;
        view.attachments.clear();
        view.buttons.clear();
        view.quick_replies.clear();
    }
    Ok(view)
}
