//! The gateway as one value: open, serve, step, run.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use selfsame_client::transport::Transport;
use selfsame_client::{AppCredentials, BaseUrlError, BaseUrls, GraphClient};
use selfsame_queue::Doorbell;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::{self, Database, Durability, Options};
use selfsame_runtime::http::{self as serving, HostName, Policy, Walls};
use selfsame_runtime::random::Random;
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::secret::AppSecret;
use tokio::net::TcpListener;

use crate::account_book::AccountBook;
use crate::config::{Config, EVENT_DAYS_MIN};
use crate::forward::{self, Forwarder, Slots};
use crate::http::{self, App};
use crate::inbox::{self, HeldEvents, Inbox};
use crate::lanes::Lanes;
use crate::metrics::Metrics;
use crate::onboarding::{CredentialError, Credentials, KeptAccounts, Onboarding};
use crate::outbox::pace::Pace;
use crate::outbox::{self, Outbox, Waiting};
use crate::previews::{Links, Previews};
use crate::reconciler::Reconciler;
use crate::runs::{CallRules, Outcalls, Runs};
use crate::sealing::{Keyring, SealingError};
use crate::shelf::Shelf;
use crate::store::StoreError;
use crate::store::queues::{FORWARD, INBOX};
use crate::store::schema::MIGRATIONS;
use crate::store::{previews, raw_deliveries, retention};
use crate::workers;
use crate::world_time::WorldTime;

/// Name of the database in the data folder.
const DATABASE_FILE: &str = "gateway.db";
/// Name of the key file in the data folder.
const KEY_FILE: &str = "gateway.key";
/// Name of the file with the key of preview links.
const LINK_KEY_FILE: &str = "preview.key";
/// Calls of one step of the outbox when it is driven by hand.
const CALLS_PER_STEP: u32 = 64;

/// Why a gateway does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database file.
    #[error("cannot open the gateway's database")]
    Database(#[from] db::OpenError),
    /// Its content.
    #[error("cannot take up where the last run ended")]
    Store(#[from] StoreError),
    /// The addresses of the Graph API.
    #[error("cannot use the addresses of the Graph API")]
    BaseUrl(#[from] BaseUrlError),
    /// The key that tokens are sealed with.
    #[error("cannot open the tokens of connected accounts")]
    Sealing(#[from] SealingError),
    /// The tokens of connected accounts.
    #[error("cannot take over the tokens of connected accounts")]
    Credentials(#[from] CredentialError),
    /// The key of preview links.
    #[error("cannot use the key of preview links, {LINK_KEY_FILE}")]
    Links(#[source] std::io::Error),
    /// The counters.
    #[error("cannot set up the metrics")]
    Metrics(#[from] prometheus::Error),
}

/// A gateway: database, routes, workers. Cloning shares everything.
#[derive(Clone)]
pub struct Gateway {
    app: App,
    inbox: Inbox,
    outbox: Outbox,
    runs: Runs,
    forwarder: Forwarder,
    walls: Walls,
    router: Arc<OnceLock<Router>>,
    /// The event after which the next step of the retention looks.
    forget_after: Arc<AtomicI64>,
}

impl Gateway {
    /// Opens (or makes) the gateway of the data folder with the accounts that are connected to it.
    pub async fn open(
        config: Config,
        world: WorldClock,
        process: ProcessClock,
        random: Random,
        transport: Transport,
    ) -> Result<Self, OpenError> {
        let keys = Arc::new(keyring(&config, &random)?);
        let accounts = Arc::new(KeptAccounts::new(keys));
        Self::open_over(config, world, process, random, transport, accounts).await
    }

    /// Opens (or makes) the gateway of the data folder over these accounts, and takes up where the last
    /// run ended: what was being decided is decided again, what was being called is in doubt.
    pub async fn open_over(
        config: Config,
        world: WorldClock,
        process: ProcessClock,
        random: Random,
        transport: Transport,
        accounts: Arc<dyn AccountBook>,
    ) -> Result<Self, OpenError> {
        let database = open_database(&config)?;
        let client = client(&config, transport)?;
        let metrics = Metrics::new()?;
        let credentials = open_credentials(&config, &database, &random).await?;
        let onboarding = Onboarding::new(&database, &client, &credentials, &world, meta_app(&config));
        let shelf = Shelf::default();
        let lanes = Lanes::open(
            database.clone(),
            world.clone(),
            config.automations.clone(),
            shelf.clone(),
        )
        .await?;
        let held = HeldEvents::default();
        let waiting = Waiting::default();
        let [split_bell, inbox_bell, runs_bell, outbox_bell] = std::array::from_fn(|_| Doorbell::new());
        let (secret_names, webhook_secrets) = secrets_of(&config);
        let secrets = (&secret_names, &webhook_secrets);
        let forwarder = forwarder(&config, &database, &process, secrets, &metrics);
        let inbox = Inbox {
            database: database.clone(),
            world: world.clone(),
            process: process.clone(),
            accounts: Arc::clone(&accounts),
            shelf: shelf.clone(),
            self_answers_per_minute: config.limits.self_answers_per_minute,
            is_real: onboarding.is_meta(),
            forward: config.forward.clone(),
            forward_bell: forwarder.bell.clone(),
            held: held.clone(),
            runs_bell: runs_bell.clone(),
            outbox_bell: outbox_bell.clone(),
            metrics: metrics.clone(),
        };
        let outbox = Outbox {
            database: database.clone(),
            world: world.clone(),
            world_time: WorldTime::new(world.clone()),
            process: process.clone(),
            client: client.clone(),
            accounts: Arc::clone(&accounts),
            held,
            pace: config.limits.paced.then(Pace::default),
            waiting: waiting.clone(),
            outbox_bell: outbox_bell.clone(),
            inbox_bell: inbox_bell.clone(),
            metrics: metrics.clone(),
        };
        recover(&database, &outbox).await?;
        let call_rules = call_rules(&config);
        let runs = Runs {
            database: database.clone(),
            world: world.clone(),
            process: process.clone(),
            outcalls: Outcalls::new(call_rules),
            forward: config.forward.clone(),
            bell: runs_bell.clone(),
            outbox_bell: outbox_bell.clone(),
        };
        let previews = open_previews(&config, &lanes, &inbox, &random).await?;
        let walls = Walls::new(policy(&config));
        let pause = Duration::from_millis(config.limits.reconcile_pause_ms.into());
        let app = App {
            reconciler: Reconciler::new(&database, &client, &credentials, &world, &metrics, pause),
            config: Arc::new(config),
            database,
            world,
            process,
            random,
            client,
            accounts,
            credentials,
            onboarding,
            lanes,
            previews,
            shelf,
            metrics,
            webhook_secrets,
            secret_names,
            signature_failures: Arc::default(),
            split_bell,
            inbox_bell,
            runs_bell,
            outbox_bell,
            call_rules,
            waiting,
            graph_room: http::GraphRoom::default(),
        };
        Ok(Self {
            app,
            inbox,
            outbox,
            runs,
            forwarder,
            walls,
            router: Arc::default(),
            forget_after: Arc::default(),
        })
    }

    /// What the handlers share, for tests and for commands that run inside the process.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Every route, without a socket.
    pub fn router(&self) -> Router {
        // Made once: describing the API takes longer than answering a request.
        self.router
            .get_or_init(|| http::router(self.app.clone(), &self.walls))
            .clone()
    }

    /// One step of the splitter; answers how many bodies it took.
    pub async fn split_once(&self) -> Result<usize, StoreError> {
        let n_bodies = inbox::split_once(&self.app.database, &self.app.metrics).await?;
        if n_bodies > 0 {
            self.app.inbox_bell.ring();
        }
        Ok(n_bodies)
    }

    /// One step of the inbox; answers how many events it looked at.
    pub async fn inbox_once(&self) -> Result<usize, StoreError> {
        inbox::inbox_once(&self.inbox).await
    }

    /// One step of the outbox; answers how many calls it made.
    pub async fn outbox_once(&self) -> Result<usize, StoreError> {
        outbox::outbox_once(&self.outbox, CALLS_PER_STEP).await
    }

    /// One step of handing events to engines; answers how many offers it made.
    pub async fn forward_once(&self) -> Result<usize, StoreError> {
        forward::forward_once(&self.forwarder, CALLS_PER_STEP).await
    }

    /// One step of the runs that wait; answers how many went on.
    pub async fn runs_once(&self) -> Result<usize, StoreError> {
        let Outbox {
            world_time, database, ..
        } = &self.outbox;
        world_time.follow(database).await?;
        self.runs.runs_once().await
    }

    /// One step of the previews whose gesture waits for its thread; answers how many were made.
    pub async fn previews_once(&self) -> Result<usize, StoreError> {
        self.app.previews.feed_once().await
    }

    /// One round of upkeep: leases and doubts that have lasted too long, doubts that Instagram itself can
    /// end. Answers how many sends it touched.
    pub async fn upkeep_once(&self) -> Result<usize, StoreError> {
        let moved = self.outbox.upkeep_once().await?;
        Ok(moved.saturating_add(self.outbox.look_once().await?))
    }

    /// Forgets raw bodies, and events with their sends, that have been kept for long enough: a few of
    /// each, so that nobody waits for it. Answers how many it looked at; 0 when nothing old is left.
    pub async fn forget_once(&self) -> Result<usize, StoreError> {
        let limits = self.app.config.limits;
        let now_ms = self.app.process.now().as_millis();
        let hours_ago = |hours: i64| now_ms.saturating_sub(hours.saturating_mul(3_600_000));
        let bodies_before_ms = hours_ago(limits.raw_body_hours.into());
        let days = i64::from(limits.event_days.max(EVENT_DAYS_MIN));
        let events_before_ms = hours_ago(days.saturating_mul(24));
        let after = self.forget_after.load(Ordering::Relaxed);
        let (bodies, step) = self
            .app
            .database
            .write(Durability::Relaxed, move |tx| {
                previews::forget_before(tx, bodies_before_ms)?;
                let bodies = raw_deliveries::forget_before(tx, bodies_before_ms)?;
                Ok::<_, StoreError>((bodies, retention::forget_ended(tx, after, events_before_ms)?))
            })
            .await
            .map_err(StoreError::from)?;
        self.forget_after
            .store(step.next.unwrap_or_default(), Ordering::Relaxed);
        self.app.metrics.forgotten(bodies, step.forgotten);
        Ok(bodies.saturating_add(usize::from(step.next.is_some())))
    }

    /// Makes the comparison with Instagram that waits first; answers how many were made.
    pub async fn reconcile_once(&self) -> Result<usize, StoreError> {
        self.app.reconciler.reconcile_once().await
    }

    /// Serves and works until the shutdown begins, then lets running calls finish and closes the store.
    pub async fn run(self, listener: TcpListener, shutdown: Shutdown) {
        workers::spawn(&self, &shutdown);
        let limits = serving::Limits {
            // Every surface has a limit of its own; this is the largest.
            body_bytes: http::UPLOAD_BYTES_MAX.max(self.app.config.limits.webhook_body_bytes),
            ..serving::Limits::default()
        };
        serving::serve(listener, self.router(), limits, shutdown.token()).await;
        workers::finished(&shutdown, Duration::from_secs(12)).await;
        self.app.database.close().await;
    }

    pub(crate) const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub(crate) const fn runs(&self) -> &Runs {
        &self.runs
    }

    pub(crate) const fn forwarder(&self) -> &Forwarder {
        &self.forwarder
    }
}

/// The way to Instagram, with the proofs of its tokens.
fn client(config: &Config, transport: Transport) -> Result<GraphClient, BaseUrlError> {
    let base_urls = BaseUrls::new(&config.instagram_url, &config.facebook_url)?;
    Ok(GraphClient::new(transport, base_urls).with_app_secrets(
        AppSecret::new(config.instagram_app.secret.clone()),
        AppSecret::new(config.meta_app.secret.clone()),
    ))
}

fn open_database(config: &Config) -> Result<Database, OpenError> {
    let path = config
        .database
        .clone()
        .unwrap_or_else(|| config.data.join(DATABASE_FILE));
    Ok(Database::open(path, Options::new(MIGRATIONS))?)
}

/// The app of the Facebook login.
fn meta_app(config: &Config) -> AppCredentials {
    AppCredentials {
        client_id: config.meta_app.id.clone(),
        client_secret: AppSecret::new(config.meta_app.secret.clone()),
    }
}

/// Where callers may make us call: inwards only if nobody outside can reach us.
fn call_rules(config: &Config) -> CallRules {
    CallRules {
        // With a public URL a proxy stands in front of loopback, and strangers come through it.
        private_addresses: config.bind.ip().is_loopback() && config.public_url.is_none(),
    }
}

/// What hands events to engines.
fn forwarder(
    config: &Config,
    database: &Database,
    process: &ProcessClock,
    (names, secrets): (&Arc<[String]>, &Arc<[AppSecret]>),
    metrics: &Metrics,
) -> Forwarder {
    Forwarder {
        database: database.clone(),
        process: process.clone(),
        of_gateway: config.forward.clone(),
        outcalls: Outcalls::new(call_rules(config)),
        trusted_outcalls: Outcalls::new(CallRules {
            private_addresses: true,
        }),
        secret_names: Arc::clone(names),
        secrets: Arc::clone(secrets),
        slots: Slots::default(),
        bell: Doorbell::new(),
        metrics: metrics.clone(),
    }
}

/// The tokens of connected accounts, sealed with the newest key.
async fn open_credentials(config: &Config, database: &Database, random: &Random) -> Result<Credentials, OpenError> {
    let keys = Arc::new(keyring(config, random)?);
    let credentials = Credentials::new(database.clone(), keys, random.clone());
    let n_resealed = credentials.rotate().await?;
    if n_resealed > 0 {
        tracing::info!(tokens = n_resealed, "tokens were sealed with the new key");
    }
    Ok(credentials)
}

/// Previews over the same store, clocks and shelf as the inbox; those of the last run go on.
async fn open_previews(config: &Config, lanes: &Lanes, inbox: &Inbox, random: &Random) -> Result<Previews, OpenError> {
    let links = Links::open(&config.data.join(LINK_KEY_FILE), random).map_err(OpenError::Links)?;
    let previews = Previews {
        database: inbox.database.clone(),
        world: inbox.world.clone(),
        process: inbox.process.clone(),
        random: random.clone(),
        shelf: inbox.shelf.clone(),
        lanes: lanes.clone(),
        links: Arc::new(links),
        outbox_bell: inbox.outbox_bell.clone(),
        self_answers_per_minute: inbox.self_answers_per_minute,
    };
    previews.recover().await?;
    Ok(previews)
}

/// The folder lock proves that nobody holds the leases of the last run.
async fn recover(database: &Database, outbox: &Outbox) -> Result<(), StoreError> {
    let outbox = outbox.clone();
    let (events, sends) = database
        .write(Durability::Durable, move |tx| {
            let events = INBOX.void_leases(tx)?.len();
            // Offered to an engine or not, nobody knows: it is offered again.
            FORWARD.void_leases(tx)?;
            Ok::<_, StoreError>((events, outbox.recover(tx)?))
        })
        .await
        .map_err(StoreError::from)?;
    if events > 0 || sends > 0 {
        tracing::info!(events, sends, "the last run ended in the middle of something");
    }
    Ok(())
}

fn keyring(config: &Config, random: &Random) -> Result<Keyring, SealingError> {
    Keyring::configured(config.token_keys.as_deref(), &config.data.join(KEY_FILE), random)
}

/// The app secrets in the order in which they are tried, with their names.
fn secrets_of(config: &Config) -> (Arc<[String]>, Arc<[AppSecret]>) {
    let own = [("instagram", &config.instagram_app), ("facebook", &config.meta_app)];
    let own = own.map(|(name, app)| (name, &app.secret));
    let extra = config
        .extra_app_secrets
        .iter()
        .map(|extra| (extra.name.as_str(), &extra.secret));
    let (names, secrets): (Vec<_>, Vec<_>) = own
        .into_iter()
        .chain(extra)
        .map(|(name, secret)| (name.to_owned(), AppSecret::new(secret.clone())))
        .unzip();
    (names.into(), secrets.into())
}

fn policy(config: &Config) -> Policy {
    let public = config
        .public_url
        .as_deref()
        .and_then(|public_url| url::Url::parse(public_url).ok())
        .and_then(|public_url| {
            Some(match public_url.port() {
                Some(port) => format!("{}:{port}", public_url.host_str()?),
                None => public_url.host_str()?.to_owned(),
            })
        });
    let allowed_hosts = config
        .allow_hosts
        .iter()
        .map(String::as_str)
        .chain(public.as_deref())
        .filter_map(HostName::parse)
        .collect();
    Policy {
        bound_to_loopback: config.bind.ip().is_loopback(),
        allowed_hosts,
        admin_token: config.admin_token.clone(),
    }
}
