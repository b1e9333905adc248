//! The platform as one value: open, serve, step, run.

use std::sync::Arc;

use axum::Router;
use selfsame_queue::StepOutcome;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db;
use selfsame_runtime::random::Random;
use selfsame_runtime::shutdown::Shutdown;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::delivery::DeliveryTransport;
use crate::http::{self, App};
use crate::hub::Hub;
use crate::store::{self, Store, StoreError};
use crate::switches::SwitchBoard;
use crate::world::World;

/// Name of the database in the data folder.
const DATABASE_FILE: &str = "platform.db";

/// Why a platform does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database file.
    #[error("cannot open the platform's database")]
    Database(#[from] db::OpenError),
    /// Its content.
    #[error("cannot read the platform's world")]
    Store(#[from] StoreError),
}

/// A running world: database, routes, workers.
#[derive(Debug, Clone)]
pub struct Platform {
    app: App,
    transport: DeliveryTransport,
}

impl Platform {
    /// Opens (or makes) the world in the data folder.
    pub async fn open(
        config: Config,
        clock: WorldClock,
        process: ProcessClock,
        random: Random,
        transport: DeliveryTransport,
    ) -> Result<Self, OpenError> {
        let store = Store::open(&config.data.join(DATABASE_FILE), Hub::new())?;
        let switches = store.read(store::settings::switches).await?;
        let world = World {
            store,
            clock,
            process,
            random,
            switches: SwitchBoard::new(switches),
            deliveries: selfsame_queue::Doorbell::new(),
        };
        let app = App { world, config: Arc::new(config) };
        Ok(Self { app, transport })
    }

    /// The world, for tests and for commands that run inside the process.
    pub fn world(&self) -> &World {
        &self.app.world
    }

    /// Every route, without a socket.
    pub fn router(&self) -> Router {
        http::router(self.app.clone())
    }

    /// One step of the delivery worker.
    pub async fn deliver_once(&self) -> StepOutcome {
        todo!("{:?}", self.transport)
    }

    /// Serves and works until the shutdown begins.
    pub async fn run(self, listener: TcpListener, shutdown: Shutdown) -> std::io::Result<()> {
        todo!("{listener:?} {shutdown:?}")
    }
}
