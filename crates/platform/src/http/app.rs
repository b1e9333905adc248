//! What every handler gets.

use std::sync::Arc;

use selfsame_runtime::http::Walls;

use crate::config::Config;
use crate::delivery::{DeliveryTransport, Handshaker};
use crate::hub::Hub;
use crate::journal::Journal;
use crate::media_fetch::MediaFetcher;
use crate::world::World;

/// State of the routers. Clones share everything.
#[derive(Debug, Clone)]
pub(crate) struct App {
    /// Rows, clocks, randomness, switches.
    pub(crate) world: World,
    /// How the platform was set up.
    pub(crate) config: Arc<Config>,
    /// The journal of Graph and OAuth calls.
    pub(crate) journal: Journal,
    /// Who may call.
    pub(crate) walls: Walls,
    /// How media that callers name is fetched.
    pub(crate) media_fetcher: MediaFetcher,
    /// How callbacks of apps are reached.
    pub(crate) transport: DeliveryTransport,
}

impl App {
    /// State of one platform.
    pub(crate) fn new(world: World, config: Config, transport: DeliveryTransport) -> Self {
        let walls = super::walls(&config, &world.random);
        // Whoever can call from outside must not make us call inwards.
        let media_fetcher = MediaFetcher::http(config.bind.ip().is_loopback());
        Self {
            world,
            media_fetcher,
            config: Arc::new(config),
            journal: Journal::default(),
            walls,
            transport,
        }
    }

    /// Who asks callbacks for their handshake.
    pub(crate) fn handshaker(&self) -> Handshaker {
        Handshaker::new(self.world.clone(), self.transport.clone())
    }

    /// The broadcast that feeds live pages and streams.
    pub(crate) fn hub(&self) -> &Hub {
        self.world.store.hub()
    }
}
