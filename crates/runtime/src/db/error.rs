//! What can go wrong with the database, apart from what a closure refuses.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer program wrote it.
    #[error("{} was written by a newer version of this program (schema {found}, this program knows {known}); use that version, or another data folder", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// A migration that was applied has another text now.
    #[error("{} has another migration {version} ({applied}) than this program ({known}); it was made by an unpublished build", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The migration's version.
        version: u32,
        /// The name under which it was applied.
        applied: String,
        /// The name this program knows.
        known: String,
    },
    /// A migration failed; nothing of it was applied.
    #[error("migration {version} ({name}) of {} failed", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The migration's version.
        version: u32,
        /// Its name.
        name: &'static str,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// The list of migrations is not 1, 2, 3, …
    #[error("the migrations of this program are not numbered 1, 2, 3, … at {0}")]
    Numbering(u32),
    /// SQLite could not use write-ahead logging here, as on some network file systems.
    #[error("{} cannot use write-ahead logging (SQLite chose {mode:?}); put the data folder on a local disk", path.display())]
    NoWal {
        /// The file.
        path: PathBuf,
        /// The journal mode it has.
        mode: String,
    },
    /// SQLite refused.
    #[error("cannot open the database {}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A thread could not be started.
    #[error("cannot start a database thread")]
    Thread(#[source] std::io::Error),
}

/// Why the store did not do what was asked. Nothing of the closure was kept. HTTP callers answer 503.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Too many closures wait already.
    #[error("the store has too much to do")]
    Busy,
    /// The database is closed.
    #[error("the store is closed")]
    Closed,
    /// The disk is full.
    #[error("the disk is full")]
    Full(#[source] Arc<rusqlite::Error>),
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[source] Arc<rusqlite::Error>),
    /// A closure panicked.
    #[error("a database closure panicked")]
    Panicked,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(Arc::new(error)),
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}

/// Why a write was not made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The closure refused; what it had written is rolled back, what others wrote in the same commit is not.
    #[error(transparent)]
    Refused(E),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

/// Why a read was not made.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The closure refused.
    #[error(transparent)]
    Refused(E),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl<E> From<StoreError> for WriteError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E> From<StoreError> for ReadError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E: Into<StoreError>> WriteError<E> {
    /// For closures that refuse nothing of their own: their SQLite errors are the store's.
    pub fn into_store(self) -> StoreError {
        match self {
            Self::Refused(error) => error.into(),
            Self::Store(error) => error,
        }
    }
}

impl<E: Into<StoreError>> ReadError<E> {
    /// For closures that refuse nothing of their own: their SQLite errors are the store's.
    pub fn into_store(self) -> StoreError {
        match self {
            Self::Refused(error) => error.into(),
            Self::Store(error) => error,
        }
    }
}
