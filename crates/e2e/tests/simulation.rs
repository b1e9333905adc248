//! Both real halves in one process, driven step by step.
//!
//! A seed decides which of the enabled steps comes next: a gesture of the owner, a delivery, intake,
//! a decision, a call and how it ends, time, and crashes (everything in memory is dropped and the
//! databases are opened again). After each step nothing may have been said twice; when everything
//! has come to rest, each owner message is answered, or listed with its reason.
//!
//! A failing run prints its seed; `SELFSAME_SIMULATION_SEED=<seed>` runs that one alone, and
//! `SELFSAME_SIMULATION_SEEDS=<count>` runs another number of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says with which seed"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use selfsame_client::Transport;
use selfsame_client::transport::{Exchange, ExchangeFuture, TransportError};
use selfsame_gateway::Gateway;
use selfsame_gateway::config::{AppCredentials, Config as GatewayConfig, Limits};
use selfsame_gateway::store::{StoreError, status};
use selfsame_platform::{Callback, Config as PlatformConfig, DeliveryTransport, Platform};
use selfsame_queue::StepOutcome;
use selfsame_runtime::clock::{ProcessClock, ProcessTime, WorldClock};
use selfsame_runtime::http::AdminToken;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower::ServiceExt as _;

/// Seeds in an ordinary test run.
const SEEDS: u64 = 2_000;
/// Steps that a seed chooses.
const STEPS: u64 = 24;
/// Rounds after which everything must have come to rest.
const MOST_ROUNDS: usize = 600;
/// When every run begins.
const START: &str = "2026-06-01T12:00:00Z";
const CALLBACK: &str = "http://gateway.test/webhooks/instagram";
const OWNER: &str = "@luna.coffee";

/// Answers everything, so that one answer too many shows; its public reply fits its own trigger.
const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { contains: [menu] } }
    do: [ { send: { text: "Menu for {{ message.text }}" } }, { send: { text: "Enjoy {{ message.text }}" } } ]
  - name: plain
    when: { message: { everything: true } }
    do: [ { send: { text: "You said: {{ message.text }}" } } ]
  - name: price
    when: { comment: { contains: [price] } }
    do:
      - reply: { text: "Re: {{ comment.text }}" }
      - send: { text: "About {{ comment.text }}" }
"#;

/// What a call of the gateway does besides what Instagram answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallFault {
    None,
    EchoFirst,
    NotSent,
    CutBefore,
    CutAfter,
    TimeOutAfter,
    GatewayCrashBefore,
    GatewayCrashAfter,
    PlatformCrashAfter,
}

impl CallFault {
    const fn leaves_doubt(self) -> bool {
        !matches!(self, Self::None | Self::EchoFirst | Self::NotSent)
    }
}

/// What a delivery of the platform does besides what the gateway answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryFault {
    None,
    Lost,
    AnswerLost,
}

/// The network between the halves, and what goes wrong on it.
#[derive(Clone)]
struct Network(Arc<Mutex<Wires>>, Arc<Notify>);

struct Wires {
    platform: Option<Platform>,
    /// Of that platform, made once: describing the API takes longer than a request.
    platform_router: Option<Router>,
    gateway: Option<Gateway>,
    process: ProcessClock,
    call_fault: CallFault,
    delivery_fault: DeliveryFault,
    platform_must_crash: bool,
    accepted: Vec<String>,
}

impl Network {
    fn new(process: &ProcessClock) -> Self {
        let wires = Wires {
            platform: None,
            platform_router: None,
            gateway: None,
            process: process.clone(),
            call_fault: CallFault::None,
            delivery_fault: DeliveryFault::None,
            platform_must_crash: false,
            accepted: Vec::new(),
        };
        Self(Arc::new(Mutex::new(wires)), Arc::default())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Wires) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    fn delivery_transport(&self) -> DeliveryTransport {
        let network = self.clone();
        DeliveryTransport::new(move |request| {
            let network = network.clone();
            async move { network.deliver(request).await }
        })
    }

    async fn deliver(&self, request: Request<Bytes>) -> Result<Response<Bytes>, selfsame_platform::TransportError> {
        use selfsame_platform::TransportError as Failure;
        let (gateway, fault) = self.with(|wires| (wires.gateway.clone(), wires.delivery_fault));
        let Some(gateway) = gateway.filter(|_| fault != DeliveryFault::Lost) else {
            return Err(Failure::Refused("nobody listens".to_owned()));
        };
        let answer = ask(gateway.router(), request).await;
        if fault == DeliveryFault::AnswerLost {
            Err(Failure::Cut("cut".to_owned()))
        } else {
            Ok(answer)
        }
    }

    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let is_send = request.method() == http::Method::POST;
        let (platform, router, fault) = self.with(|wires| {
            let fault = if is_send {
                std::mem::replace(&mut wires.call_fault, CallFault::None)
            } else {
                CallFault::None
            };
            (wires.platform.clone(), wires.platform_router.clone(), fault)
        });
        let (Some(platform), Some(router)) = (platform, router) else {
            return Err(TransportError::NotSent {
                cause: "nobody listens".to_owned(),
            });
        };
        match fault {
            CallFault::NotSent => {
                return Err(TransportError::NotSent {
                    cause: "refused".to_owned(),
                });
            }
            CallFault::CutBefore => {
                return Err(TransportError::Cut {
                    cause: "cut".to_owned(),
                });
            }
            CallFault::GatewayCrashBefore => return self.crash_gateway().await,
            _ => {}
        }
        let text = is_send.then(|| text_of(&request)).flatten();
        let answer = ask(router, request).await;
        if let Some(text) = text.filter(|_| answer.status().is_success()) {
            self.with(|wires| wires.accepted.push(text));
        }
        match fault {
            CallFault::EchoFirst => {
                platform.deliver_once().await.unwrap();
                drop(platform);
                let gateway = self.with(|wires| wires.gateway.clone());
                if let Some(gateway) = gateway {
                    gateway.split_once().await.unwrap();
                    gateway.inbox_once().await.unwrap();
                }
            }
            CallFault::CutAfter => {
                return Err(TransportError::Cut {
                    cause: "cut".to_owned(),
                });
            }
            CallFault::TimeOutAfter => {
                self.with(|wires| wires.process.advance(Duration::from_secs(11)));
                return std::future::pending().await;
            }
            CallFault::GatewayCrashAfter => return self.crash_gateway().await,
            CallFault::PlatformCrashAfter => {
                self.with(|wires| wires.platform_must_crash = true);
                return Err(TransportError::Cut {
                    cause: "the platform died".to_owned(),
                });
            }
            _ => {}
        }
        Ok(answer)
    }

    async fn crash_gateway(&self) -> Result<Response<Bytes>, TransportError> {
        self.1.notify_one();
        std::future::pending().await
    }
}

impl Exchange for Network {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        Box::pin(self.call(request))
    }
}

/// What a send says: of a message, or of a public reply.
fn text_of(request: &Request<Bytes>) -> Option<String> {
    if let Ok(body) = serde_json::from_slice::<Value>(request.body()) {
        return body.pointer("/message/text").and_then(Value::as_str).map(str::to_owned);
    }
    let form = url::form_urlencoded::parse(request.body());
    form.into_iter()
        .find(|(name, _)| name == "message")
        .map(|(_, text)| text.into_owned())
}

async fn ask(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    let (mut parts, body) = request.into_parts();
    if !parts.headers.contains_key(header::HOST)
        && let Some(authority) = parts.uri.authority()
    {
        let host = authority.as_str().parse().unwrap();
        parts.headers.insert(header::HOST, host);
    }
    let response = router
        .oneshot(Request::from_parts(parts, Body::from(body)))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap())
}

/// What the owner did.
struct Gesture {
    id: String,
    text: String,
    is_comment: bool,
}

/// What each thing the owner says is answered with.
fn answers_to(text: &str, is_comment: bool) -> Vec<String> {
    if is_comment {
        if text.contains("price") {
            vec![format!("Re: {text}"), format!("About {text}")]
        } else {
            Vec::new()
        }
    } else if text.contains("menu") {
        vec![format!("Menu for {text}"), format!("Enjoy {text}")]
    } else {
        vec![format!("You said: {text}")]
    }
}

struct Simulation {
    folder: tempfile::TempDir,
    seed: u64,
    chance: Random,
    world: WorldClock,
    process: ProcessClock,
    network: Network,
    gestures: Vec<Gesture>,
    had_doubt: bool,
    log: String,
}

impl Simulation {
    async fn open(folder: tempfile::TempDir, seed: u64) -> Self {
        let process = ProcessClock::manual(ProcessTime::from_millis(1_780_000_000_000));
        let mut simulation = Self {
            folder,
            seed,
            chance: Random::seeded(seed),
            world: WorldClock::manual(START.parse::<Timestamp>().unwrap()),
            network: Network::new(&process),
            process,
            gestures: Vec::new(),
            had_doubt: false,
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
            self.process.clone(),
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
                self_answers_per_minute: 1_000_000,
                ..Limits::default()
            },
        };
        let gateway = Gateway::open(
            config,
            self.world.clone(),
            self.process.clone(),
            Random::seeded(self.chance.u64()),
            Transport::new(self.network.clone()),
        )
        .await
        .unwrap();
        self.network.with(|wires| wires.gateway = Some(gateway));
    }

    fn platform(&self) -> Platform {
        self.network.with(|wires| wires.platform.clone()).unwrap()
    }

    fn platform_router(&self) -> Router {
        self.network.with(|wires| wires.platform_router.clone()).unwrap()
    }

    fn gateway(&self) -> Gateway {
        self.network.with(|wires| wires.gateway.clone()).unwrap()
    }

    fn close_platform(&self) {
        self.network.with(|wires| wires.platform_router = None);
        if let Some(platform) = self.network.with(|wires| wires.platform.take()) {
            platform.world().store.database().close_blocking();
        }
    }

    fn close_gateway(&self) {
        if let Some(gateway) = self.network.with(|wires| wires.gateway.take()) {
            gateway.app().database.close_blocking();
        }
    }

    async fn crash_platform(&mut self) {
        self.close_platform();
        self.open_platform().await;
    }

    async fn crash_gateway(&mut self) {
        self.close_gateway();
        self.open_gateway().await;
    }

    /// Asks a half from this machine.
    async fn json(&self, router: Router, method: &str, path: &str, body: Option<&Value>) -> Value {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7353")
            .header("content-type", "application/json")
            .body(bytes)
            .unwrap();
        let answer = ask(router, request).await;
        assert!(answer.status().is_success(), "{method} {path}: {answer:?}");
        serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
    }

    async fn sim(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = (!body.is_null()).then_some(body);
        self.json(self.platform_router(), method, path, body).await
    }

    async fn owner_writes(&mut self, text: String) {
        let body = json!({"as": OWNER, "to": OWNER, "text": text});
        let made = self.sim("POST", "/_sim/dm", &body).await;
        let id = made["mid"].as_str().unwrap().to_owned();
        self.gestures.push(Gesture {
            id,
            text,
            is_comment: false,
        });
    }

    async fn owner_comments(&mut self, text: String) {
        let body = json!({"as": OWNER, "media": "latest", "text": text});
        let made = self.sim("POST", "/_sim/comment", &body).await;
        let id = made["comment_id"].as_str().unwrap().to_owned();
        self.gestures.push(Gesture {
            id,
            text,
            is_comment: true,
        });
    }

    fn below(&self, bound: u64) -> u64 {
        self.chance.below(bound)
    }

    fn pick<T: Copy>(&self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }

    /// Chooses and takes one step.
    async fn step(&mut self, with_doubt: bool) {
        let n = self.gestures.len();
        let choice = self.below(30);
        let before = self.log.len();
        match choice {
            0..=2 => self.owner_writes(format!("m{n}")).await,
            3 => self.owner_writes(format!("menu {n}")).await,
            4 => self.owner_comments(format!("price {n}?")).await,
            5 => self.owner_repeats_an_answer().await,
            6..=11 => {
                let fault = self.pick(&[
                    DeliveryFault::None,
                    DeliveryFault::None,
                    DeliveryFault::None,
                    DeliveryFault::Lost,
                    DeliveryFault::AnswerLost,
                ]);
                let _ = write!(self.log, " {fault:?}");
                self.network.with(|wires| wires.delivery_fault = fault);
                self.platform().deliver_once().await.unwrap();
                self.network.with(|wires| wires.delivery_fault = DeliveryFault::None);
            }
            12..=15 => drop(self.gateway().split_once().await.unwrap()),
            16..=19 => drop(self.gateway().inbox_once().await.unwrap()),
            20..=23 => {
                let certain = [
                    CallFault::None,
                    CallFault::None,
                    CallFault::EchoFirst,
                    CallFault::NotSent,
                ];
                let any = [
                    CallFault::None,
                    CallFault::EchoFirst,
                    CallFault::CutBefore,
                    CallFault::CutAfter,
                    CallFault::TimeOutAfter,
                    CallFault::GatewayCrashBefore,
                    CallFault::GatewayCrashAfter,
                    CallFault::PlatformCrashAfter,
                ];
                let fault = if with_doubt {
                    self.pick(&any)
                } else {
                    self.pick(&certain)
                };
                let _ = write!(self.log, " {fault:?}");
                self.send(fault).await;
            }
            24 => drop(self.gateway().upkeep_once().await.unwrap()),
            25 => self.repeat_a_delivery().await,
            26 => {
                self.process.advance(Duration::from_millis(self.below(12_000)));
            }
            27 => {
                let by = i64::try_from(self.below(30_000)).unwrap();
                self.world.advance(SignedDuration::from_millis(by)).unwrap();
            }
            28 => self.crash_gateway().await,
            _ => self.crash_platform().await,
        }
        let detail = self.log.split_off(before);
        let _ = write!(self.log, "{choice}{detail}; ");
    }

    async fn owner_repeats_an_answer(&mut self) {
        let accepted = self.network.with(|wires| wires.accepted.clone());
        if accepted.is_empty() {
            return;
        }
        let text = accepted[usize::try_from(self.below(accepted.len() as u64)).unwrap()].clone();
        if text.starts_with("Re: ") {
            self.owner_comments(text).await;
        } else {
            self.owner_writes(text).await;
        }
    }

    async fn repeat_a_delivery(&self) {
        let listed = self.sim("GET", "/_sim/deliveries?status=delivered", &Value::Null).await;
        let ids: Vec<Value> = listed["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        if !ids.is_empty() {
            let id = &ids[usize::try_from(self.below(ids.len() as u64)).unwrap()];
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            self.sim("POST", &format!("/_sim/deliveries/{id}/resend"), &json!({}))
                .await;
        }
    }

    /// Makes one round of calls, the first of which ends like this; answers how many were made.
    async fn send(&mut self, fault: CallFault) -> usize {
        self.network.with(|wires| wires.call_fault = fault);
        let gateway = self.gateway();
        let (n_calls, crashed) = tokio::select! {
            sent = gateway.outbox_once() => (sent.unwrap(), false),
            () = self.network.1.notified() => (1, true),
        };
        drop(gateway);
        let unused = self
            .network
            .with(|wires| std::mem::replace(&mut wires.call_fault, CallFault::None));
        self.had_doubt |= fault.leaves_doubt() && unused == CallFault::None;
        if crashed {
            self.crash_gateway().await;
        }
        if self
            .network
            .with(|wires| std::mem::take(&mut wires.platform_must_crash))
        {
            self.crash_platform().await;
        }
        n_calls
    }

    /// Works without faults until nothing is left to do but what waits for people. Time passes only when
    /// there is nothing else to do.
    async fn come_to_rest(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let delivered = self.platform().deliver_once().await.unwrap();
            let mut n_done = self.gateway().split_once().await.unwrap();
            n_done += self.gateway().inbox_once().await.unwrap();
            n_done += self.send(CallFault::None).await;
            n_done += self.gateway().upkeep_once().await.unwrap();
            let next_delivery = match delivered {
                StepOutcome::Worked => continue,
                StepOutcome::Idle { next_due_at_ms } => next_due_at_ms,
            };
            if n_done > 0 {
                continue;
            }
            let status = self.gateway().app().database.read(status::read).await;
            let status = status.map_err(StoreError::from).unwrap();
            let waits_for_a_call = status.inbox.ready + status.inbox.leased + status.outbox.in_doubt > 0;
            let waits_for_the_world = status.outbox.ready + status.outbox.calling > 0;
            if !waits_for_a_call && !waits_for_the_world && next_delivery.is_none() {
                return;
            }
            self.process.advance(Duration::from_secs(3));
            let until_delivery = next_delivery.map_or(0, |due| due - self.world.now_ms());
            self.world
                .advance(SignedDuration::from_millis(until_delivery.max(3_000)))
                .unwrap();
        }
        panic!("it does not come to rest");
    }

    /// What may have been said by now, and how often.
    fn allowed(&self) -> BTreeMap<String, usize> {
        let mut allowed = BTreeMap::new();
        for gesture in &self.gestures {
            for answer in answers_to(&gesture.text, gesture.is_comment) {
                *allowed.entry(answer).or_default() += 1;
            }
        }
        allowed
    }

    fn said(&self) -> BTreeMap<String, usize> {
        let mut said = BTreeMap::new();
        for text in self.network.with(|wires| wires.accepted.clone()) {
            *said.entry(text).or_default() += 1;
        }
        said
    }

    fn nothing_was_said_twice(&self) {
        let allowed = self.allowed();
        for (text, times) in self.said() {
            let most = allowed.get(&text).copied().unwrap_or(0);
            assert!(times <= most, "{text:?} was said {times} times, at most {most} allowed");
        }
    }

    async fn every_message_has_its_end(&self) {
        let listed = self
            .json(self.gateway().router(), "GET", "/api/v1/messages?limit=1000", None)
            .await;
        let rows = listed["data"].as_array().unwrap();
        for gesture in &self.gestures {
            let mine: Vec<&Value> = rows
                .iter()
                .filter(|row| row["cause_mid"].as_str() == Some(&gesture.id))
                .collect();
            if mine.is_empty() {
                let equals_an_answer = self
                    .gestures
                    .iter()
                    .any(|other| answers_to(&other.text, other.is_comment).contains(&gesture.text));
                assert!(self.had_doubt && equals_an_answer, "{:?} is silent", gesture.text);
                continue;
            }
            for row in &mine {
                let state = row["state"].as_str().unwrap();
                assert!(["sent", "parked", "failed", "no_rule"].contains(&state), "{row}");
                assert!(self.had_doubt || state == "sent" || state == "no_rule", "{row}");
                assert!(
                    ["sent", "no_rule"].contains(&state) || row["reason"].is_string(),
                    "{row}"
                );
            }
        }
        if !self.had_doubt {
            assert_eq!(self.said(), self.allowed(), "each message is answered exactly once");
        }
    }

    /// The platform's own thread agrees with what its answers told.
    async fn the_thread_agrees(&self) {
        let threads = self
            .sim("GET", &format!("/_sim/threads?a={OWNER}&b={OWNER}"), &Value::Null)
            .await;
        let mut on_platform: BTreeMap<String, usize> = BTreeMap::new();
        for message in threads["data"][0]["messages"].as_array().unwrap() {
            if message["origin"] == "api" {
                *on_platform
                    .entry(message["text"].as_str().unwrap_or_default().to_owned())
                    .or_default() += 1;
            }
        }
        on_platform.remove("You said: good morning");
        let mut said = self.said();
        said.retain(|text, _| !text.starts_with("Re: "));
        assert_eq!(on_platform, said);
    }
}

/// A folder in memory where there is one.
fn temporary_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    if memory.is_dir() {
        builder.tempdir_in(memory)
    } else {
        builder.tempdir()
    }
    .unwrap()
}

/// A folder in which the demo world is made, the gateway connected, the handshake passed, and the
/// self thread open: each seed begins with a copy.
fn prepared() -> &'static PathBuf {
    static PREPARED: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &PREPARED
        .get_or_init(|| {
            let folder = temporary_folder();
            std::fs::write(folder.path().join("automations.yaml"), AUTOMATIONS).unwrap();
            let folder = runtime().block_on(async {
                let mut simulation = Simulation::open(folder, 0).await;
                assert_eq!(simulation.platform().shake_hands_once().await.unwrap(), 1);
                let world = simulation.sim("GET", "/_sim/world", &Value::Null).await;
                let account = world["accounts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|one| one["kind"] == "business")
                    .unwrap();
                let tokens = account["tokens"].as_array().unwrap();
                let token = tokens.iter().find(|token| token["flow"] == "instagram").unwrap();
                let connect = json!({"flow": "instagram", "access_token": token["access_token"]});
                let router = simulation.gateway().router();
                simulation
                    .json(router, "POST", "/api/v1/accounts", Some(&connect))
                    .await;
                simulation.owner_writes("good morning".to_owned()).await;
                simulation.come_to_rest().await;
                assert_eq!(
                    simulation.network.with(|wires| wires.accepted.clone()),
                    ["You said: good morning"]
                );
                simulation.close_gateway();
                simulation.close_platform();
                simulation.folder
            });
            let path = folder.path().to_owned();
            (folder, path)
        })
        .1
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

fn run(seed: u64) {
    let folder = temporary_folder();
    for entry in std::fs::read_dir(prepared()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    runtime().block_on(async {
        let mut simulation = Simulation::open(folder, seed).await;
        let outcome = std::panic::AssertUnwindSafe(live(&mut simulation));
        let outcome = futures_util::FutureExt::catch_unwind(outcome).await;
        simulation.close_gateway();
        simulation.close_platform();
        if let Err(panic) = outcome {
            println!("seed {}: steps: {}", simulation.seed, simulation.log);
            std::panic::resume_unwind(panic);
        }
    });
}

async fn live(simulation: &mut Simulation) {
    // A third of the runs has no doubt in any call: then the answer is owed exactly once.
    let with_doubt = simulation.below(3) > 0;
    for _ in 0..STEPS {
        simulation.step(with_doubt).await;
        simulation.nothing_was_said_twice();
    }
    simulation.come_to_rest().await;
    simulation.nothing_was_said_twice();
    simulation.every_message_has_its_end().await;
    simulation.the_thread_agrees().await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "the seed of a failing run is given by whoever replays it"
)]
fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs every `n_parts`-th seed, so that the parts run side by side.
fn part(part: u64, n_parts: u64) {
    if let Some(seed) = from_environment("SELFSAME_SIMULATION_SEED") {
        if part == 0 {
            run(seed);
        }
        return;
    }
    let seeds = from_environment("SELFSAME_SIMULATION_SEEDS").unwrap_or(SEEDS);
    for seed in (1..=seeds).filter(|seed| seed % n_parts == part) {
        run(seed);
    }
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_first_quarter_of_the_seeds() {
    part(0, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_second_quarter_of_the_seeds() {
    part(1, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_third_quarter_of_the_seeds() {
    part(2, 4);
}

#[test]
fn nothing_is_lost_and_nothing_is_said_twice_whatever_happens_last_quarter_of_the_seeds() {
    part(3, 4);
}

#[test]
fn the_webhook_refuses_what_it_did_not_store() {
    // The simulation relies on it: an unanswered delivery is delivered again.
    runtime().block_on(async {
        let folder = temporary_folder();
        std::fs::write(folder.path().join("automations.yaml"), AUTOMATIONS).unwrap();
        let simulation = Simulation::open(folder, 1).await;
        simulation.platform().shake_hands_once().await.unwrap();
        let gateway = simulation.gateway();
        gateway.app().database.faults().disk_full(true);
        let body = Bytes::from_static(b"{}");
        let secret = selfsame_wire::secret::AppSecret::new("instagram secret");
        let signature = selfsame_wire::signature::sign(&secret, &body).sha256;
        let request = Request::post(CALLBACK)
            .header("x-hub-signature-256", signature)
            .body(body)
            .unwrap();
        assert_eq!(
            ask(gateway.router(), request).await.status(),
            StatusCode::SERVICE_UNAVAILABLE
        );
        drop(gateway);
        simulation.close_gateway();
        simulation.close_platform();
    });
}
