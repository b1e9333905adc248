//! Who likes which media and which comment.

use rusqlite::{Connection, params};

use super::{StoreError, Tx};
use crate::domain::keys::{AccountKey, CommentKey, MediaKey};

const LIKE_MEDIA: &str =
    "INSERT INTO media_likes (media_id, account_id, created_at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const UNLIKE_MEDIA: &str = "DELETE FROM media_likes WHERE media_id = ?1 AND account_id = ?2";
const LIKE_COMMENT: &str =
    "INSERT INTO comment_likes (comment_id, account_id, created_at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
const UNLIKE_COMMENT: &str = "DELETE FROM comment_likes WHERE comment_id = ?1 AND account_id = ?2";

const COUNT_MEDIA: &str = "SELECT count(*) FROM media_likes WHERE media_id = ?1";
const COUNT_COMMENT: &str = "SELECT count(*) FROM comment_likes WHERE comment_id = ?1";

/// What can be liked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeable {
    /// A post, reel or story.
    Media(MediaKey),
    /// A comment.
    Comment(CommentKey),
}

/// Likes something; a second time changes nothing.
pub fn like(tx: &Tx<'_>, what: Likeable, account: AccountKey, now_ms: i64) -> Result<(), StoreError> {
    let (sql, key) = match what {
        Likeable::Media(media) => (LIKE_MEDIA, media.0),
        Likeable::Comment(comment) => (LIKE_COMMENT, comment.0),
    };
    tx.prepare_cached(sql)?.execute(params![key, account.0, now_ms])?;
    Ok(())
}

/// Takes a like back; without one nothing changes.
pub fn unlike(tx: &Tx<'_>, what: Likeable, account: AccountKey) -> Result<(), StoreError> {
    let (sql, key) = match what {
        Likeable::Media(media) => (UNLIKE_MEDIA, media.0),
        Likeable::Comment(comment) => (UNLIKE_COMMENT, comment.0),
    };
    tx.prepare_cached(sql)?.execute(params![key, account.0])?;
    Ok(())
}

/// How many like something.
pub fn count(connection: &Connection, what: Likeable) -> Result<i64, StoreError> {
    let (sql, key) = match what {
        Likeable::Media(media) => (COUNT_MEDIA, media.0),
        Likeable::Comment(comment) => (COUNT_COMMENT, comment.0),
    };
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
}
