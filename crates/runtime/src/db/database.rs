//! The handle that callers hold.

use std::path::PathBuf;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::{Checkpointer, Dirty, log_file};
use super::connection::{self, Role};
use super::error::{OpenError, ReadError, StoreError, WriteError};
use super::faults::Faults;
use super::migrate::{Migration, migrate};
use super::reader;
use super::stats::{Counters, DbStats};
use super::writer::{self, Extent, Job, Tx, Writer};

/// How a database is opened.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Reader threads; at least one is started.
    pub readers: usize,
    /// The schema.
    pub migrations: &'static [Migration],
}

impl Options {
    /// Two readers and the given schema.
    pub const fn new(migrations: &'static [Migration]) -> Self {
        Self { readers: 2, migrations }
    }
}

/// What a write's answer promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Committed and synced: it survives a power cut.
    Durable,
    /// Committed: it survives the death of the process. The next durable commit syncs it too.
    Relaxed,
}

/// A database with its threads. Clones are the same database; the threads end when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Database(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    writes: SyncSender<writer::Order>,
    reads: SyncSender<reader::Order>,
    n_readers: usize,
    counters: Arc<Counters>,
    faults: Arc<Faults>,
    dirty: Arc<Dirty>,
    waiting: Arc<AtomicIsize>,
    writer: Mutex<Vec<JoinHandle<()>>>,
    /// Readers and checkpointer.
    others: Mutex<Vec<JoinHandle<()>>>,
}

impl Database {
    /// Closures that may wait for the writer, and reads that may wait for a reader; more are refused as busy.
    pub const MOST_WAITING: usize = 4_096;

    /// Opens or makes the database at `path` and brings its schema up to date. Blocks for as long as that takes.
    pub fn open(path: impl Into<PathBuf>, options: Options) -> Result<Self, OpenError> {
        let path = path.into();
        let mut writing = connection::open(&path, Role::Writer)?;
        migrate(&mut writing, &path, options.migrations)?;

        let (write_sender, write_orders) = sync_channel(Self::MOST_WAITING);
        let (read_sender, read_orders) = sync_channel(Self::MOST_WAITING);
        let inner = Inner {
            writes: write_sender,
            reads: read_sender,
            n_readers: options.readers.max(1),
            counters: Arc::default(),
            faults: Arc::default(),
            dirty: Arc::default(),
            waiting: Arc::default(),
            writer: Mutex::default(),
            others: Mutex::default(),
        };
        let writer = Writer {
            connection: writing,
            orders: write_orders,
            counters: Arc::clone(&inner.counters),
            faults: Arc::clone(&inner.faults),
            dirty: Arc::clone(&inner.dirty),
            waiting: Arc::clone(&inner.waiting),
        };
        start(&inner.writer, "db-writer", move || writer.work())?;
        inner.start_readers(&path, read_orders)?;

        let checkpointing = connection::open(&path, Role::Checkpointer)?;
        let checkpointer = Checkpointer {
            connection: checkpointing,
            log_file: log_file(&path),
            dirty: Arc::clone(&inner.dirty),
            counters: Arc::clone(&inner.counters),
            orders: inner.writes.clone(),
        };
        start(&inner.others, "db-checkpoint", move || checkpointer.work())?;
        Ok(Self(Arc::new(inner)))
    }

    /// Runs `closure` on the writer under a savepoint and answers after the commit. An `Err` rolls back this closure only.
    ///
    /// The closure runs even if the returned future is dropped. It must not wait for anything but the database.
    pub async fn write<T, E, F>(&self, durability: Durability, closure: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.queue(durability, Extent::Any, closure).await
    }

    /// [`write`](Self::write) for a closure that makes exactly one statement and fails only if that fails. It has no savepoint, because
    /// a statement undoes itself: cheaper where thousands a second do nothing else.
    pub async fn write_statement<T, E, F>(&self, durability: Durability, closure: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.queue(durability, Extent::OneStatement, closure).await
    }

    async fn queue<T, E, F>(&self, durability: Durability, extent: Extent, closure: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            durability,
            extent,
            closure: Some(closure),
            result: None,
            answer,
        };
        match self.0.writes.try_send(writer::Order::Write(Box::new(job))) {
            Ok(()) => {
                // Counted once it is in the queue. The writer may have taken it by then: the count is below zero for that moment.
                self.0.waiting.fetch_add(1, Ordering::Relaxed);
                answered.await.unwrap_or(Err(StoreError::Closed.into()))
            }
            Err(TrySendError::Full(_)) => Err(StoreError::Busy.into()),
            Err(TrySendError::Disconnected(_)) => Err(StoreError::Closed.into()),
        }
    }

    /// Runs `closure` on a reader, which sees one snapshot that contains every write answered before this call.
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, ReadError<E>>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let read: reader::Read = Box::new(move |connection: Result<&Connection, StoreError>| {
            let result = match connection {
                Ok(connection) => closure(connection).map_err(ReadError::Refused),
                Err(error) => Err(ReadError::Store(error)),
            };
            // The caller may be gone.
            let _received = answer.send(result);
        });
        match self.0.reads.try_send(reader::Order::Read(read)) {
            Ok(()) => answered.await.unwrap_or(Err(ReadError::Store(StoreError::Panicked))),
            Err(TrySendError::Full(_)) => Err(ReadError::Store(StoreError::Busy)),
            Err(TrySendError::Disconnected(_)) => Err(ReadError::Store(StoreError::Closed)),
        }
    }

    /// What the writer has done since the opening.
    pub fn stats(&self) -> DbStats {
        self.0.counters.read()
    }

    /// Closures that wait for the writer now.
    pub fn waiting_writes(&self) -> usize {
        usize::try_from(self.0.waiting.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// How long commits gather before a checkpoint; a second unless set.
    pub fn set_checkpoint_pause(&self, pause: Duration) {
        self.0.dirty.set_pause(pause);
    }

    /// Faults on demand, for tests.
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    /// Finishes what is queued, refuses the rest as closed, and waits until every thread has let go of the files. Blocks; for async
    /// callers there is [`close`](Self::close).
    pub fn close_blocking(&self) {
        for _ in 0..self.0.n_readers {
            // A full queue is waited for; a queue without its thread is closed already.
            let _closing = self.0.reads.send(reader::Order::Close);
        }
        self.0.dirty.close();
        // The last connection moves the log into the database. Of two that close at once each finds the other and neither does,
        // so the writer closes when the others have.
        join(&self.0.others);
        let _closing = self.0.writes.send(writer::Order::Close);
        join(&self.0.writer);
    }

    /// [`close_blocking`](Self::close_blocking) off the async threads.
    pub async fn close(&self) {
        let database = self.clone();
        if tokio::task::spawn_blocking(move || database.close_blocking())
            .await
            .is_err()
        {
            tracing::error!("closing the database panicked");
        }
    }
}

impl Inner {
    fn start_readers(&self, path: &std::path::Path, orders: Receiver<reader::Order>) -> Result<(), OpenError> {
        let orders = Arc::new(Mutex::new(orders));
        for _ in 0..self.n_readers {
            let reading = connection::open(path, Role::Reader)?;
            let orders = Arc::clone(&orders);
            start(&self.others, "db-reader", move || reader::work(&reading, &orders))?;
        }
        Ok(())
    }
}

fn start(
    threads: &Mutex<Vec<JoinHandle<()>>>,
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), OpenError> {
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(OpenError::Thread)?;
    threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    Ok(())
}

fn join(threads: &Mutex<Vec<JoinHandle<()>>>) {
    let threads = std::mem::take(&mut *threads.lock().unwrap_or_else(PoisonError::into_inner));
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a database thread panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The senders go with this value, which ends the writer and the readers; the checkpointer has to be told.
        self.dirty.close();
    }
}
