//! Notices that world time was set back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::db::{Database, Durability};

use crate::store::{StoreError, world_time};

/// Moves due times with a clock that is set back, so that nothing waits for the time that was left. Cloning shares it.
#[derive(Debug, Clone)]
pub struct WorldTime {
    clock: WorldClock,
    /// What was set back and is in the due times already.
    followed_ms: Arc<AtomicI64>,
}

impl WorldTime {
    /// Follows a clock from now on.
    pub fn new(clock: WorldClock) -> Self {
        let followed_ms = Arc::new(AtomicI64::new(clock.set_back_ms()));
        Self { clock, followed_ms }
    }

    /// Follows what was set back since the last time; workers call it before they look for what is due.
    pub async fn follow(&self, database: &Database) -> Result<(), StoreError> {
        let set_back_ms = self.clock.set_back_ms();
        let by_ms = set_back_ms.saturating_sub(self.followed_ms.swap(set_back_ms, Ordering::AcqRel));
        if by_ms <= 0 {
            return Ok(());
        }
        let moved = database.write(Durability::Relaxed, move |tx| world_time::bring_forward(tx, by_ms));
        moved.await.map_err(|error| {
            self.followed_ms.fetch_sub(by_ms, Ordering::AcqRel);
            StoreError::from(error)
        })
    }
}
