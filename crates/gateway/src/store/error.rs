//! Why the gateway's store did not do what was asked.

use selfsame_queue::QueueError;
use selfsame_runtime::db::{self, ReadError, WriteError};

/// Why the store did not do what was asked. Nothing of the transaction was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed, or is closed or busy.
    #[error(transparent)]
    Database(#[from] db::StoreError),
    /// A lease had ended before its job was settled.
    #[error(transparent)]
    Queue(QueueError),
}

impl StoreError {
    /// Whether the closure panicked: trying again gives the same.
    pub const fn is_panic(&self) -> bool {
        matches!(self, Self::Database(db::StoreError::Panicked))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<QueueError> for StoreError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Sqlite(error) => error.into(),
            QueueError::LeaseOver(_) => Self::Queue(error),
        }
    }
}

impl From<WriteError<Self>> for StoreError {
    fn from(error: WriteError<Self>) -> Self {
        match error {
            WriteError::Refused(error) => error,
            WriteError::Store(error) => Self::Database(error),
        }
    }
}

impl From<ReadError<Self>> for StoreError {
    fn from(error: ReadError<Self>) -> Self {
        match error {
            ReadError::Refused(error) => error,
            ReadError::Store(error) => Self::Database(error),
        }
    }
}
