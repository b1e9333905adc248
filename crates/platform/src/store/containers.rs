//! Containers of media to publish.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, Tx};
use crate::domain::container::{Container, ContainerKind, FileFault, FileState};
use crate::domain::keys::{AccountKey, ContainerKey};

macro_rules! select_container {
    ($condition:literal) => {
        concat!(
            "SELECT id, container_id, account_id, kind, is_video, is_item, media_url, caption, children, published_at_ms, created_at_ms, ",
            "file_state, failed_subcode FROM containers ",
            $condition
        )
    };
}

const BY_ID: &str = select_container!("WHERE container_id = ?1");
const FETCHING: &str = select_container!("WHERE file_state = 'fetching' ORDER BY id LIMIT ?1");
const INSERT: &str = "INSERT INTO containers (container_id, account_id, kind, is_video, is_item, media_url, caption, children, created_at_ms, \
                      file_state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
const FETCHED: &str =
    "UPDATE containers SET file_state = ?2, failed_subcode = ?3 WHERE container_id = ?1 AND file_state = 'fetching'";
const PUBLISHED: &str = "UPDATE containers SET published_at_ms = ?2 WHERE id = ?1 AND published_at_ms IS NULL";
const COUNT_SINCE: &str = "SELECT count(*) FROM containers WHERE account_id = ?1 AND published_at_ms > ?2";

const FETCHING_STATE: &str = "fetching";
const READY_STATE: &str = "ready";
const FAILED_STATE: &str = "failed";

/// A container to store.
#[derive(Debug, Clone)]
pub struct NewContainer {
    /// Minted by the caller.
    pub container_id: String,
    /// Whose.
    pub account: AccountKey,
    /// What it becomes.
    pub kind: ContainerKind,
    /// Whether its file is a film.
    pub is_video: bool,
    /// Made for an album.
    pub is_item: bool,
    /// Where the file lies.
    pub media_url: Option<String>,
    /// Text under the post.
    pub caption: Option<String>,
    /// Container ids of an album.
    pub children: Vec<String>,
    /// Whether its file is still to be fetched.
    pub is_fetching: bool,
}

/// Stores a container.
pub fn insert(tx: &Tx<'_>, new: &NewContainer, now_ms: i64) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(params![
        new.container_id,
        new.account.0,
        new.kind.as_str(),
        new.is_video,
        new.is_item,
        new.media_url,
        new.caption,
        serde_json::Value::from(new.children.clone()).to_string(),
        now_ms,
        if new.is_fetching { FETCHING_STATE } else { READY_STATE }
    ])?;
    Ok(())
}

/// The container of that id.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Container>, StoreError> {
    let found = connection.prepare_cached(BY_ID)?.query_row([id], read).optional()?;
    found.transpose()
}

/// The containers of these ids, without those that there are not.
pub fn by_ids(connection: &Connection, ids: &[String]) -> Result<Vec<Container>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(by_id(connection, id)?);
    }
    Ok(found)
}

/// Containers whose files are still to be fetched, oldest first.
pub fn fetching(connection: &Connection, limit: i64) -> Result<Vec<Container>, StoreError> {
    let mut statement = connection.prepare_cached(FETCHING)?;
    let mut rows = statement.query([limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)??);
    }
    Ok(found)
}

/// Records what became of a file; nothing happens unless it was still to be fetched.
pub fn fetched(tx: &Tx<'_>, id: &str, result: Result<(), FileFault>) -> Result<(), StoreError> {
    let (state, subcode) = match result {
        Ok(()) => (READY_STATE, None),
        Err(fault) => (FAILED_STATE, Some(fault.codes().1)),
    };
    tx.prepare_cached(FETCHED)?.execute(params![id, state, subcode])?;
    Ok(())
}

/// Records that it was published; false when it was before.
pub fn published(tx: &Tx<'_>, key: ContainerKey, now_ms: i64) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached(PUBLISHED)?.execute(params![key.0, now_ms])? == 1)
}

/// How many an account has published since an instant.
pub fn published_since(connection: &Connection, account: AccountKey, since_ms: i64) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(COUNT_SINCE)?
        .query_row(params![account.0, since_ms], |row| row.get(0))?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Container, StoreError>> {
    let (kind, children): (String, String) = (row.get(3)?, row.get(8)?);
    let Some(parsed) = ContainerKind::parse(&kind) else {
        return Ok(Err(StoreError::Corrupt {
            what: "container kind",
            value: kind,
        }));
    };
    let Ok(ids) = serde_json::from_str(&children) else {
        return Ok(Err(StoreError::Corrupt {
            what: "container children",
            value: children,
        }));
    };
    let (state, subcode): (String, Option<i64>) = (row.get(11)?, row.get(12)?);
    let file = match (state.as_str(), subcode.and_then(FileFault::of_subcode)) {
        (FETCHING_STATE, _) => FileState::Fetching,
        (FAILED_STATE, Some(fault)) => FileState::Failed(fault),
        (READY_STATE, _) => FileState::Ready,
        _ => {
            return Ok(Err(StoreError::Corrupt {
                what: "container file",
                value: state,
            }));
        }
    };
    Ok(Ok(Container {
        key: ContainerKey(row.get(0)?),
        container_id: row.get(1)?,
        account: AccountKey(row.get(2)?),
        kind: parsed,
        is_video: row.get(4)?,
        is_item: row.get(5)?,
        media_url: row.get(6)?,
        file,
        caption: row.get(7)?,
        children: ids,
        published_at_ms: row.get(9)?,
        created_at_ms: row.get(10)?,
    }))
}
