//! Counters of the writer, so that "one sync for many" can be shown instead of believed.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the writer has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DbStats {
    /// Commits made.
    pub commits: u64,
    /// Those that were synced to the disk before they were answered.
    pub synced_commits: u64,
    /// Closures whose writes were kept.
    pub writes: u64,
    /// Checkpoints that moved pages from the log into the database.
    pub checkpoints: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) synced_commits: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) checkpoints: AtomicU64,
}

impl Counters {
    pub(super) fn add(counter: &AtomicU64, n: usize) {
        counter.fetch_add(u64::try_from(n).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> DbStats {
        DbStats {
            commits: self.commits.load(Ordering::Relaxed),
            synced_commits: self.synced_commits.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            checkpoints: self.checkpoints.load(Ordering::Relaxed),
        }
    }
}
