//! What every handler gets.

use std::sync::Arc;

use crate::config::Config;
use crate::delivery::DeliveryTransport;
use crate::hub::Hub;
use crate::world::World;

/// State of the routers. Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// Rows, clocks, randomness, switches.
    pub(crate) world: World,
    /// How the platform was set up.
    pub(crate) config: Arc<Config>,
    /// How callbacks of apps are reached.
    pub(crate) transport: DeliveryTransport,
}

impl App {
    /// State of one platform.
    pub(crate) fn new(world: World, config: Config, transport: DeliveryTransport) -> Self {
        Self { world, config: Arc::new(config), transport }
    }

    /// The broadcast that feeds live pages and streams.
    pub(crate) fn hub(&self) -> &Hub {
        self.world.store.hub()
    }
}
