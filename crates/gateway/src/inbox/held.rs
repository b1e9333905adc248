//! Events that wait for a call to end: a hint in memory, so that the end of the call wakes them at
//! once. Without it they look again by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_queue::JobId;

/// Which jobs wait at which place. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct HeldEvents(Arc<Mutex<BTreeMap<String, BTreeSet<JobId>>>>);

impl HeldEvents {
    /// A job waits at a place.
    pub(super) fn add(&self, place: String, job_id: JobId) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.entry(place).or_default().insert(job_id);
    }

    /// The jobs that wait at a place; they are forgotten.
    pub(crate) fn take(&self, place: &str) -> BTreeSet<JobId> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(place).unwrap_or_default()
    }
}
