//! Reading a world in place of the one that is there: all of it or nothing, one row in memory at a time.

use std::convert::Infallible;
use std::fmt;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use selfsame_runtime::clock::{ClockError, KeptTime};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::document::{FORMAT, VERSION};
use crate::store::delivery_jobs::QUEUE;
use crate::store::transfer::{self, RowError, RowObject};
use crate::store::{Durability, Failure, StoreError, Tx, accounts, apps, chaos, rate_levels, settings};
use crate::world::World;

/// Why a document is not taken; the world is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ImportRefusal {
    /// The input at fault: `version`, `tables.messages[3].mid`.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The document.
    #[error(transparent)]
    Refused(#[from] ImportRefusal),
    /// The store; the world is as it was.
    #[error("cannot store the world")]
    Store(#[from] StoreError),
    /// Its time could not be set; the world is as it was.
    #[error("cannot set world time")]
    Clock(#[from] ClockError),
}

impl From<Failure<ImportRefusal>> for ImportError {
    fn from(failure: Failure<ImportRefusal>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Refused(refusal),
            Failure::Store(error) => Self::Store(error),
        }
    }
}

impl From<Failure<Self>> for ImportError {
    fn from(failure: Failure<Self>) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Store(error) => Self::Store(error),
        }
    }
}

/// How the clock stood, while another world is being stored: the process may die with the clock set and the world not committed.
const CLOCK_BEFORE_SETTING: &str = "clock.before";

/// World time of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentClock {
    pub(super) now: Timestamp,
    pub(super) frozen: bool,
}

impl World {
    /// Replaces the world by the one that `document` holds. World time goes on from where the document's stood.
    ///
    /// # Errors
    /// The document makes no sense, or the store or the clock failed: nothing was changed.
    pub async fn import(&self, document: impl Read + Send + 'static) -> Result<(), ImportError> {
        self.replace(move |tx| Ok((load(tx, document)?, ()))).await
    }

    /// Another world in place of this one: the rows that `fill` writes, and the time that it answers. Both or neither: the clock is
    /// set as the last thing inside the transaction, and put back if that cannot be committed; by [`World::recover_clock`], if the
    /// process dies between the two.
    pub(super) async fn replace<T: Send + 'static>(
        &self,
        fill: impl FnOnce(&Tx<'_>) -> Result<(DocumentClock, T), Failure<ImportRefusal>> + Send + 'static,
    ) -> Result<T, ImportError> {
        self.keep_clock(Some(self.clock.kept())).await?;
        let (world, before) = (self.clone(), Arc::new(OnceLock::new()));
        let kept = Arc::clone(&before);
        let replaced = self
            .store
            .write(Durability::Durable, move |tx| {
                let refused = |failure: Failure<ImportRefusal>| Failure::Refused(ImportError::from(failure));
                let (clock, value) = fill(tx).map_err(refused)?;
                settings::delete(tx, CLOCK_BEFORE_SETTING)?;
                let restored = world.clock.restore(clock.now, clock.frozen);
                let before = restored.map_err(|error| Failure::Refused(error.into()))?;
                kept.get_or_init(|| before);
                world.generation.begin();
                Ok(value)
            })
            .await;
        if replaced.is_err() {
            if let Some(before) = before.get() {
                self.clock.put_back(*before)?;
            }
            self.keep_clock(None).await?;
        }
        let value = replaced?;
        self.show_stored().await?;
        Ok(value)
    }

    /// Puts the clock back if the process died with it set for a world that was not committed.
    pub(crate) async fn recover_clock(&self) -> Result<(), ImportError> {
        let before = self
            .store
            .read(|connection| settings::get(connection, CLOCK_BEFORE_SETTING))
            .await?;
        let Some(before) = before else { return Ok(()) };
        let kept = serde_json::from_str(&before).map_err(|_| StoreError::Corrupt {
            what: "time before an import",
            value: before,
        })?;
        self.clock.put_back(kept)?;
        Ok(self.keep_clock(None).await?)
    }

    async fn keep_clock(&self, before: Option<KeptTime>) -> Result<(), StoreError> {
        let before = before.map(|before| serde_json::to_string(&before)).transpose();
        let before = before.map_err(|error| StoreError::Corrupt {
            what: "world time",
            value: error.to_string(),
        })?;
        let stored = self.store.write(Durability::Durable, move |tx| {
            match before {
                Some(before) => settings::put(tx, CLOCK_BEFORE_SETTING, &before)?,
                None => settings::delete(tx, CLOCK_BEFORE_SETTING)?,
            }
            Ok::<_, Failure<Infallible>>(())
        });
        Ok(stored.await?)
    }

    /// Puts in force what is kept outside the rows, after these were replaced.
    async fn show_stored(&self) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let (switches, rules, levels) = self
            .store
            .read(move |connection| {
                let levels = rate_levels::all(connection, now_ms)?;
                Ok((settings::switches(connection)?, chaos::state(connection)?, levels))
            })
            .await?;
        self.rates.restore(levels);
        self.switches.replace(switches);
        self.chaos.show(&rules);
        self.deliveries.ring();
        Ok(())
    }
}

/// Empties the world and fills it from the document. A refusal is rolled back by the caller's transaction.
pub(super) fn load(tx: &Tx<'_>, document: impl Read) -> Result<DocumentClock, Failure<ImportRefusal>> {
    let stream_end = transfer::stream_end(tx)?;
    let tables = transfer::tables(tx)?;
    transfer::empty(tx)?;
    let mut loader = Loader {
        tx,
        tables,
        path: String::new(),
        failed: None,
        found: Found::default(),
    };
    let mut reader = serde_json::Deserializer::from_reader(std::io::BufReader::new(document));
    let read = loader.deserialize(&mut reader).and_then(|()| reader.end());
    if let Some(error) = loader.failed.take() {
        return Err(Failure::Store(error));
    }
    read.map_err(|error| refuse(&loader.path, error.to_string()))?;
    let found = loader.found;
    for (is_there, field) in [
        (found.is_format, "format"),
        (found.is_version, "version"),
        (found.has_tables, "tables"),
    ] {
        if !is_there {
            return Err(refuse(field, format!("the document has no `{field}`")));
        }
    }
    let clock = found
        .clock
        .ok_or_else(|| refuse("clock", "the document has no `clock`".to_owned()))?;
    transfer::close(tx, stream_end, clock.now.as_millisecond()).map_err(|error| row_refused("tables", error))?;
    check_meaning(tx)?;
    QUEUE.void_leases(tx.jobs()).map_err(StoreError::from)?;
    Ok(clock)
}

/// Rows that fit their tables may still mean nothing; what everything else is read through says so.
fn check_meaning(tx: &Tx<'_>) -> Result<(), Failure<ImportRefusal>> {
    let meaning = |table: &str, read: Result<(), StoreError>| match read {
        Err(StoreError::Corrupt { what, value }) => Err(refuse(
            &format!("tables.{table}"),
            format!("{what} does not read back: {value}"),
        )),
        other => other.map_err(Failure::Store),
    };
    meaning("switches", settings::switches(tx).map(drop))?;
    meaning("chaos_rules", chaos::state(tx).map(drop))?;
    meaning("apps", apps::all(tx).map(drop))?;
    meaning("accounts", accounts::all(tx).map(drop))
}

fn refuse(field: &str, message: String) -> Failure<ImportRefusal> {
    Failure::Refused(ImportRefusal {
        field: Some(field.to_owned()).filter(|field| !field.is_empty()),
        message,
    })
}

fn row_refused(path: &str, error: RowError) -> Failure<ImportRefusal> {
    match error {
        RowError::Misfit { column: None, words } => refuse(path, words),
        RowError::Misfit {
            column: Some(column),
            words,
        } => refuse(&format!("{path}.{column}"), words),
        RowError::Store(error) => Failure::Store(error),
    }
}

/// Which parts of the document were there.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    is_format: bool,
    is_version: bool,
    has_tables: bool,
    clock: Option<DocumentClock>,
}

/// Reads the document; `path` is the place that is being read.
struct Loader<'t, 'c> {
    tx: &'t Tx<'c>,
    tables: Vec<(String, Vec<String>)>,
    path: String,
    failed: Option<StoreError>,
    found: Found,
}

impl<'de> DeserializeSeed<'de> for &mut Loader<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Loader<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a document of /_sim/export")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.path.clone_from(&key);
            match key.as_str() {
                "format" => {
                    let format: String = map.next_value()?;
                    if format != FORMAT {
                        return Err(A::Error::custom(format_args!("{format:?} is not {FORMAT:?}")));
                    }
                    self.found.is_format = true;
                }
                "version" => {
                    let version: u64 = map.next_value()?;
                    if version == 0 || version > VERSION {
                        let words =
                            format_args!("version {version} is not known here; this selfsame reads 1 to {VERSION}");
                        return Err(A::Error::custom(words));
                    }
                    self.found.is_version = true;
                }
                "made_by" => drop(map.next_value::<IgnoredAny>()?),
                "clock" => self.found.clock = Some(map.next_value()?),
                "tables" if self.found.has_tables => return Err(A::Error::duplicate_field("tables")),
                "tables" => {
                    map.next_value_seed(Tables(self))?;
                    self.found.has_tables = true;
                }
                _ => return Err(A::Error::custom("the document has no such member")),
            }
            self.path.clear();
        }
        Ok(())
    }
}

struct Tables<'l, 't, 'c>(&'l mut Loader<'t, 'c>);

impl<'de> DeserializeSeed<'de> for Tables<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tables<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tables")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(loader) = self;
        while let Some(table) = map.next_key::<String>()? {
            loader.path = format!("tables.{table}");
            let Some((_, columns)) = loader.tables.iter().find(|(name, _)| *name == table) else {
                let words = "there is no such table; was this made by a newer selfsame?";
                return Err(A::Error::custom(words));
            };
            let columns = columns.clone();
            map.next_value_seed(Rows {
                loader,
                table: &table,
                columns: &columns,
            })?;
        }
        Ok(())
    }
}

struct Rows<'l, 't, 'c> {
    loader: &'l mut Loader<'t, 'c>,
    table: &'l str,
    columns: &'l [String],
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { loader, table, columns } = self;
        let mut index: u64 = 0;
        loop {
            loader.path = format!("tables.{table}[{index}]");
            let Some(row) = seq.next_element::<RowObject>()? else {
                break;
            };
            match transfer::insert(loader.tx, table, columns, row) {
                Ok(()) => {}
                Err(RowError::Store(error)) => {
                    loader.failed = Some(error);
                    return Err(A::Error::custom("the store failed"));
                }
                Err(RowError::Misfit { column, words }) => {
                    if let Some(column) = column {
                        loader.path = format!("{}.{column}", loader.path);
                    }
                    return Err(A::Error::custom(words));
                }
            }
            index = index.saturating_add(1);
        }
        loader.path = format!("tables.{table}");
        Ok(())
    }
}
