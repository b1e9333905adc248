//! Ephemeral folders: named so that they are recognised, swept when their process is dead.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::LOCK_FILE;
use super::private_file::private_options;

/// Ephemeral folders are recognised by this beginning of their names.
pub(super) const PREFIX: &str = "selfsame-ephemeral-";
/// Held while ephemeral folders are made or swept, so that a folder is never swept between its making and its locking.
const SWEEP_LOCK_FILE: &str = "selfsame-ephemeral.lock";

/// Held while ephemeral folders are made and swept.
pub(super) struct SweepLock {
    parent: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl SweepLock {
    /// `None` when another user owns the file: then nothing is swept, which only leaves litter.
    pub(super) fn take(parent: &Path) -> Option<Self> {
        let lock = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(parent.join(SWEEP_LOCK_FILE))
            .ok()?;
        lock.lock().ok()?;
        Some(Self {
            parent: parent.to_owned(),
            _lock: lock,
        })
    }

    /// Removes the ephemeral folders whose lock nobody holds.
    pub(super) fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.parent) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
            if is_ours
                && is_folder
                && !is_alive(&path)
                && let Err(error) = fs::remove_dir_all(&path)
            {
                tracing::debug!(folder.path = %path.display(), %error, "cannot sweep a dead folder");
            }
        }
    }
}

/// Whether a process holds the folder's lock. What cannot be told counts as alive.
fn is_alive(folder: &Path) -> bool {
    match OpenOptions::new().read(true).write(true).open(folder.join(LOCK_FILE)) {
        Ok(lock) => lock.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}
