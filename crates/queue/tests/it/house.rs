//! A database with the queue's schema in a temporary folder, and the queue's operations without ceremony.

use selfsame_queue::{Counts, JobId, JobView, Leased, MIGRATION_SQL, NewJob, Queue, QueueError};
use selfsame_runtime::clock::ProcessTime;
use selfsame_runtime::db::{Database, Durability, Migration, Options, Tx, WriteError};
use tempfile::TempDir;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "jobs",
    sql: MIGRATION_SQL,
}];

pub(crate) struct House {
    folder: TempDir,
    pub(crate) database: Database,
    pub(crate) queue: Queue,
}

impl House {
    pub(crate) fn open(queue: Queue) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder);
        Self {
            folder,
            database,
            queue,
        }
    }

    /// The same database seen through another queue.
    pub(crate) fn with_queue(self, queue: Queue) -> Self {
        Self { queue, ..self }
    }

    /// Forgets all memory and opens the database again, as after a crash.
    pub(crate) async fn reopen(self) -> Self {
        self.database.close().await;
        let database = open(&self.folder);
        Self { database, ..self }
    }

    /// Runs `operation` in a transaction of its own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Queue, &Tx<'_>) -> Result<T, QueueError> + Send + 'static,
    ) -> Result<T, QueueError> {
        let queue = self.queue;
        let result = self
            .database
            .write(Durability::Relaxed, move |tx| operation(&queue, tx))
            .await;
        match result {
            Ok(value) => Ok(value),
            Err(WriteError::Refused(error)) => Err(error),
            Err(WriteError::Store(error)) => unreachable!("the store failed: {error}"),
        }
    }

    pub(crate) async fn enqueue(&self, key: Option<&str>, due_at_ms: i64) -> JobId {
        let key = key.map(str::to_owned);
        self.run(move |queue, tx| {
            let job = NewJob {
                key: key.as_deref(),
                payload: b"payload",
                due_at_ms,
            };
            queue.enqueue(tx, job)
        })
        .await
        .unwrap()
    }

    pub(crate) async fn lease(&self, now_ms: i64, expires_ms: i64, limit: u32) -> Vec<Leased> {
        self.run(move |queue, tx| queue.lease(tx, now_ms, ProcessTime::from_millis(expires_ms), limit))
            .await
            .unwrap()
    }

    /// Leases everything that is due at 0, for ever.
    pub(crate) async fn lease_all(&self) -> Vec<Leased> {
        self.lease(0, i64::MAX, u32::MAX).await
    }

    pub(crate) async fn done(&self, leased: &Leased) -> Result<(), QueueError> {
        let leased = leased.clone();
        self.run(move |queue, tx| queue.done(tx, &leased)).await
    }

    pub(crate) async fn retry(&self, leased: &Leased, due_at_ms: i64) -> Result<(), QueueError> {
        let leased = leased.clone();
        self.run(move |queue, tx| queue.retry(tx, &leased, due_at_ms, "later"))
            .await
    }

    pub(crate) async fn bury(&self, leased: &Leased) -> Result<(), QueueError> {
        let leased = leased.clone();
        self.run(move |queue, tx| queue.bury(tx, &leased, "hopeless")).await
    }

    pub(crate) async fn counts(&self) -> Counts {
        let queue = self.queue;
        self.database
            .read(move |connection| queue.counts(connection))
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, id: JobId) -> Option<JobView> {
        let queue = self.queue;
        self.database
            .read(move |connection| queue.get(connection, id))
            .await
            .unwrap()
    }
}

fn open(folder: &TempDir) -> Database {
    Database::open(folder.path().join("queue.db"), Options::new(MIGRATIONS)).unwrap()
}

pub(crate) fn ids(leased: &[Leased]) -> Vec<JobId> {
    leased.iter().map(|job| job.id).collect()
}
