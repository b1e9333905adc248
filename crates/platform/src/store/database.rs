//! Opening the database, transactions, and how they fail.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use selfsame_runtime::clock::WorldClock;
pub use selfsame_runtime::db::Durability;
use selfsame_runtime::db::{self, Database, Migration, Options};

use super::caller_cache::CallerCache;
use super::grants;
use crate::domain::caller::Caller;
use crate::hub::{Hub, Signal, StreamEvent, StreamItem};

/// Readers beside the one writer.
const READER_COUNT: usize = 2;

/// Migrations of the platform's database, oldest first; forward only.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "world",
        sql: include_str!("../../migrations/0001_world.sql"),
    },
    Migration {
        version: 2,
        name: "jobs",
        sql: selfsame_queue::MIGRATION_SQL,
    },
    Migration {
        version: 3,
        name: "surface",
        sql: include_str!("../../migrations/0003_surface.sql"),
    },
    Migration {
        version: 4,
        name: "pages_of_a_login",
        sql: include_str!("../../migrations/0004_pages_of_a_login.sql"),
    },
    Migration {
        version: 5,
        name: "stream_age",
        sql: include_str!("../../migrations/0005_stream_age.sql"),
    },
    Migration {
        version: 6,
        name: "of_an_account",
        sql: include_str!("../../migrations/0006_of_an_account.sql"),
    },
    Migration {
        version: 7,
        name: "ends_of_mids",
        sql: include_str!("../../migrations/0007_ends_of_mids.sql"),
    },
    Migration {
        version: 8,
        name: "kept_no_longer",
        sql: include_str!("../../migrations/0008_kept_no_longer.sql"),
    },
];

/// Why the store could not do its work. Never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A statement failed.
    #[error("the database refused a statement")]
    Sqlite(#[from] rusqlite::Error),
    /// The database could not be reached or could not commit.
    #[error("the database is not available")]
    Database(#[from] db::StoreError),
    /// A delivery job could not be queued or settled.
    #[error("the job queue failed")]
    Queue(#[from] selfsame_queue::QueueError),
    /// A row does not read back.
    #[error("stored {what} does not read back: {value:?}")]
    Corrupt {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
}

/// How a transaction ends without effect: refused by a rule, or failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure<E> {
    /// A rule of the domain said no; nothing was written.
    #[error("{0}")]
    Refused(E),
    /// The store failed; nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<E> From<rusqlite::Error> for Failure<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(StoreError::Sqlite(error))
    }
}

/// Of a transaction that no rule can refuse.
impl From<Failure<Infallible>> for StoreError {
    fn from(failure: Failure<Infallible>) -> Self {
        match failure {
            Failure::Refused(never) => match never {},
            Failure::Store(error) => error,
        }
    }
}

/// One transaction: the connection, and what the stream will say once it is committed.
#[derive(Debug)]
pub struct Tx<'c> {
    inner: &'c db::Tx<'c>,
    clock: &'c WorldClock,
    told: RefCell<Vec<StreamItem>>,
    identities_changed: Cell<bool>,
}

impl Tx<'_> {
    /// The transaction as the job queue wants it.
    pub fn jobs(&self) -> &db::Tx<'_> {
        self.inner
    }

    /// Says that this transaction changes accounts, apps, grants or tokens, so that nobody goes on with what he knew of them.
    pub(crate) fn identities_changed(&self) {
        self.identities_changed.set(true);
    }

    /// Adds a row to the stream; it is told on the hub after the commit.
    pub fn tell(&self, event: StreamEvent, subject: i64) -> rusqlite::Result<()> {
        let id = super::stream::append(self.inner, event, subject, self.clock.now_ms())?;
        self.told.borrow_mut().push(StreamItem { id, event, subject });
        Ok(())
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.inner
    }
}

/// The platform's database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    hub: Hub,
    clock: WorldClock,
    callers: CallerCache,
}

impl Store {
    /// Opens (and migrates) the database file; `clock` dates the rows of the stream.
    pub fn open(path: &Path, hub: Hub, clock: WorldClock) -> Result<Self, db::OpenError> {
        let database = Database::open(
            path,
            Options {
                readers: READER_COUNT,
                migrations: MIGRATIONS,
            },
        )?;
        Ok(Self {
            database,
            hub,
            clock,
            callers: CallerCache::default(),
        })
    }

    /// The hub that hears of commits.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The database below, for its counters and test faults.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Who presents this token; see [`grants::caller`].
    pub async fn caller(&self, token: &str) -> Result<Option<Arc<Caller>>, StoreError> {
        if let Some(known) = self.callers.get(token) {
            return Ok(Some(known));
        }
        let epoch = self.callers.epoch();
        let asked = token.to_owned();
        let Some(found) = self.read(move |connection| grants::caller(connection, &asked)).await? else {
            return Ok(None);
        };
        let found = Arc::new(found);
        self.callers.put(token.to_owned(), epoch, Arc::clone(&found));
        Ok(Some(found))
    }

    /// Runs `work` in a transaction of its own and answers after the commit.
    pub async fn write<T, E>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, Failure<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let clock = self.clock.clone();
        let committed = self
            .database
            .write(durability, move |inner| {
                let tx = Tx {
                    inner,
                    clock: &clock,
                    told: RefCell::new(Vec::new()),
                    identities_changed: Cell::new(false),
                };
                let value = work(&tx)?;
                Ok::<_, Failure<E>>((value, tx.identities_changed.get(), tx.told.into_inner()))
            })
            .await;
        match committed {
            Ok((value, identities_changed, told)) => {
                if identities_changed {
                    self.callers.begin_epoch();
                }
                for item in told {
                    self.hub.tell(Signal::Stored(item));
                }
                Ok(value)
            }
            Err(db::WriteError::Refused(failure)) => Err(failure),
            Err(db::WriteError::Store(error)) => Err(Failure::Store(error.into())),
        }
    }

    /// Runs `work` on a reading connection.
    pub async fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
    {
        self.database.read(work).await.map_err(|error| match error {
            db::ReadError::Refused(error) => error,
            db::ReadError::Store(error) => StoreError::Database(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_MESSAGE_WITH_ALL_THAT_HANGS_ON_IT: &str = "
        INSERT INTO accounts (id, username, name, kind, created_at_ms) VALUES (1, 'luna', '', 'business', 0), (2, 'sam', '', 'personal', 0);
        INSERT INTO threads (id, a_id, b_id, number, conversation_id, created_at_ms, updated_at_ms) VALUES (1, 1, 2, 1, 'c', 0, 0);
        INSERT INTO media (id, media_id, account_id, media_product_type, media_type, shortcode, created_at_ms) VALUES (1, 'm', 1, 'FEED', 'IMAGE', 's', 0);
        INSERT INTO comments (id, comment_id, media_id, author_id, origin, text, created_at_ms) VALUES (1, 'k', 1, 2, 'phone', 'price?', 0);
        INSERT INTO messages (id, mid, thread_id, sender_id, side, origin, text, comment_id, created_at_ms) VALUES (7, 'mid', 1, 1, 'business', 'api', 'hi', 1, 0);
        INSERT INTO reactions (message_id, account_id, reaction, emoji, at_ms) VALUES (7, 2, 'love', '<3', 0);
        INSERT INTO private_replies (comment_id, message_id, at_ms) VALUES (1, 7, 0);
        INSERT INTO assets (id, asset_id, message_id, kind, content_type, body, signature, created_at_ms) VALUES (9, 'a', 7, 'image', 'image/jpeg', x'00', 's', 0);
    ";

    #[test]
    fn what_hangs_on_a_message_outlives_the_new_index_of_mids() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        let (before, after) = MIGRATIONS.split_at(6);
        for migration in before {
            connection.execute_batch(migration.sql).unwrap();
        }
        connection.execute_batch(A_MESSAGE_WITH_ALL_THAT_HANGS_ON_IT).unwrap();
        for migration in after {
            connection.execute_batch(migration.sql).unwrap();
        }
        let count = "SELECT count(*) FROM messages m JOIN reactions r ON r.message_id = m.id JOIN private_replies p ON p.message_id = m.id \
                     JOIN assets a ON a.message_id = m.id WHERE m.mid = 'mid' AND m.text = 'hi' AND m.comment_id = 1 AND a.id = 9";
        let kept: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
        let twice = "INSERT INTO messages (mid, thread_id, sender_id, side, origin, created_at_ms) VALUES ('mid', 1, 1, 'business', 'api', 0)";
        assert!(connection.execute(twice, []).is_err(), "a mid is unique");
        connection.execute("DELETE FROM messages", []).unwrap();
        let left = "SELECT (SELECT count(*) FROM reactions) + (SELECT count(*) FROM private_replies) + (SELECT count(message_id) FROM assets)";
        let left: i64 = connection.query_row(left, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "the references refer to the new table");
    }
}
