//! Both halves over one folder, and what people do with them.

use std::path::Path;

use axum::Router;
use bytes::Bytes;
use http::{Request, header};
use jiff::Timestamp;
use selfsame_client::Transport;
use selfsame_gateway::Gateway;
use selfsame_gateway::config::{AppCredentials, Config as GatewayConfig, Limits};
use selfsame_platform::{Callback, Config as PlatformConfig, Platform};
use selfsame_runtime::clock::WorldClock;
use selfsame_runtime::http::AdminToken;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::network::{Network, ask};

/// When every run begins.
const START: &str = "2026-06-01T12:00:00Z";
/// Where the platform delivers.
pub(crate) const CALLBACK: &str = "http://gateway.test/webhooks/instagram";
/// The business, which talks to itself.
pub(crate) const OWNER: &str = "@luna.coffee";
/// A customer.
pub(crate) const SAM: &str = "@sam";
/// Own messages answered within a minute, in the runs whose budget is small.
const SMALL_BUDGET: u32 = 3;

/// What somebody did.
#[derive(Debug, Clone)]
pub(crate) struct Gesture {
    /// The mid, or the comment's id.
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) is_comment: bool,
    pub(crate) by_owner: bool,
}

pub(crate) struct Simulation {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) seed: u64,
    chance: Random,
    pub(crate) world: WorldClock,
    pub(crate) network: Network,
    pub(crate) gestures: Vec<Gesture>,
    /// Whether the budget of the self thread may stop something.
    small_budget: bool,
    pub(crate) kill_switch: bool,
    /// The business's newest post, once it was asked for.
    post: Option<String>,
    pub(crate) log: String,
}

impl Simulation {
    pub(crate) async fn open(folder: tempfile::TempDir, seed: u64) -> Self {
        let chance = Random::seeded(seed);
        let small_budget = seed > 0 && chance.below(6) == 0;
        let mut simulation = Self {
            folder,
            seed,
            chance,
            world: WorldClock::manual(START.parse::<Timestamp>().unwrap()),
            network: Network::new(),
            gestures: Vec::new(),
            small_budget,
            kill_switch: false,
            post: None,
            log: String::new(),
        };
        simulation.open_platform().await;
        simulation.open_gateway().await;
        simulation
    }

    async fn open_platform(&mut self) {
        let mut config = PlatformConfig::new(self.folder.path());
        config.callback = Some(Callback {
            url: CALLBACK.parse().unwrap(),
            verify_token: Some("verify".to_owned()),
            app_secret: Some("instagram secret".to_owned()),
            flow: LoginFlow::Instagram,
        });
        let platform = Platform::open(
            config,
            self.world.clone(),
            self.network.platform_process.clone(),
            Random::seeded(self.chance.u64()),
            self.network.delivery_transport(),
        )
        .await
        .unwrap();
        let router = platform.router();
        self.network.with(|wires| {
            wires.platform = Some(platform);
            wires.platform_router = Some(router);
        });
    }

    async fn open_gateway(&mut self) {
        let folder = self.folder.path();
        let app = |secret: &str| AppCredentials {
            id: "1".to_owned(),
            secret: secret.to_owned(),
        };
        let config = GatewayConfig {
            data: folder.to_owned(),
            database: None,
            bind: "127.0.0.1:7354".parse().unwrap(),
            public_url: None,
            allow_hosts: Vec::new(),
            preview_embedders: Vec::new(),
            admin_token: AdminToken::new("key".to_owned()),
            instagram_app: app("instagram secret"),
            meta_app: app("meta secret"),
            verify_token: "verify".to_owned(),
            instagram_url: "http://localhost:7353".to_owned(),
            facebook_url: "http://localhost:7353".to_owned(),
            automations: folder.join("automations.yaml"),
            extra_app_secrets: Vec::new(),
            token_keys: None,
            forward: None,
            limits: Limits {
                self_answers_per_minute: if self.small_budget { SMALL_BUDGET } else { 1_000_000 },
                ..Limits::default()
            },
        };
        let gateway = Gateway::open(
            config,
            self.world.clone(),
            self.network.process.clone(),
            Random::seeded(self.chance.u64()),
            Transport::new(self.network.clone()),
        )
        .await
        .unwrap();
        self.network.with(|wires| wires.gateway = Some(gateway));
    }

    pub(crate) fn platform(&self) -> Platform {
        self.network.with(|wires| wires.platform.clone()).unwrap()
    }

    fn platform_router(&self) -> Router {
        self.network.with(|wires| wires.platform_router.clone()).unwrap()
    }

    pub(crate) fn gateway(&self) -> Gateway {
        self.network.with(|wires| wires.gateway.clone()).unwrap()
    }

    pub(crate) fn close_platform(&self) {
        self.network.forget_late();
        self.network.with(|wires| wires.platform_router = None);
        if let Some(platform) = self.network.with(|wires| wires.platform.take()) {
            platform.world().store.database().close_blocking();
        }
    }

    pub(crate) fn close_gateway(&self) {
        if let Some(gateway) = self.network.with(|wires| wires.gateway.take()) {
            gateway.app().database.close_blocking();
        }
    }

    pub(crate) async fn crash_platform(&mut self) {
        self.close_platform();
        self.open_platform().await;
    }

    pub(crate) async fn crash_gateway(&mut self) {
        self.close_gateway();
        self.open_gateway().await;
    }

    /// Asks a half from this machine, and answers status and body.
    async fn asked(&self, router: Router, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost:7353");
        let request = if body.is_null() {
            request.body(Bytes::new()).unwrap()
        } else {
            let json = Bytes::from(body.to_string());
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(json)
                .unwrap()
        };
        let response = ask(router, request).await;
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), body)
    }

    /// Asks the platform's `/_sim`; it must agree.
    pub(crate) async fn sim(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.asked(self.platform_router(), method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Asks the gateway's API, which may refuse.
    pub(crate) async fn try_api(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/v1/{path}");
        self.asked(self.gateway().router(), method, &path, body).await
    }

    /// Asks the gateway's API; it must agree.
    pub(crate) async fn api(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_api(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    pub(crate) async fn writes(&mut self, who: &str, text: String) {
        let body = json!({"as": who, "to": OWNER, "text": text});
        let made = self.sim("POST", "/_sim/dm", &body).await;
        self.did(who, &made["mid"], text, false);
    }

    pub(crate) async fn comments(&mut self, who: &str, text: String) {
        let post = match self.post.clone() {
            Some(post) => post,
            None => self.newest_post().await,
        };
        let body = json!({"as": who, "media": post, "text": text});
        self.post = Some(post);
        let made = self.sim("POST", "/_sim/comment", &body).await;
        self.did(who, &made["comment_id"], text, true);
    }

    fn did(&mut self, who: &str, id: &Value, text: String, is_comment: bool) {
        self.gestures.push(Gesture {
            id: id.as_str().unwrap().to_owned(),
            text,
            is_comment,
            by_owner: who == OWNER,
        });
    }

    async fn newest_post(&self) -> String {
        let world = self.sim("GET", "/_sim/world", &Value::Null).await;
        let media = world["media"].as_array().unwrap().last().unwrap();
        media["id"].as_str().unwrap().to_owned()
    }

    /// The owner logs in: a token that is new, handed to the gateway. Whether the gateway took it.
    pub(crate) async fn log_in(&self) -> bool {
        let grant = json!({"app": "demo", "account": OWNER, "flow": "instagram"});
        let granted = self.sim("POST", "/_sim/grants", &grant).await;
        let connect = json!({"flow": "instagram", "access_token": granted["access_token"]});
        let (status, _) = self.try_api("POST", "accounts", &connect).await;
        (200..300).contains(&status)
    }

    /// The business's row of `GET /api/v1/accounts`.
    pub(crate) async fn account(&self) -> Value {
        let listed = self.api("GET", "accounts", &Value::Null).await;
        listed["data"][0].clone()
    }

    /// The rows of `GET /api/v1/messages`, of one state or of all.
    pub(crate) async fn rows(&self, state: Option<&str>) -> Vec<Value> {
        let state = state.map_or_else(String::new, |state| format!("&state={state}"));
        let listed = self
            .api("GET", &format!("messages?limit=1000{state}"), &Value::Null)
            .await;
        listed["data"].as_array().unwrap().clone()
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.chance.below(bound)
    }

    pub(crate) fn index_below(&self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap()
    }

    pub(crate) fn pick<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.index_below(choices.len())]
    }
}

/// A folder in memory where there is one.
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
