//! Files: reusable uploads, and media of messages.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use selfsame_runtime::random::Random;
use selfsame_wire::send::MediaKind;
use serde_json::{Value, json};

use super::{StoreError, Tx};
use crate::domain::identifiers;
use crate::domain::keys::{AccountKey, AppKey, MessageKey};

/// Life of the address of a message's file, ms of world time.
const ADDRESS_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Random bytes in the address of a file.
const SIGNATURE_BYTES: usize = 24;

const INSERT: &str = "INSERT INTO assets (asset_id, account_id, app_id, kind, content_type, body, reusable, signature, expires_at_ms, \
                      created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
pub(super) const OVER: &str =
    "SELECT id FROM assets WHERE erased = 0 AND expires_at_ms <= ?1 ORDER BY expires_at_ms LIMIT ?2";
const ERASE: &str = "UPDATE assets SET body = x'', erased = 1 WHERE id = ?1";
pub(super) const ERASE_OF_MESSAGE: &str = "UPDATE assets SET body = x'', erased = 1 WHERE message_id = ?1";
const ATTACH: &str = "UPDATE assets SET message_id = ?2 WHERE asset_id = ?1 AND reusable = 0";
const OWNED: &str =
    "SELECT asset_id, kind, signature FROM assets WHERE asset_id = ?1 AND account_id = ?2 AND reusable = 1";
const SERVED: &str = "SELECT a.content_type, a.body, a.expires_at_ms, a.erased, m.deleted_at_ms IS NOT NULL FROM assets a \
                      LEFT JOIN messages m ON m.id = a.message_id WHERE a.asset_id = ?1 AND a.signature = ?2";

/// A file to store.
#[derive(Debug, Clone)]
pub struct NewAsset {
    /// Attachment id, minted by the caller.
    pub asset_id: String,
    /// Whose.
    pub account: AccountKey,
    /// Uploaded by which app; `None` for what a person sends from the phone.
    pub app: Option<AppKey>,
    /// `image`, `audio`, `video`, `file`.
    pub kind: String,
    /// As fetched or uploaded.
    pub content_type: String,
    /// The file.
    pub body: Bytes,
    /// Whether it was uploaded to be used again.
    pub reusable: bool,
    /// Random text in its address.
    pub signature: String,
    /// End of its address's life, ms of world time.
    pub expires_at_ms: Option<i64>,
}

/// A file as it came.
#[derive(Debug, Clone)]
pub struct AssetFile {
    /// What it is sent as.
    pub kind: MediaKind,
    /// As fetched or uploaded.
    pub content_type: String,
    /// The file.
    pub body: Bytes,
}

impl NewAsset {
    /// A file with a new id and address. A reusable one lives for ever, that of a message for seven days.
    pub fn new(
        random: &Random,
        account: AccountKey,
        app: Option<AppKey>,
        file: AssetFile,
        reusable: bool,
        now_ms: i64,
    ) -> Self {
        Self {
            asset_id: identifiers::attachment_id(random).into_string(),
            account,
            app,
            kind: file.kind.name().to_owned(),
            content_type: file.content_type,
            body: file.body,
            reusable,
            signature: random.hex(SIGNATURE_BYTES),
            expires_at_ms: (!reusable).then(|| now_ms.saturating_add(ADDRESS_LIFE_MS)),
        }
    }
}

/// A file as webhooks show it; `base` is scheme and authority of its address.
pub fn attachment(base: &str, kind: &str, asset_id: &str, signature: &str) -> Value {
    json!({"type": kind, "payload": {"url": format!("{base}/assets/media/{asset_id}?signature={signature}")}})
}

/// A file as its address serves it.
#[derive(Debug, Clone)]
pub struct ServedAsset {
    /// Content type.
    pub content_type: String,
    /// The file.
    pub body: Vec<u8>,
    /// ms of world time.
    pub expires_at_ms: Option<i64>,
    /// The file is no longer here.
    pub erased: bool,
    /// The message it belongs to was unsent.
    pub unsent: bool,
}

/// A reusable upload, as an app refers to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedAsset {
    /// Attachment id.
    pub asset_id: String,
    /// `image`, `audio`, `video`, `file`.
    pub kind: String,
    /// Random text in its address.
    pub signature: String,
}

/// Stores a file.
pub fn insert(tx: &Tx<'_>, new: &NewAsset, now_ms: i64) -> Result<(), StoreError> {
    tx.prepare_cached(INSERT)?.execute(params![
        new.asset_id,
        new.account.0,
        new.app.map(|app| app.0),
        new.kind,
        new.content_type,
        &new.body[..],
        new.reusable,
        new.signature,
        new.expires_at_ms,
        now_ms
    ])?;
    Ok(())
}

/// Ties a file to the message that carries it, so that it goes when the message is unsent.
pub fn attach(tx: &Tx<'_>, asset_id: &str, message: MessageKey) -> Result<(), StoreError> {
    tx.prepare_cached(ATTACH)?.execute(params![asset_id, message.0])?;
    Ok(())
}

/// Erases the files of an unsent message; their addresses go on saying so.
pub fn erase_of_message(tx: &Tx<'_>, message: MessageKey) -> Result<(), StoreError> {
    tx.prepare_cached(ERASE_OF_MESSAGE)?.execute([message.0])?;
    Ok(())
}

/// Erases files whose address has ended at `now_ms`, at most `limit`. Answers how many.
pub fn erase_over(tx: &Tx<'_>, now_ms: i64, limit: i64) -> Result<u64, StoreError> {
    let mut statement = tx.prepare_cached(OVER)?;
    let over = statement.query_map([now_ms, limit], |row| row.get::<_, i64>(0))?;
    let mut n_erased = 0_u64;
    for id in over.collect::<Result<Vec<_>, _>>()? {
        tx.prepare_cached(ERASE)?.execute([id])?;
        n_erased = n_erased.saturating_add(1);
    }
    Ok(n_erased)
}

/// The reusable upload with this attachment id, if it is this account's.
pub fn owned(connection: &Connection, asset_id: &str, account: AccountKey) -> Result<Option<OwnedAsset>, StoreError> {
    Ok(connection
        .prepare_cached(OWNED)?
        .query_row(params![asset_id, account.0], |row| {
            Ok(OwnedAsset {
                asset_id: row.get(0)?,
                kind: row.get(1)?,
                signature: row.get(2)?,
            })
        })
        .optional()?)
}

/// The file behind an address; `None` when id and signature do not fit.
pub fn served(connection: &Connection, asset_id: &str, signature: &str) -> Result<Option<ServedAsset>, StoreError> {
    Ok(connection
        .prepare_cached(SERVED)?
        .query_row(params![asset_id, signature], |row| {
            Ok(ServedAsset {
                content_type: row.get(0)?,
                body: row.get(1)?,
                expires_at_ms: row.get(2)?,
                erased: row.get(3)?,
                unsent: row.get(4)?,
            })
        })
        .optional()?)
}
