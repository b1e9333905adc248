//! How much may be under way at the same time, so that nobody's calls take the room of others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_wire::ids::IgUserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of one account that are passed on at the same time.
const CALLS_PER_ACCOUNT: u32 = 16;
/// Bodies larger than [`super::body::BODY_BYTES_MAX`] that are held at the same time.
const LARGE_BODIES_MAX: usize = 8;

/// What is under way. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Room {
    calls: Arc<Mutex<HashMap<IgUserId, u32>>>,
    large_bodies: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            calls: Arc::default(),
            large_bodies: Arc::new(Semaphore::new(LARGE_BODIES_MAX)),
        }
    }
}

/// A call under way; its place is free again when this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    room: Room,
    account: IgUserId,
}

impl Room {
    /// A place for a call of this account; none: it has as many under way as it may.
    pub(super) fn begin(&self, account: &IgUserId) -> Option<UnderWay> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let n_calls = calls.entry(account.clone()).or_default();
        if *n_calls >= CALLS_PER_ACCOUNT {
            return None;
        }
        *n_calls = n_calls.saturating_add(1);
        drop(calls);
        Some(UnderWay {
            room: self.clone(),
            account: account.clone(),
        })
    }

    /// A place for a large body; none: there are as many as there may be.
    pub(super) fn for_large_body(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.large_bodies).try_acquire_owned().ok()
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut calls = self.room.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n_calls) = calls.get_mut(&self.account) {
            *n_calls = n_calls.saturating_sub(1);
            if *n_calls == 0 {
                calls.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_so_many_calls_under_way_and_others_have_theirs() {
        let room = Room::default();
        let one = IgUserId::new("17");
        let begun: Vec<_> = std::iter::from_fn(|| room.begin(&one)).take(100).collect();
        assert_eq!(begun.len(), 16);
        assert!(room.begin(&IgUserId::new("18")).is_some());
        drop(begun);
        assert!(room.begin(&one).is_some());
        assert!(room.calls.lock().unwrap().is_empty(), "nothing is kept of who is done");
    }
}
