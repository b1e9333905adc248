//! The world that everything acts on: rows, clocks, randomness, switches.

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
}
