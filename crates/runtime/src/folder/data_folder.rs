//! The folder that belongs to this process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::LOCK_FILE;
use super::ephemeral::{PREFIX, SweepLock};
use super::private_file::{make_private_folder, private_options, replace_file};
use super::run_info::{RUN_FILE, RunInfo};
use crate::random::Random;

/// How often a taken lock is tried again before the folder counts as in use.
const LOCK_ATTEMPTS: u32 = 10;
/// The pause between two attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// A folder that belongs to this process until it is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    is_ephemeral: bool,
    /// The lock lasts as long as the open file, and ends with the process however it dies.
    lock: Option<File>,
}

impl DataFolder {
    /// Takes `path`, making it when it does not exist.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let path = path.into();
        make_private_folder(&path, true).map_err(|source| FolderError::Io {
            path: path.clone(),
            source,
        })?;
        Self::take(path, false)
    }

    /// Makes a folder below the system's temporary folder that is removed on drop, and sweeps those of dead processes.
    pub fn ephemeral(random: &Random) -> Result<Self, FolderError> {
        Self::ephemeral_below(&std::env::temp_dir(), random)
    }

    /// The same below a folder of the caller's choice.
    pub fn ephemeral_below(parent: &Path, random: &Random) -> Result<Self, FolderError> {
        let sweep_lock = SweepLock::take(parent);
        let path = parent.join(format!("{PREFIX}{}", random.hex(8)));
        make_private_folder(&path, false).map_err(|source| FolderError::Io {
            path: path.clone(),
            source,
        })?;
        let folder = Self::take(path, true)?;
        if let Some(sweep_lock) = sweep_lock {
            sweep_lock.sweep();
        }
        Ok(folder)
    }

    fn take(path: PathBuf, is_ephemeral: bool) -> Result<Self, FolderError> {
        let lock_path = path.join(LOCK_FILE);
        let lock = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|source| FolderError::Io {
                path: lock_path.clone(),
                source,
            })?;
        match lock_patiently(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let by = RunInfo::read(&path);
                return Err(FolderError::InUse { path, by });
            }
            Err(TryLockError::Error(source)) => {
                return Err(FolderError::Io {
                    path: lock_path,
                    source,
                });
            }
        }
        let folder = Self {
            path,
            is_ephemeral,
            lock: Some(lock),
        };
        folder.announce(&RunInfo::of_this_process())?;
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Says in `run.json` where this process listens.
    pub fn announce(&self, run: &RunInfo) -> Result<(), FolderError> {
        let path = self.file(RUN_FILE);
        let io = |source| FolderError::Io {
            path: path.clone(),
            source,
        };
        let bytes = serde_json::to_vec_pretty(run).map_err(|error| io(error.into()))?;
        replace_file(&path, &bytes).map_err(io)
    }

    /// The content of a file only this user may read, made with `make` the first time.
    pub fn private_text(&self, name: &str, make: impl FnOnce() -> String) -> Result<String, FolderError> {
        let path = self.file(name);
        match fs::read_to_string(&path) {
            Ok(text) => return Ok(text.trim_end().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(FolderError::Io { path, source }),
        }
        let text = make();
        replace_file(&path, text.as_bytes()).map_err(|source| FolderError::Io { path, source })?;
        Ok(text)
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // Nobody is left to tell about a file that cannot be removed; a stale run.json is recognised by the free lock.
        let _removed = fs::remove_file(self.file(RUN_FILE));
        if self.is_ephemeral {
            // Windows removes no open file, so the lock goes first; the sweep of the next start takes what stays.
            drop(self.lock.take());
            let _removed = fs::remove_dir_all(&self.path);
        }
    }
}

/// Clients that ask whether somebody lives here hold the lock for a moment; that moment must not fail a start.
fn lock_patiently(lock: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_ATTEMPTS {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            decided => return decided,
        }
    }
    lock.try_lock()
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process has it.
    #[error("{}", in_use(path, by.as_ref()))]
    InUse {
        /// The folder.
        path: PathBuf,
        /// Who has it, when it says so.
        by: Option<RunInfo>,
    },
    /// The system refused.
    #[error("cannot use the data folder {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

fn in_use(path: &Path, by: Option<&RunInfo>) -> String {
    let who = match by {
        Some(run) => {
            let urls: Vec<&str> = [&run.platform_url, &run.gateway_url]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            if urls.is_empty() {
                format!("process {}", run.pid)
            } else {
                format!("process {}, which serves {}", run.pid, urls.join(" and "))
            }
        }
        None => "another process".to_owned(),
    };
    format!(
        "the data folder {} is in use by {who}; stop it, or choose another folder with --data",
        path.display()
    )
}
