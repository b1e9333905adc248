//! The checkpoint thread: moves pages from the log into the database while the writer goes on.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::stats::Counters;
use super::writer::Order;

/// Commits of this long a time share one checkpoint, unless somebody says otherwise.
const PAUSE: Duration = Duration::from_secs(1);
/// Log pages from which the log is started over, so that it does not grow for ever under load. 16 MiB.
const START_OVER_FROM_PAGES: i64 = 4_096;
/// Size of the log file from which it is cut to nothing, once a round no longer fills it: while the load lasts it is overwritten, which costs
/// less than a file that grows.
const TRUNCATE_FROM_BYTES: u64 = 64 * 1024 * 1024;

/// Tells the checkpointer that there is something to move, or that the database closes.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    is_dirty: bool,
    is_closing: bool,
    pause: Duration,
}

impl Default for State {
    fn default() -> Self {
        Self {
            is_dirty: false,
            is_closing: false,
            pause: PAUSE,
        }
    }
}

impl Dirty {
    /// A commit was made.
    pub(super) fn mark(&self) {
        let mut state = self.state();
        if !state.is_dirty {
            state.is_dirty = true;
            self.changed.notify_one();
        }
    }

    /// Sets how long commits gather before a checkpoint.
    pub(super) fn set_pause(&self, pause: Duration) {
        self.state().pause = pause;
    }

    /// The database closes.
    pub(super) fn close(&self) {
        self.state().is_closing = true;
        self.changed.notify_one();
    }

    /// Waits for commits and then for the pause that lets more of them gather; `false` when the database closes.
    fn wait(&self) -> bool {
        let state = self.state();
        let state = self
            .changed
            .wait_while(state, |state| !state.is_dirty && !state.is_closing)
            .unwrap_or_else(PoisonError::into_inner);
        let pause = state.pause;
        let (mut state, _timed_out) = self
            .changed
            .wait_timeout_while(state, pause, |state| !state.is_closing)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_dirty = false;
        !state.is_closing
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the writer is asked to start the log over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StartOver {
    /// The next commit writes at the beginning of the file.
    Overwrite,
    /// The file is cut to nothing.
    Truncate,
}

impl StartOver {
    /// What becomes of a log of this many pages, in a file of this size; `None`: it goes on as it is.
    fn of(pages: i64, file_bytes: u64) -> Option<Self> {
        if pages >= START_OVER_FROM_PAGES {
            Some(Self::Overwrite)
        } else if file_bytes >= TRUNCATE_FROM_BYTES {
            Some(Self::Truncate)
        } else {
            None
        }
    }

    /// The checkpoint that does it.
    pub(super) fn pragma(self) -> &'static str {
        match self {
            Self::Overwrite => "PRAGMA wal_checkpoint(RESTART)",
            Self::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        }
    }
}

/// Everything the checkpoint thread owns or shares.
pub(super) struct Checkpointer {
    pub(super) connection: Connection,
    pub(super) log_file: PathBuf,
    pub(super) dirty: Arc<Dirty>,
    pub(super) counters: Arc<Counters>,
    pub(super) orders: SyncSender<Order>,
}

impl Checkpointer {
    /// Works until the database closes. The last connection to close moves the rest and removes the log.
    pub(super) fn work(self) {
        while self.dirty.wait() {
            if let Err(error) = self.checkpoint() {
                // The log keeps everything; the next round tries again.
                tracing::warn!(error = &error as &dyn std::error::Error, "a checkpoint failed");
            }
        }
    }

    /// Moves what it can beside the writer. The few pages written meanwhile keep a log from being started over, so when it is
    /// large the writer moves those itself between two transactions.
    fn checkpoint(&self) -> rusqlite::Result<()> {
        let start_over = StartOver::of(self.move_pages()?, self.log_bytes());
        if let Some(start_over) = start_over {
            // What was written during the first move is moved too, so that the writer has next to nothing left to do.
            self.move_pages()?;
            self.ask_writer_to_start_over(start_over);
        }
        self.counters.checkpoints.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Moves what no reader needs any more, without holding anybody up; answers how many pages the log holds.
    fn move_pages(&self) -> rusqlite::Result<i64> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
    }

    fn ask_writer_to_start_over(&self, start_over: StartOver) {
        let (finished, is_finished) = mpsc::channel();
        let order = Order::StartLogOver(start_over, finished);
        if self.orders.send(order).is_ok() {
            // No answer means that the writer is gone and the database closed.
            let _finished = is_finished.recv();
        }
    }

    fn log_bytes(&self) -> u64 {
        std::fs::metadata(&self.log_file).map_or(0, |file| file.len())
    }
}

/// Where SQLite keeps the log of `database`.
pub(super) fn log_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_overwritten_while_the_load_lasts_and_cut_when_it_has_ended() {
        let huge = TRUNCATE_FROM_BYTES;
        assert_eq!(StartOver::of(START_OVER_FROM_PAGES - 1, huge - 1), None);
        assert_eq!(
            StartOver::of(START_OVER_FROM_PAGES, huge - 1),
            Some(StartOver::Overwrite)
        );
        assert_eq!(
            StartOver::of(100 * START_OVER_FROM_PAGES, 10 * huge),
            Some(StartOver::Overwrite)
        );
        assert_eq!(
            StartOver::of(START_OVER_FROM_PAGES - 1, huge),
            Some(StartOver::Truncate)
        );
    }
}
