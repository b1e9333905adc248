//! `run.json`: where the process of a folder listens.

use std::fs::{self, OpenOptions, TryLockError};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::LOCK_FILE;

/// The file's name in the folder.
pub(super) const RUN_FILE: &str = "run.json";

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

    pub(super) fn read(folder: &Path) -> Option<Self> {
        let bytes = fs::read(folder.join(RUN_FILE)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}
