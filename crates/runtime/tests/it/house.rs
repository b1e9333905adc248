//! A database in a temporary folder.

use std::path::PathBuf;
use std::sync::mpsc;

use selfsame_runtime::db::{Database, Durability, Migration, Options, StoreError, Tx, WriteError};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "notes",
    sql: "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;",
}];

pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) database: Database,
}

impl House {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path().join("test.db"), Options::new(MIGRATIONS)).unwrap();
        Self { folder, database }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// Closes the database and opens it again.
    pub(crate) async fn reopen(self) -> Self {
        self.database.close().await;
        let database = Database::open(self.path(), Options::new(MIGRATIONS)).unwrap();
        Self {
            folder: self.folder,
            database,
        }
    }

    pub(crate) async fn note(&self, durability: Durability, text: &str) -> Result<(), WriteError<StoreError>> {
        let text = text.to_owned();
        self.database.write(durability, move |tx| insert_note(tx, &text)).await
    }

    pub(crate) async fn notes(&self) -> Vec<String> {
        self.database
            .read(|connection| {
                connection
                    .prepare_cached("SELECT text FROM notes ORDER BY id")?
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<String>>>()
            })
            .await
            .unwrap()
    }

    /// Starts a write without waiting for its answer.
    #[expect(clippy::disallowed_methods, reason = "the test awaits the handle itself")]
    pub(crate) fn spawn_write<T, E, F>(
        &self,
        durability: Durability,
        closure: F,
    ) -> JoinHandle<Result<T, WriteError<E>>>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let database = self.database.clone();
        tokio::spawn(async move { database.write(durability, closure).await })
    }

    /// Starts writing a note without waiting for the answer.
    pub(crate) fn spawn_note(
        &self,
        durability: Durability,
        text: String,
    ) -> JoinHandle<Result<(), WriteError<StoreError>>> {
        self.spawn_write(durability, move |tx| insert_note(tx, &text))
    }

    /// Waits until so many closures wait for the held writer.
    pub(crate) async fn until_waiting(&self, n_writes: usize) {
        while self.database.waiting_writes() < n_writes {
            tokio::task::yield_now().await;
        }
    }

    /// Keeps the writer inside a closure until the answer is dropped or used, so that what is asked meanwhile shares the next commit.
    pub(crate) fn hold_writer(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        let (entered, has_entered) = mpsc::channel();
        let _held = self.spawn_write(Durability::Relaxed, move |_tx| {
            entered.send(()).unwrap();
            // Either way the writer goes on.
            let _released = released.recv();
            Ok::<_, StoreError>(())
        });
        tokio::task::block_in_place(|| has_entered.recv().unwrap());
        release
    }
}

pub(crate) fn insert_note(tx: &Tx<'_>, text: &str) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO notes (text) VALUES (?1)")?
        .execute([text])?;
    Ok(())
}
