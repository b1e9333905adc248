//! Callers by token, kept while nothing about accounts, apps or grants has changed.
//!
//! Every Graph call begins with its token. A caller is cached with the epoch read before it was loaded; any commit that
//! touches identities starts a new epoch, so a stale one is never served after the change was answered.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::caller::Caller;

/// Callers kept; a fuller cache is emptied.
const CALLERS_MAX: usize = 10_000;

/// The cache. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct CallerCache {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    epoch: AtomicU64,
    callers: RwLock<HashMap<String, (u64, Arc<Caller>)>>,
}

impl CallerCache {
    /// The epoch now; read before loading what will be put.
    pub(super) fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::Acquire)
    }

    /// Something about accounts, apps or grants was committed.
    pub(super) fn begin_epoch(&self) {
        self.shared.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// The caller of this token, if it is known and nothing has changed since.
    pub(super) fn get(&self, token: &str) -> Option<Arc<Caller>> {
        let callers = self.shared.callers.read().unwrap_or_else(PoisonError::into_inner);
        let (epoch, caller) = callers.get(token)?;
        (*epoch == self.epoch()).then(|| Arc::clone(caller))
    }

    /// Keeps a caller that was loaded in `epoch`.
    pub(super) fn put(&self, token: String, epoch: u64, caller: Arc<Caller>) {
        let mut callers = self.shared.callers.write().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.clear();
        }
        callers.insert(token, (epoch, caller));
    }
}
