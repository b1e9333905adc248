//! Faults on demand: tests ask the writer to fail as disks do.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rusqlite::ffi;

/// Makes commits fail. With no fault set, costs two relaxed loads a commit.
#[derive(Debug, Default)]
pub struct Faults {
    pass_commits: AtomicU32,
    fail_commits: AtomicU32,
    disk_full: AtomicBool,
}

impl Faults {
    /// The next `n_commits` commits fail as if the sync had failed, and are rolled back.
    pub fn fail_commits(&self, n_commits: u32) {
        self.fail_commits_after(0, n_commits);
    }

    /// The same, after `n_passing` commits that succeed.
    pub fn fail_commits_after(&self, n_passing: u32, n_commits: u32) {
        self.pass_commits.store(n_passing, Ordering::SeqCst);
        self.fail_commits.store(n_commits, Ordering::SeqCst);
    }

    /// While set, every commit fails as on a full disk, and is rolled back.
    pub fn disk_full(&self, is_full: bool) {
        self.disk_full.store(is_full, Ordering::SeqCst);
    }

    /// The error that the commit at hand has to fail with.
    pub(super) fn next_commit(&self) -> Option<rusqlite::Error> {
        if self.disk_full.load(Ordering::Relaxed) {
            return Some(sqlite_error(ffi::SQLITE_FULL));
        }
        if self.fail_commits.load(Ordering::Relaxed) > 0 {
            if self.pass_commits.load(Ordering::Relaxed) > 0 {
                self.pass_commits.fetch_sub(1, Ordering::SeqCst);
                return None;
            }
            self.fail_commits.fetch_sub(1, Ordering::SeqCst);
            return Some(sqlite_error(ffi::SQLITE_IOERR_FSYNC));
        }
        None
    }
}

fn sqlite_error(code: std::ffi::c_int) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some("a fault asked for by a test".to_owned()))
}
