//! Media and their read model.

use rusqlite::{Connection, Row, params};
use selfsame_wire::ids::MediaId;

use super::{Slice, StoreError, Tx, comments};
use crate::domain::keys::{AccountKey, MediaKey};
use crate::domain::media::{Media, MediaAd};
use crate::domain::view::{MediaView, rfc3339};

macro_rules! select_media {
    ($condition:literal) => {
        concat!(
            "SELECT m.id, m.media_id, m.account_id, m.media_product_type, m.media_type, m.caption, m.shortcode, m.media_url, m.children, ",
            "m.comments_enabled, m.is_live, m.live_ended_at_ms, m.created_at_ms, a.username, m.ad, ",
            "(SELECT count(*) FROM media_likes l WHERE l.media_id = m.id) FROM media m JOIN accounts a ON a.id = m.account_id ",
            $condition
        )
    };
}

const BY_KEY: &str = select_media!("WHERE m.id = ?1 AND m.deleted_at_ms IS NULL");
const BY_ID: &str = select_media!("WHERE m.media_id = ?1 AND m.deleted_at_ms IS NULL");
const LATEST: &str = select_media!(
    "WHERE m.account_id = ?1 AND m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.media_product_type <> 'STORY' ORDER BY m.id DESC LIMIT 1"
);
const LATEST_OF_ALL: &str = select_media!(
    "WHERE m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.media_product_type <> 'STORY' ORDER BY m.id DESC LIMIT 1"
);
const OF_ACCOUNT_ONWARDS: &str = select_media!(
    "WHERE m.account_id = ?1 AND m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.id < ?2 AND (m.media_product_type = 'STORY') = ?4 AND m.created_at_ms > ?5 ORDER BY m.id DESC LIMIT ?3"
);
const OF_ACCOUNT_BACK: &str = select_media!(
    "WHERE m.account_id = ?1 AND m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.id > ?2 AND (m.media_product_type = 'STORY') = ?4 AND m.created_at_ms > ?5 ORDER BY m.id LIMIT ?3"
);
const BROADCASTS_ONWARDS: &str = select_media!(
    "WHERE m.account_id = ?1 AND m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.is_live = 1 AND m.live_ended_at_ms IS NULL AND m.id < ?2 ORDER BY m.id DESC LIMIT ?3"
);
const BROADCASTS_BACK: &str = select_media!(
    "WHERE m.account_id = ?1 AND m.deleted_at_ms IS NULL AND m.parent_id IS NULL AND m.is_live = 1 AND m.live_ended_at_ms IS NULL AND m.id > ?2 ORDER BY m.id LIMIT ?3"
);
const ALL: &str = select_media!("WHERE m.deleted_at_ms IS NULL AND m.parent_id IS NULL ORDER BY m.id");
const COUNT: &str = "SELECT count(*) FROM media WHERE account_id = ?1 AND deleted_at_ms IS NULL AND parent_id IS NULL";
const INSERT: &str = "INSERT INTO media (media_id, account_id, media_product_type, media_type, caption, shortcode, media_url, children, is_live, \
                      created_at_ms, ad, parent_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const END_LIVE: &str =
    "UPDATE media SET live_ended_at_ms = ?2 WHERE id = ?1 AND is_live = 1 AND live_ended_at_ms IS NULL";
const ENABLE_COMMENTS: &str = "UPDATE media SET comments_enabled = ?2 WHERE id = ?1";
const DELETE: &str = "UPDATE media SET deleted_at_ms = ?2 WHERE (id = ?1 OR parent_id = ?1) AND deleted_at_ms IS NULL";

/// Media to store.
#[derive(Debug, Clone)]
pub struct NewMedia {
    /// Minted by the caller.
    pub media_id: MediaId,
    /// Who publishes it.
    pub owner: AccountKey,
    /// `FEED`, `REELS`, `STORY`, `AD`, `LIVE`.
    pub media_product_type: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`.
    pub media_type: String,
    /// Text under the post.
    pub caption: Option<String>,
    /// Last part of the permalink.
    pub shortcode: String,
    /// Where the picture lies.
    pub media_url: Option<String>,
    /// Graph ids of an album's children.
    pub children: Vec<MediaId>,
    /// The ad that it is shown as.
    pub ad: Option<MediaAd>,
    /// A live broadcast.
    pub is_live: bool,
    /// The album that it is a picture or film of.
    pub parent: Option<MediaKey>,
}

/// The media with this key.
pub fn by_key(connection: &Connection, key: MediaKey) -> Result<Option<Media>, StoreError> {
    Ok(one(connection, BY_KEY, params![key.0])?.map(|(media, _)| media))
}

/// The media with this Graph id.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Media>, StoreError> {
    Ok(one(connection, BY_ID, params![id])?.map(|(media, _)| media))
}

/// The newest media of an account that is no story.
pub fn latest(connection: &Connection, owner: AccountKey) -> Result<Option<Media>, StoreError> {
    Ok(one(connection, LATEST, params![owner.0])?.map(|(media, _)| media))
}

/// The newest media in the world that is no story.
pub fn latest_of_all(connection: &Connection) -> Result<Option<Media>, StoreError> {
    Ok(one(connection, LATEST_OF_ALL, params![])?.map(|(media, _)| media))
}

/// Posts of an account, newest first; stories stand apart.
pub fn of_account(
    connection: &Connection,
    owner: AccountKey,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Media>, StoreError> {
    part_of_account(connection, owner, slice, limit, false, i64::MIN)
}

/// Stories of an account made after an instant, newest first.
pub fn stories_of_account(
    connection: &Connection,
    owner: AccountKey,
    slice: Slice,
    limit: i64,
    after_ms: i64,
) -> Result<Vec<Media>, StoreError> {
    part_of_account(connection, owner, slice, limit, true, after_ms)
}

/// Broadcasts of an account that are on air, newest first.
pub fn broadcasts_of_account(
    connection: &Connection,
    owner: AccountKey,
    slice: Slice,
    limit: i64,
) -> Result<Vec<Media>, StoreError> {
    let (statement, row) = slice.statement(BROADCASTS_ONWARDS, BROADCASTS_BACK, i64::MAX);
    let found = many(connection, statement, params![owner.0, row, limit])?;
    Ok(slice.in_order(found.into_iter().map(|(media, _)| media).collect()))
}

fn part_of_account(
    connection: &Connection,
    owner: AccountKey,
    slice: Slice,
    limit: i64,
    stories: bool,
    after_ms: i64,
) -> Result<Vec<Media>, StoreError> {
    let (statement, row) = slice.statement(OF_ACCOUNT_ONWARDS, OF_ACCOUNT_BACK, i64::MAX);
    let found = many(connection, statement, params![owner.0, row, limit, stories, after_ms])?;
    Ok(slice.in_order(found.into_iter().map(|(media, _)| media).collect()))
}

/// How many media an account has.
pub fn count(connection: &Connection, owner: AccountKey) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(COUNT)?
        .query_row([owner.0], |row| row.get(0))?)
}

/// Read models of all media, oldest first, without comments.
pub fn views(connection: &Connection) -> Result<Vec<MediaView>, StoreError> {
    Ok(many(connection, ALL, params![])?
        .into_iter()
        .map(|(media, username)| media_view(&media, username))
        .collect())
}

/// The read model of one media with all its comments.
pub fn view(connection: &Connection, id: &str) -> Result<Option<MediaView>, StoreError> {
    let Some((media, username)) = one(connection, BY_ID, params![id])? else {
        return Ok(None);
    };
    let mut view = media_view(&media, username);
    view.comments = Some(comments::views_of_media(connection, media.key)?);
    Ok(Some(view))
}

/// Inserts media.
pub fn insert(tx: &Tx<'_>, new: &NewMedia, now_ms: i64) -> Result<MediaKey, StoreError> {
    let children: Vec<&str> = new.children.iter().map(MediaId::as_str).collect();
    let ad = new.ad.as_ref().and_then(|ad| serde_json::to_string(ad).ok());
    let key = tx.prepare_cached(INSERT)?.insert(params![
        new.media_id.as_str(),
        new.owner.0,
        new.media_product_type,
        new.media_type,
        new.caption,
        new.shortcode,
        new.media_url,
        serde_json::Value::from(children).to_string(),
        new.is_live,
        now_ms,
        ad,
        new.parent.map(|parent| parent.0)
    ])?;
    Ok(MediaKey(key))
}

/// Ends a broadcast; false when it is none or has ended.
pub fn end_live(tx: &Tx<'_>, key: MediaKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(END_LIVE)?.execute(params![key.0, now_ms])? == 1)
}

/// Allows or forbids comments.
pub fn enable_comments(tx: &Tx<'_>, key: MediaKey, enabled: bool) -> Result<(), StoreError> {
    tx.prepare_cached(ENABLE_COMMENTS)?.execute(params![key.0, enabled])?;
    Ok(())
}

/// Deletes media, an album with its pictures and films; false when it was gone.
pub fn delete(tx: &Tx<'_>, key: MediaKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(DELETE)?.execute(params![key.0, now_ms])? > 0)
}

fn one(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Option<(Media, String)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

fn many(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<(Media, String)>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<(Media, String), StoreError> {
    let children: String = row.get(8)?;
    let ids: Vec<String> = serde_json::from_str(&children).map_err(|_| StoreError::Corrupt {
        what: "children",
        value: children,
    })?;
    let media = Media {
        key: MediaKey(row.get(0)?),
        media_id: MediaId::new(row.get::<_, String>(1)?),
        owner: AccountKey(row.get(2)?),
        media_product_type: row.get(3)?,
        media_type: row.get(4)?,
        caption: row.get(5)?,
        shortcode: row.get(6)?,
        media_url: row.get(7)?,
        ad: ad(row.get(14)?)?,
        children: ids.into_iter().map(MediaId::new).collect(),
        comments_enabled: row.get(9)?,
        is_live: row.get(10)?,
        live_ended_at_ms: row.get(11)?,
        created_at_ms: row.get(12)?,
        like_count: row.get(15)?,
    };
    Ok((media, row.get(13)?))
}

fn ad(stored: Option<String>) -> Result<Option<MediaAd>, StoreError> {
    let Some(text) = stored else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| StoreError::Corrupt {
        what: "ad",
        value: text,
    })
}

fn media_view(media: &Media, username: String) -> MediaView {
    MediaView {
        id: media.media_id.as_str().to_owned(),
        account: username,
        media_product_type: media.media_product_type.clone(),
        caption: media.caption.clone(),
        permalink: media.permalink(),
        media_url: media.media_url.clone(),
        live: media.is_broadcasting(),
        likes: media.like_count,
        comments_enabled: media.comments_enabled,
        created_at: rfc3339(media.created_at_ms),
        comments: None,
    }
}
