//! The world that everything acts on: rows, clocks, randomness, switches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::random::Random;

use crate::chaos::ChaosBoard;
use crate::rates::RateBoard;
use crate::store::Store;
use crate::switches::SwitchBoard;

/// Handle to one world. Clones are the same world.
#[derive(Debug, Clone)]
pub struct World {
    /// Rows.
    pub store: Store,
    /// Movable time: windows, tokens, due times, timestamps.
    pub clock: WorldClock,
    /// Real time: leases, time-outs, waits.
    pub process: ProcessClock,
    /// Ids, tokens, secrets.
    pub random: Random,
    /// Fidelity switches in force.
    pub switches: SwitchBoard,
    /// Whether anything goes wrong on purpose.
    pub chaos: ChaosBoard,
    /// How often apps have called.
    pub rates: RateBoard,
    /// Rung after every commit that enqueued a delivery.
    pub deliveries: selfsame_queue::Doorbell,
    /// Which of the worlds that stood in this database it is.
    pub generation: Generation,
}

/// Counts how often the whole world was replaced (import, reset): work that was begun in an earlier one is not settled in a later one,
/// where the same keys mean other rows. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Generation(Arc<AtomicU64>);

impl Generation {
    /// The present one. Read inside a transaction, it is the one that the transaction sees.
    pub fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Another world begins; called inside the transaction that brings it.
    pub(crate) fn begin(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
