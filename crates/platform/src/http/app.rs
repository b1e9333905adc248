//! What every handler gets.

use std::sync::Arc;

use crate::config::Config;
use crate::hub::Hub;
use crate::world::World;

/// State of the routers. Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// Rows, clocks, randomness, switches.
    pub(crate) world: World,
    /// How the platform was set up.
    pub(crate) config: Arc<Config>,
}

impl App {
    /// The broadcast that feeds live pages and streams.
    pub(crate) fn hub(&self) -> &Hub {
        self.world.store.hub()
    }
}
