//! The writer thread: takes what is queued, runs each closure under a savepoint, commits once, answers all.

use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::checkpoint::{Dirty, StartOver};
use super::connection::BUSY_TIMEOUT;
use super::database::Durability;
use super::error::{StoreError, WriteError};
use super::faults::Faults;
use super::stats::Counters;

/// The most closures that share one commit: bounds how long the first of them waits.
const MOST_PER_COMMIT: usize = 512;

/// How long the writer waits for readers before it leaves a large log as it is.
const START_OVER_PATIENCE: Duration = Duration::from_millis(20);

/// The open write transaction. Reads through it see what it has written. Statements that end or nest transactions, and deferred
/// constraints, have no place in it: the commit is shared with others.
#[derive(Debug)]
pub struct Tx<'connection>(&'connection Connection);

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// A message to the writer.
pub(super) enum Order {
    Write(Box<dyn Write>),
    /// Asked for by the checkpointer, which waits for the answer.
    StartLogOver(StartOver, Sender<()>),
    Close,
}

/// A closure with the place its answer goes to.
pub(super) trait Write: Send {
    fn durability(&self) -> Durability;
    fn extent(&self) -> Extent;
    /// Runs the closure; `false` means that what it wrote must be rolled back.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Answers, with the store's error when there is one.
    fn answer(self: Box<Self>, store: Result<(), StoreError>);
}

/// How much a closure writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Any number of statements: they need a savepoint to be undone together.
    Any,
    /// One statement, which undoes itself when it fails.
    OneStatement,
}

pub(super) struct Job<F, T, E> {
    pub(super) durability: Durability,
    pub(super) extent: Extent,
    pub(super) closure: Option<F>,
    pub(super) result: Option<Result<T, WriteError<E>>>,
    pub(super) answer: oneshot::Sender<Result<T, WriteError<E>>>,
}

impl<F, T, E> Write for Job<F, T, E>
where
    F: FnOnce(&Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn extent(&self) -> Extent {
        self.extent
    }

    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(closure) = self.closure.take() else {
            return false;
        };
        let result = match catch_unwind(AssertUnwindSafe(|| closure(tx))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(refusal)) => Err(WriteError::Refused(refusal)),
            Err(_panic) => Err(WriteError::Store(StoreError::Panicked)),
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, store: Result<(), StoreError>) {
        let result = match (store, self.result) {
            (Err(error), None | Some(Ok(_))) => Err(WriteError::Store(error)),
            // A refusal stands whatever became of the commit.
            (_, Some(result)) => result,
            (Ok(()), None) => Err(WriteError::Store(StoreError::Closed)),
        };
        // The caller may be gone; its write is made nevertheless.
        let _received = self.answer.send(result);
    }
}

/// Everything the writer thread owns or shares.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) orders: Receiver<Order>,
    pub(super) counters: Arc<Counters>,
    pub(super) faults: Arc<Faults>,
    pub(super) dirty: Arc<Dirty>,
    /// Closures sent and not yet taken.
    pub(super) waiting: Arc<AtomicIsize>,
}

impl Writer {
    /// Works until the database is closed.
    pub(super) fn work(self) {
        let mut synced = Durability::Durable;
        let mut batch: Vec<Box<dyn Write>> = Vec::new();
        let mut open = true;
        while open {
            open = self.take(&mut batch);
            if batch.is_empty() {
                continue;
            }
            self.waiting.fetch_sub(batch.len().cast_signed(), Ordering::Relaxed);
            let durable = batch.iter().any(|write| write.durability() == Durability::Durable);
            let wanted = if durable {
                Durability::Durable
            } else {
                Durability::Relaxed
            };
            let outcome = self
                .set_synchronous(&mut synced, wanted)
                .and_then(|()| self.run(&mut batch));
            match &outcome {
                Ok(n_kept) => self.count(*n_kept, wanted),
                Err(error) => {
                    tracing::error!(error = error as &dyn std::error::Error, "a commit failed");
                }
            }
            let store = outcome.map(|_n_kept| ());
            for write in batch.drain(..) {
                write.answer(store.clone());
            }
        }
    }

    /// Waits for one closure, then takes those that are queued already; `false` when the database is closed.
    fn take(&self, batch: &mut Vec<Box<dyn Write>>) -> bool {
        let Ok(first) = self.orders.recv() else {
            return false;
        };
        let mut order = first;
        loop {
            match order {
                Order::Write(write) => batch.push(write),
                Order::StartLogOver(start_over, finished) => {
                    self.start_log_over(start_over);
                    // The checkpointer may be gone.
                    let _received = finished.send(());
                }
                Order::Close => return false,
            }
            if batch.len() >= MOST_PER_COMMIT {
                return true;
            }
            order = match self.orders.try_recv() {
                Ok(next) => next,
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            };
        }
    }

    /// No transaction is open here, so only readers can be in the way; they are waited for a moment, then it is left for the next round.
    fn start_log_over(&self, start_over: StartOver) {
        let checkpoint = || {
            self.connection.busy_timeout(START_OVER_PATIENCE)?;
            self.connection.query_row(start_over.pragma(), [], |_row| Ok(()))?;
            self.connection.busy_timeout(BUSY_TIMEOUT)
        };
        if let Err(error) = checkpoint() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the log could not be started over"
            );
        }
    }

    /// `PRAGMA synchronous` acts when it is prepared and only outside transactions, so it is neither cached nor bound.
    fn set_synchronous(&self, synced: &mut Durability, wanted: Durability) -> Result<(), StoreError> {
        if *synced != wanted {
            let pragma = match wanted {
                Durability::Durable => "PRAGMA synchronous = FULL",
                Durability::Relaxed => "PRAGMA synchronous = NORMAL",
            };
            self.connection.execute_batch(pragma)?;
            *synced = wanted;
        }
        Ok(())
    }

    /// Runs and commits a batch; answers how many closures were kept. On an error none was.
    fn run(&self, batch: &mut [Box<dyn Write>]) -> Result<usize, StoreError> {
        let result = self.run_in_transaction(batch);
        if result.is_err() && !self.connection.is_autocommit() {
            // The first error is the one to report; a rollback that fails leaves a transaction that the next BEGIN reports.
            let _rolled_back = self.execute("ROLLBACK");
        }
        result
    }

    fn run_in_transaction(&self, batch: &mut [Box<dyn Write>]) -> Result<usize, StoreError> {
        self.execute("BEGIN IMMEDIATE")?;
        let tx = Tx(&self.connection);
        let mut n_kept: usize = 0;
        for write in batch {
            let has_savepoint = write.extent() == Extent::Any;
            if has_savepoint {
                self.execute("SAVEPOINT closure")?;
            }
            let keep = write.run(&tx);
            if self.connection.is_autocommit() {
                // A full disk or a failed write ends the whole transaction inside SQLite, whatever the closure made of it.
                return Err(StoreError::from(lost_transaction()));
            }
            if keep {
                n_kept = n_kept.saturating_add(1);
            } else if has_savepoint {
                self.execute("ROLLBACK TO closure")?;
            }
            if has_savepoint {
                self.execute("RELEASE closure")?;
            }
        }
        if let Some(fault) = self.faults.next_commit() {
            return Err(fault.into());
        }
        self.execute("COMMIT")?;
        Ok(n_kept)
    }

    fn execute(&self, sql: &'static str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn count(&self, n_kept: usize, durability: Durability) {
        self.counters.commits.fetch_add(1, Ordering::Relaxed);
        if durability == Durability::Durable {
            self.counters.synced_commits.fetch_add(1, Ordering::Relaxed);
        }
        Counters::add(&self.counters.writes, n_kept);
        self.dirty.mark();
    }
}

fn lost_transaction() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
        Some("SQLite ended the shared transaction".to_owned()),
    )
}
