//! The platform as one value: open, serve, step, run.

use std::time::Duration;

use axum::Router;
use selfsame_queue::{StepOutcome, work};
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db;
use selfsame_runtime::http::{Limits, serve};
use selfsame_runtime::random::Random;
use selfsame_runtime::shutdown::Shutdown;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::chaos::ChaosBoard;
use crate::config::Config;
use crate::delivery::{Deliverer, DeliveryTransport};
use crate::demo::{self, DemoError};
use crate::http::{self, App};
use crate::hub::Hub;
use crate::media_fetch::{MediaFetcher, Preparer};
use crate::rates::RateBoard;
use crate::retention::Forgetter;
use crate::store::delivery_jobs::QUEUE;
use crate::store::{self, Durability, Failure, Store, StoreError};
use crate::switches::SwitchBoard;
use crate::transfer::ImportError;
use crate::world::{Generation, World};

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
    /// World time, which an import that was cut off had set.
    #[error("cannot put world time back")]
    Clock(#[source] ImportError),
    /// The demo world, or the callback of this start.
    #[error("cannot prepare the world")]
    Demo(#[from] DemoError),
}

/// A running world: database, routes, workers.
#[derive(Debug, Clone)]
pub struct Platform {
    app: App,
    deliverer: Deliverer,
}

impl Platform {
    /// Opens (or makes) the world in the data folder. The folder's lock proves that nobody else holds leases, so all are voided.
    pub async fn open(
        config: Config,
        clock: WorldClock,
        process: ProcessClock,
        random: Random,
        transport: DeliveryTransport,
    ) -> Result<Self, OpenError> {
        let store = Store::open(&config.data.join(DATABASE_FILE), Hub::new(), clock.clone())?;
        let switches = store.read(store::settings::switches).await?;
        let chaos = store.read(store::chaos::state).await?;
        void_leases(&store).await?;
        let world = World {
            store,
            clock,
            process,
            random,
            switches: SwitchBoard::new(switches),
            chaos: ChaosBoard::new(&chaos),
            rates: RateBoard::default(),
            deliveries: selfsame_queue::Doorbell::new(),
            generation: Generation::default(),
        };
        world.recover_clock().await.map_err(OpenError::Clock)?;
        let now_ms = world.clock.now_ms();
        let levels = world
            .store
            .read(move |connection| store::rate_levels::all(connection, now_ms))
            .await?;
        world.rates.restore(levels);
        demo::prepare(&world, config.demo, config.callback.as_ref()).await?;
        let deliverer = Deliverer::new(world.clone(), transport.clone());
        let app = App::new(world, config, transport);
        Ok(Self { app, deliverer })
    }

    /// Fetches media otherwise than over HTTP, for tests.
    #[must_use]
    pub fn with_media_fetcher(mut self, fetcher: MediaFetcher) -> Self {
        self.app.media_fetcher = fetcher;
        self
    }

    /// The world, for tests and for commands that run inside the process.
    pub fn world(&self) -> &World {
        &self.app.world
    }

    /// Every route, without a socket.
    pub fn router(&self) -> Router {
        http::router(self.app.clone())
    }

    /// One step of the delivery worker: every due attempt, each settled.
    pub async fn deliver_once(&self) -> Result<StepOutcome, StoreError> {
        self.deliverer.run_once().await
    }

    /// The smallest step of the delivery worker: one due attempt, settled. Attempts side by side would meet chaos in an
    /// order that no seed repeats.
    pub async fn deliver_one(&self) -> Result<StepOutcome, StoreError> {
        self.deliverer.run_one().await
    }

    /// One step of the handshake worker: every callback that has not passed is asked once. Answers how many there were.
    pub async fn shake_hands_once(&self) -> Result<usize, StoreError> {
        self.app.handshaker().run_once().await
    }

    /// One step of the worker for files to publish: the oldest waiting ones are fetched. Answers how many there were.
    pub async fn fetch_files_once(&self) -> Result<usize, StoreError> {
        self.preparer().run_once().await
    }

    /// Fetches files to publish, as they come, until `finish`.
    pub async fn fetch_files(&self, finish: &CancellationToken) {
        self.preparer().work(finish).await;
    }

    /// Saves what rate limits with long windows have counted since the last time.
    pub async fn save_rates_once(&self) -> Result<(), StoreError> {
        let World {
            rates,
            store,
            generation,
            ..
        } = self.world();
        rates.save(store, generation).await
    }

    /// Forgets what is beyond the limits of the journals, in as many small steps as it takes. Answers how many rows.
    pub async fn forget_once(&self) -> Result<u64, StoreError> {
        self.forgetter().run_once().await
    }

    fn preparer(&self) -> Preparer {
        Preparer::new(self.app.world.clone(), self.app.media_fetcher.clone())
    }

    fn forgetter(&self) -> Forgetter {
        Forgetter::new(self.app.world.clone(), self.app.config.retention)
    }

    /// Serves and works until the shutdown begins.
    pub async fn run(self, listener: TcpListener, shutdown: Shutdown) -> std::io::Result<()> {
        self.spawn_workers(&shutdown);
        serve(listener, self.router(), limits(), shutdown.token()).await;
        Ok(())
    }

    fn spawn_workers(&self, shutdown: &Shutdown) {
        let (deliverer, world, tracker) = (self.deliverer.clone(), self.app.world.clone(), shutdown.clone());
        shutdown.spawn_worker("deliveries", move |finish| {
            let (deliverer, world, tracker) = (deliverer.clone(), world.clone(), tracker.clone());
            async move {
                work(&world.deliveries, &world.clock, &finish, || {
                    deliverer.dispatch(&tracker)
                })
                .await;
            }
        });
        let (journal, store) = (self.app.journal.clone(), self.app.world.store.clone());
        shutdown.spawn_worker("journal of calls", move |finish| {
            let (journal, store) = (journal.clone(), store.clone());
            async move { journal.run(&store, &finish).await }
        });
        let world = self.app.world.clone();
        shutdown.spawn_worker("rate levels", move |finish| {
            let world = world.clone();
            async move { save_rates_regularly(&world, &finish).await }
        });
        let forgetter = self.forgetter();
        shutdown.spawn_worker("retention", move |finish| {
            let forgetter = forgetter.clone();
            async move { forgetter.work(&finish).await }
        });
        let preparer = self.preparer();
        shutdown.spawn_worker("files to publish", move |finish| {
            let preparer = preparer.clone();
            async move { preparer.work(&finish).await }
        });
        let handshaker = self.app.handshaker();
        shutdown.spawn_worker("handshakes", move |finish| {
            let handshaker = handshaker.clone();
            async move { handshaker.work(&finish).await }
        });
    }
}

/// How often levels of rate limits are saved, in process time.
const RATES_SAVE_INTERVAL: Duration = Duration::from_secs(5);

async fn save_rates_regularly(world: &World, finish: &CancellationToken) {
    loop {
        let is_last = tokio::select! {
            () = finish.cancelled() => true,
            () = world.process.sleep(RATES_SAVE_INTERVAL) => false,
        };
        if let Err(error) = world.rates.save(&world.store, &world.generation).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "levels of rate limits could not be saved"
            );
        }
        if is_last {
            return;
        }
    }
}

/// An exported world may be larger than any other body.
fn limits() -> Limits {
    Limits {
        large_body: Some(http::IMPORT_BODY),
        ..Limits::default()
    }
}

async fn void_leases(store: &Store) -> Result<(), StoreError> {
    let voided = store.write(Durability::Durable, |tx| {
        Ok::<_, Failure<std::convert::Infallible>>(QUEUE.void_leases(tx.jobs()).map_err(StoreError::from)?)
    });
    voided.await?;
    Ok(())
}
