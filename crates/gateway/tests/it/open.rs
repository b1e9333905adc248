//! A gateway on a temporary folder, with clocks that stand still until they are moved.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::Timestamp;
use selfsame_client::Transport;
use selfsame_gateway::Gateway;
use selfsame_gateway::automation::{Lane, Library};
use selfsame_gateway::config::{AppCredentials, Config, Limits};
use selfsame_runtime::clock::{ProcessClock, ProcessTime, WorldClock};
use selfsame_runtime::http::AdminToken;
use selfsame_runtime::random::Random;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use tower::ServiceExt as _;

use crate::book::Book;

/// Signs webhooks of Instagram login.
pub(crate) const INSTAGRAM_SECRET: &str = "instagram secret";
/// Signs webhooks of Facebook login.
pub(crate) const META_SECRET: &str = "meta secret";

/// Both clocks.
#[derive(Clone)]
pub(crate) struct Clocks {
    /// World time.
    pub(crate) world: WorldClock,
    /// Process time.
    pub(crate) process: ProcessClock,
}

impl Clocks {
    /// Standing at a fixed moment.
    pub(crate) fn standing() -> Self {
        Self {
            world: WorldClock::manual(Timestamp::from_second(1_790_000_000).unwrap()),
            process: ProcessClock::manual(ProcessTime::from_millis(1_790_000_000_000)),
        }
    }
}

/// A folder in memory where there is one, so that a thousand databases do not wear a disk.
pub(crate) fn temporary_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    if memory.is_dir() {
        builder.tempdir_in(memory)
    } else {
        builder.tempdir()
    }
    .unwrap()
}

/// The configuration of a gateway in a folder.
pub(crate) fn config(folder: &Path) -> Config {
    let app = |id: &str, secret: &str| AppCredentials {
        id: id.to_owned(),
        secret: secret.to_owned(),
    };
    Config {
        data: folder.to_owned(),
        database: None,
        bind: "127.0.0.1:7354".parse().unwrap(),
        public_url: None,
        allow_hosts: Vec::new(),
        preview_embedders: vec!["https://provider.example".to_owned()],
        admin_token: AdminToken::new("key".to_owned()),
        instagram_app: app("1", INSTAGRAM_SECRET),
        meta_app: app("2", META_SECRET),
        verify_token: "verify".to_owned(),
        instagram_url: "http://instagram.test".to_owned(),
        facebook_url: "http://facebook.test".to_owned(),
        automations: folder.join("automations.yaml"),
        extra_app_secrets: Vec::new(),
        token_keys: None,
        forward: None,
        limits: Limits {
            self_answers_per_minute: 1_000_000,
            reconcile_pause_ms: 0,
            ..Limits::default()
        },
    }
}

/// Opens a gateway that runs these automations in both lanes.
pub(crate) async fn open(
    config: Config,
    clocks: &Clocks,
    transport: Transport,
    book: &Book,
    automations: &str,
) -> Gateway {
    let gateway = Gateway::open_over(
        config,
        clocks.world.clone(),
        clocks.process.clone(),
        Random::seeded(1),
        transport,
        Arc::new(book.clone()),
    )
    .await
    .unwrap();
    for lane in [Lane::Draft, Lane::Published] {
        gateway
            .app()
            .shelf
            .replace(lane, Library::compile(automations).unwrap());
    }
    gateway
}

/// Posts a body as Instagram does, signed with the secret of Instagram login.
pub(crate) async fn deliver(gateway: &Gateway, body: &[u8]) -> StatusCode {
    post(
        gateway,
        body,
        Some(&sign(&AppSecret::new(INSTAGRAM_SECRET), body).sha256),
    )
    .await
}

/// Posts a body with that signature header.
pub(crate) async fn post(gateway: &Gateway, body: &[u8], signature: Option<&str>) -> StatusCode {
    let mut request = Request::post("/webhooks/instagram").header("host", "gateway.test");
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    let request = request.body(Body::from(body.to_vec())).unwrap();
    gateway.router().oneshot(request).await.unwrap().status()
}
