//! Comments, private replies, and their read model.

use rusqlite::{Connection, Row, params};
use selfsame_wire::ids::CommentId;

use super::messages::origin;
use super::{Slice, StoreError, Tx};
use crate::domain::keys::{AccountKey, AppKey, CommentKey, MediaKey, MessageKey};
use crate::domain::media::Comment;
use crate::domain::message::Origin;
use crate::domain::view::{CommentView, rfc3339};

macro_rules! select_comment {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.comment_id, c.media_id, c.author_id, c.parent_id, p.comment_id, c.origin, c.app_id, c.text, c.hidden, ",
            "r.comment_id IS NOT NULL, c.created_at_ms, a.username, (SELECT count(*) FROM comment_likes l WHERE l.comment_id = c.id) FROM comments c JOIN accounts a ON a.id = c.author_id ",
            "LEFT JOIN comments p ON p.id = c.parent_id LEFT JOIN private_replies r ON r.comment_id = c.id ",
            $condition
        )
    };
}

const BY_KEY: &str = select_comment!("WHERE c.id = ?1 AND c.deleted_at_ms IS NULL");
const BY_ID: &str = select_comment!("WHERE c.comment_id = ?1 AND c.deleted_at_ms IS NULL");
const OF_MEDIA: &str = select_comment!("WHERE c.media_id = ?1 AND c.deleted_at_ms IS NULL ORDER BY c.id");
/// As the API shows them: those of people whom the owner restricted are not returned.
macro_rules! select_shown {
    ($condition:literal, $order:literal) => {
        concat!(
            select_comment!("WHERE c.deleted_at_ms IS NULL AND "),
            $condition,
            " AND NOT EXISTS (SELECT 1 FROM media o JOIN blocks b ON b.account_id = o.account_id ",
            "WHERE o.id = c.media_id AND b.other_id = c.author_id AND b.kind = 'restricted') ORDER BY ",
            $order,
            " LIMIT ?3"
        )
    };
}

const TOP_ONWARDS: &str = select_shown!("c.media_id = ?1 AND c.parent_id IS NULL AND c.id < ?2", "c.id DESC");
const TOP_BACK: &str = select_shown!("c.media_id = ?1 AND c.parent_id IS NULL AND c.id > ?2", "c.id");
const REPLIES_ONWARDS: &str = select_shown!("c.parent_id = ?1 AND c.id > ?2", "c.id");
const REPLIES_BACK: &str = select_shown!("c.parent_id = ?1 AND c.id < ?2", "c.id DESC");
const COUNT: &str = "SELECT count(*) FROM comments WHERE media_id = ?1 AND deleted_at_ms IS NULL";
const INSERT: &str = "INSERT INTO comments (comment_id, media_id, author_id, parent_id, origin, app_id, text, created_at_ms) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const HIDE: &str = "UPDATE comments SET hidden = ?2 WHERE id = ?1";
const DELETE: &str =
    "UPDATE comments SET deleted_at_ms = ?2 WHERE (id = ?1 OR parent_id = ?1) AND deleted_at_ms IS NULL";
const PRIVATE_REPLY: &str = "INSERT INTO private_replies (comment_id, message_id, app_id, at_ms) VALUES (?1, ?2, ?3, ?4) \
                             ON CONFLICT (comment_id) DO NOTHING";

/// A comment to store.
#[derive(Debug, Clone)]
pub struct NewComment {
    /// Minted by the caller.
    pub comment_id: CommentId,
    /// Under which media.
    pub media: MediaKey,
    /// Who writes it.
    pub author: AccountKey,
    /// The comment it answers.
    pub parent: Option<CommentKey>,
    /// Phone or API.
    pub origin: Origin,
    /// For origin API.
    pub app: Option<AppKey>,
    /// Text as typed.
    pub text: String,
    /// ms of world time.
    pub created_at_ms: i64,
}

/// Inserts a comment.
pub fn insert(tx: &Tx<'_>, new: &NewComment) -> Result<CommentKey, StoreError> {
    let key = tx.prepare_cached(INSERT)?.insert(params![
        new.comment_id.as_str(),
        new.media.0,
        new.author.0,
        new.parent.map(|parent| parent.0),
        new.origin.as_str(),
        new.app.map(|app| app.0),
        new.text,
        new.created_at_ms
    ])?;
    Ok(CommentKey(key))
}

/// The comment with this key.
pub fn by_key(connection: &Connection, key: CommentKey) -> Result<Option<Comment>, StoreError> {
    Ok(many(connection, BY_KEY, params![key.0])?
        .pop()
        .map(|(comment, _)| comment))
}

/// The comment with this Graph id.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Comment>, StoreError> {
    Ok(many(connection, BY_ID, params![id])?.pop().map(|(comment, _)| comment))
}

/// Top-level comments of media as the API shows them (those of restricted people are not returned), newest first.
pub fn top_of_media(
    connection: &Connection,
    media: MediaKey,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    let (statement, row) = slice.statement(TOP_ONWARDS, TOP_BACK, i64::MAX);
    let found = many(connection, statement, params![media.0, row, limit])?;
    Ok(slice.in_order(found.into_iter().map(|(comment, _)| comment).collect()))
}

/// Replies to a comment as the API shows them, oldest first.
pub fn replies(
    connection: &Connection,
    parent: CommentKey,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    let (statement, row) = slice.statement(REPLIES_ONWARDS, REPLIES_BACK, 0);
    let found = many(connection, statement, params![parent.0, row, limit])?;
    Ok(slice.in_order(found.into_iter().map(|(comment, _)| comment).collect()))
}

/// How many comments media has, replies included.
pub fn count(connection: &Connection, media: MediaKey) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(COUNT)?
        .query_row([media.0], |row| row.get(0))?)
}

/// Read models of all comments of media, oldest first.
pub fn views_of_media(connection: &Connection, media: MediaKey) -> Result<Vec<CommentView>, StoreError> {
    Ok(many(connection, OF_MEDIA, params![media.0])?
        .into_iter()
        .map(view_of)
        .collect())
}

/// The read model of one comment.
pub fn view(connection: &Connection, key: CommentKey) -> Result<Option<CommentView>, StoreError> {
    Ok(many(connection, BY_KEY, params![key.0])?.pop().map(view_of))
}

/// Hides a comment or shows it again.
pub fn hide(tx: &Tx<'_>, key: CommentKey, hidden: bool) -> Result<(), StoreError> {
    tx.prepare_cached(HIDE)?.execute(params![key.0, hidden])?;
    Ok(())
}

/// Deletes a comment and its replies; false when it was gone.
pub fn delete(tx: &Tx<'_>, key: CommentKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(params![key.0, now_ms])? > 0)
}

/// Records the one private reply to a comment; false when there is one already.
pub fn record_private_reply(
    tx: &Tx<'_>,
    key: CommentKey,
    message: MessageKey,
    app: Option<AppKey>,
    now_ms: i64,
) -> Result<bool, StoreError> {
    Ok(tx
        .prepare_cached(PRIVATE_REPLY)?
        .execute(params![key.0, message.0, app.map(|app| app.0), now_ms])?
        == 1)
}

fn many(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<(Comment, String)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<(Comment, String), StoreError> {
    let comment = Comment {
        key: CommentKey(row.get(0)?),
        comment_id: CommentId::new(row.get::<_, String>(1)?),
        media: MediaKey(row.get(2)?),
        author: AccountKey(row.get(3)?),
        parent: row.get::<_, Option<i64>>(4)?.map(CommentKey),
        parent_id: row.get::<_, Option<String>>(5)?.map(CommentId::new),
        origin: origin(row.get(6)?)?,
        app: row.get::<_, Option<i64>>(7)?.map(AppKey),
        text: row.get(8)?,
        hidden: row.get(9)?,
        private_replied: row.get(10)?,
        created_at_ms: row.get(11)?,
        like_count: row.get(13)?,
    };
    Ok((comment, row.get(12)?))
}

fn view_of((comment, username): (Comment, String)) -> CommentView {
    CommentView {
        id: comment.comment_id.into_string(),
        username,
        text: comment.text,
        parent_id: comment.parent_id.map(CommentId::into_string),
        hidden: comment.hidden,
        private_replied: comment.private_replied,
        likes: comment.like_count,
        origin: comment.origin,
        created_at: rfc3339(comment.created_at_ms),
    }
}
