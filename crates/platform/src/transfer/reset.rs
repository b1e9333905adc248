//! Going back to the beginning: the demo world as it was made, with the same ids, secrets and tokens, or no world at all.
//!
//! A bot under test keeps its settings across resets: what binds it to the platform (the app's callback, the installed webhooks,
//! tokens that are still valid) stays as it stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::document::write_document;
use super::import::{DocumentClock, ImportError, ImportRefusal, load};
use crate::store::transfer::{self, RowError, RowObject};
use crate::store::{Failure, StoreError, Tx, settings};
use crate::world::World;

/// Where the demo world lies as it was made: a document of its own.
const SNAPSHOT_SETTING: &str = "demo.snapshot";
/// Of an empty world that is to stay empty at the next start.
const MADE_SETTING: &str = "demo.made";
/// What binds a bot to the platform, by table. Tokens are kept only while they are valid.
const BINDINGS: &[&str] = &["app_subscriptions", "installs", "tokens"];

/// What a reset goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetTo {
    /// The demo world as it was made.
    Demo,
    /// No apps, no accounts, nothing.
    Empty,
}

/// Keeps the demo world as it is now, to be gone back to.
pub(crate) fn keep_snapshot(tx: &Tx<'_>, world: &World) -> Result<(), StoreError> {
    let mut document = Vec::new();
    write_document(tx, world.clock.status(), &mut document).map_err(|error| StoreError::Corrupt {
        what: "demo world",
        value: error.to_string(),
    })?;
    settings::put(tx, SNAPSHOT_SETTING, &String::from_utf8_lossy(&document))
}

impl World {
    /// Goes back to the demo world, where this folder ever had one, otherwise to none; `to` decides when it is given. World time is real
    /// time again. Answers where it went.
    ///
    /// # Errors
    /// This folder has no demo world to go back to, or the store or the clock failed: nothing was changed.
    pub async fn reset(&self, to: Option<ResetTo>) -> Result<ResetTo, ImportError> {
        let real_now = self.clock.real_now();
        let now_ms = real_now.as_millisecond();
        self.replace(move |tx| {
            let snapshot = settings::get(tx, SNAPSHOT_SETTING)?;
            let gone_to = match (to, snapshot) {
                (Some(ResetTo::Empty), snapshot) => {
                    become_empty(tx, snapshot.as_deref(), now_ms)?;
                    ResetTo::Empty
                }
                (None, None) => {
                    become_empty(tx, None, now_ms)?;
                    ResetTo::Empty
                }
                (Some(ResetTo::Demo) | None, Some(snapshot)) => {
                    become_demo(tx, &snapshot, now_ms)?;
                    ResetTo::Demo
                }
                (Some(ResetTo::Demo), None) => {
                    return Err(Failure::Refused(ImportRefusal {
                        field: Some("to".to_owned()),
                        message: "this world was not made from the demo world; reset to \"empty\"".to_owned(),
                    }));
                }
            };
            let clock = DocumentClock {
                now: real_now,
                frozen: false,
            };
            Ok((clock, gone_to))
        })
        .await
    }
}

/// The demo world of this folder can still be gone back to.
fn become_empty(tx: &Tx<'_>, snapshot: Option<&str>, now_ms: i64) -> Result<(), Failure<ImportRefusal>> {
    let stream_end = transfer::stream_end(tx)?;
    transfer::empty(tx)?;
    settings::put(tx, MADE_SETTING, &now_ms.to_string())?;
    if let Some(snapshot) = snapshot {
        settings::put(tx, SNAPSHOT_SETTING, snapshot)?;
    }
    transfer::close(tx, stream_end, now_ms).map_err(failed)
}

fn become_demo(tx: &Tx<'_>, snapshot: &str, now_ms: i64) -> Result<(), Failure<ImportRefusal>> {
    let mut kept: Vec<(&str, Vec<String>, Vec<RowObject>)> = Vec::new();
    for (table, columns) in transfer::tables(tx)? {
        if let Some(binding) = BINDINGS.iter().find(|name| **name == table) {
            let mut rows = Vec::new();
            transfer::rows(tx, binding, |row| {
                rows.push(row);
                Ok::<_, StoreError>(())
            })?;
            kept.push((binding, columns, rows));
        }
    }
    load(tx, snapshot.as_bytes())?;
    settings::put(tx, SNAPSHOT_SETTING, snapshot)?;
    for (table, columns, rows) in kept {
        for row in rows {
            transfer::put_binding(tx, table, &columns, row).map_err(failed)?;
        }
    }
    Ok(transfer::renew_tokens(tx, now_ms)?)
}

fn failed(error: RowError) -> Failure<ImportRefusal> {
    match error {
        RowError::Store(error) => Failure::Store(error),
        RowError::Misfit { words, .. } => Failure::Store(StoreError::Corrupt {
            what: "demo world",
            value: words,
        }),
    }
}
