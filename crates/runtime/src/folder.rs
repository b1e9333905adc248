//! The data folder: one process at a time, a file that says where that process listens, files nobody else may read.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// The file whose lock means "a process lives here". Its content is never read.
const LOCK_FILE: &str = "lock";
/// The file that says where the process listens.
const RUN_FILE: &str = "run.json";
/// Ephemeral folders are recognised by this beginning of their names.
const EPHEMERAL_PREFIX: &str = "selfsame-ephemeral-";
/// Held while ephemeral folders are made or swept, so that a folder is never swept between its making and its locking.
const SWEEP_LOCK_FILE: &str = "selfsame-ephemeral.lock";

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

/// What `run.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The process.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Where the platform listens, when it runs and is ready.
    pub platform_url: Option<String>,
    /// Where the gateway listens, when it runs and is ready.
    pub gateway_url: Option<String>,
}

impl RunInfo {
    /// This process, not listening yet.
    pub fn of_this_process() -> Self {
        Self {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform_url: None,
            gateway_url: None,
        }
    }

    /// What the process living in `folder` said about itself; `None` when none lives there, whatever an old file says.
    pub fn of_running(folder: &Path) -> Option<Self> {
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .open(folder.join(LOCK_FILE))
            .ok()?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => Self::read(folder),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    fn read(folder: &Path) -> Option<Self> {
        let bytes = fs::read(folder.join(RUN_FILE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

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
        let path = parent.join(format!("{EPHEMERAL_PREFIX}{}", random.hex(8)));
        make_private_folder(&path, false).map_err(|source| FolderError::Io {
            path: path.clone(),
            source,
        })?;
        let folder = Self::take(path, true)?;
        if let Some(sweep_lock) = sweep_lock {
            sweep_lock.sweep(parent);
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
        match lock.try_lock() {
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
    pub fn private_text(
        &self,
        name: &str,
        make: impl FnOnce() -> String,
    ) -> Result<String, FolderError> {
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

/// Replaces a file whole: readers see the old or the new content, and after a crash one of the two. The file is private to its user.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path
        .file_name()
        .and_then(OsStr::to_str)
        .ok_or(io::ErrorKind::InvalidInput)?;
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let result = write_and_rename(&temporary, path, bytes);
    if result.is_err() {
        // The cause is reported; a left-over temporary file is overwritten by the next attempt.
        let _removed = fs::remove_file(&temporary);
    }
    result
}

fn write_and_rename(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    sync_folder(path.parent())
}

/// Makes a rename durable where folders can be synced.
#[cfg(unix)]
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    match folder {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on unix")]
fn sync_folder(_folder: Option<&Path>) -> io::Result<()> {
    Ok(())
}

/// Options that make files readable by their user only, where files have modes.
fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are a unix matter"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private_folder(path: &Path, may_exist: bool) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(may_exist).create(path)
}

/// Held while ephemeral folders are made and swept.
struct SweepLock(#[expect(dead_code, reason = "held for its lock")] File);

impl SweepLock {
    /// `None` when another user owns the file: then nothing is swept, which only leaves litter.
    fn take(parent: &Path) -> Option<Self> {
        let file = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(parent.join(SWEEP_LOCK_FILE))
            .ok()?;
        file.lock().ok()?;
        Some(Self(file))
    }

    /// Removes the ephemeral folders whose lock nobody holds.
    fn sweep(self, parent: &Path) {
        let Ok(entries) = fs::read_dir(parent) else {
            return;
        };
        for entry in entries.flatten() {
            let is_ours = entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(EPHEMERAL_PREFIX));
            if is_ours
                && !is_alive(&entry.path())
                && entry.file_type().is_ok_and(|kind| kind.is_dir())
            {
                match fs::remove_dir_all(entry.path()) {
                    Ok(()) => {
                        tracing::debug!(folder.path = %entry.path().display(), "swept a dead ephemeral folder")
                    }
                    Err(error) => {
                        tracing::debug!(folder.path = %entry.path().display(), %error, "cannot sweep a folder")
                    }
                }
            }
        }
    }
}

/// Whether a process holds the folder's lock. What cannot be told counts as alive.
fn is_alive(folder: &Path) -> bool {
    match OpenOptions::new()
        .read(true)
        .write(true)
        .open(folder.join(LOCK_FILE))
    {
        Ok(lock) => lock.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}
