//! A platform with a bot behind it, driven step by step.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use selfsame_platform::actions::{Dm, GrantAccess, PhoneComment};
use selfsame_platform::domain::account::Account;
use selfsame_platform::store::{accounts, apps, deliveries, threads};
use selfsame_platform::{Callback, Config, DeliveryTransport, Platform, TransportError};
use selfsame_queue::StepOutcome;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const VERIFY_TOKEN: &str = "verify me";

/// What the bot got.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) body: Value,
}

/// How the bot answers the challenge: status and body.
type Handshake = dyn Fn(&str) -> (u16, String) + Send + Sync;
/// How the bot answers.
type Behaviour = dyn Fn(&Received) -> Result<StatusCode, TransportError> + Send + Sync;

/// A bot: passes the handshake while up, keeps what it gets.
#[derive(Clone)]
pub(crate) struct Bot {
    pub(crate) received: Arc<Mutex<Vec<Received>>>,
    pub(crate) behaviour: Arc<Mutex<Arc<Behaviour>>>,
    pub(crate) handshake: Arc<Mutex<Box<Handshake>>>,
}

impl Bot {
    pub(crate) fn new() -> Self {
        let right = |challenge: &str| (200, challenge.to_owned());
        Self {
            received: Arc::default(),
            behaviour: Arc::new(Mutex::new(Arc::new(|_: &Received| Ok(StatusCode::OK)))),
            handshake: Arc::new(Mutex::new(Box::new(right))),
        }
    }

    pub(crate) fn behave(
        &self,
        behaviour: impl Fn(&Received) -> Result<StatusCode, TransportError> + Send + Sync + 'static,
    ) {
        *self.behaviour.lock().unwrap() = Arc::new(behaviour);
    }

    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    pub(crate) fn transport(&self) -> DeliveryTransport {
        let bot = self.clone();
        DeliveryTransport::new(move |request| {
            let answer = bot.answer(request);
            async move { answer }
        })
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if request.method() == http::Method::GET {
            let query: Vec<(String, String)> =
                form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
                    .into_owned()
                    .collect();
            let value = |name: &str| {
                query
                    .iter()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.as_str())
                    .unwrap_or_default()
            };
            assert_eq!(value("hub.mode"), "subscribe");
            assert!(value("hub.challenge").parse::<u64>().is_ok());
            let (status, body) = (self.handshake.lock().unwrap())(value("hub.challenge"));
            return Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap());
        }
        let (parts, raw) = request.into_parts();
        let body = serde_json::from_slice(&raw).unwrap();
        let received = Received {
            headers: parts.headers,
            raw,
            body,
        };
        let behaviour = Arc::clone(&self.behaviour.lock().unwrap());
        let status = behaviour(&received);
        self.received.lock().unwrap().push(received);
        Ok(Response::builder()
            .status(status?)
            .body(Bytes::from_static(b"EVENT_RECEIVED"))
            .unwrap())
    }
}

/// A platform on a folder of its own; world time stands still.
pub(crate) struct House {
    pub(crate) platform: Platform,
    pub(crate) bot: Bot,
    pub(crate) clock: WorldClock,
    pub(crate) folder: TempDir,
}

impl House {
    /// The demo world, its callback verified, webhooks installed through `flow`.
    pub(crate) async fn demo(flow: LoginFlow) -> Self {
        let house = Self::unverified(flow).await;
        assert_eq!(house.platform.shake_hands_once().await.unwrap(), 1);
        house
    }

    /// The same, before the handshake.
    pub(crate) async fn unverified(flow: LoginFlow) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = WorldClock::manual("2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap());
        let bot = Bot::new();
        let platform = open(&folder, &clock, &bot, flow).await;
        Self {
            platform,
            bot,
            clock,
            folder,
        }
    }

    /// Memory is dropped, the folder stays.
    pub(crate) async fn restart(self, flow: LoginFlow) -> Self {
        let Self {
            platform,
            bot,
            clock,
            folder,
        } = self;
        platform.world().store.database().close().await;
        drop(platform);
        let platform = open(&folder, &clock, &bot, flow).await;
        Self {
            platform,
            bot,
            clock,
            folder,
        }
    }

    /// Delivers until nothing is due.
    pub(crate) async fn deliver(&self) -> Vec<Received> {
        while self.platform.deliver_once().await.unwrap() == StepOutcome::Worked {}
        self.bot.take()
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by).unwrap();
    }

    pub(crate) async fn account(&self, username: &str) -> Account {
        let username = username.to_owned();
        self.platform
            .world()
            .store
            .read(move |connection| Ok(accounts::by_username(connection, &username)?.unwrap()))
            .await
            .unwrap()
    }

    /// The token of luna.coffee through a login flow.
    pub(crate) async fn token(&self, flow: LoginFlow) -> String {
        let luna = self.account("luna.coffee").await.key;
        let store = &self.platform.world().store;
        store
            .read(move |connection| {
                let app = apps::by_name(connection, "demo")?.unwrap().key;
                let grant = selfsame_platform::store::grants::grant(connection, app, luna, flow)?.unwrap();
                let tokens = selfsame_platform::store::grants::tokens_of_grant(connection, grant.key)?;
                Ok(tokens
                    .into_iter()
                    .find(|token| token.kind.as_str() == "page" || token.kind.as_str() == "instagram_long")
                    .unwrap()
                    .token)
            })
            .await
            .unwrap()
    }

    pub(crate) async fn dm(&self, from: &str, to: &str, text: &str) -> String {
        let dm = Dm {
            sender: from.to_owned(),
            recipient: to.to_owned(),
            text: Some(text.to_owned()),
            ..Dm::default()
        };
        self.platform.world().dm(dm).await.unwrap().mid.into_string()
    }

    pub(crate) async fn comment(&self, from: &str, text: &str) -> String {
        let comment = PhoneComment {
            author: from.to_owned(),
            media: "latest".to_owned(),
            text: text.to_owned(),
            parent: None,
        };
        self.platform
            .world()
            .comment(comment)
            .await
            .unwrap()
            .comment_id
            .into_string()
    }

    pub(crate) async fn grant(
        &self,
        account: &str,
        flow: LoginFlow,
        scopes: Option<&[&str]>,
        fields: Option<&[&str]>,
    ) -> String {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let grant = GrantAccess {
            app: "demo".to_owned(),
            account: account.to_owned(),
            flow,
            scopes: scopes.map(owned),
            fields: fields.map(owned),
            access_token: None,
        };
        self.platform.world().grant_access(grant).await.unwrap().access_token
    }

    /// The IGSID under which luna.coffee sees somebody.
    pub(crate) async fn igsid(&self, person: &str) -> String {
        let (luna, person) = (self.account("luna.coffee").await.key, self.account(person).await.key);
        let store = &self.platform.world().store;
        store
            .read(move |connection| Ok(accounts::scoped_id(connection, luna, person)?.unwrap().into_string()))
            .await
            .unwrap()
    }

    pub(crate) async fn delivery_views(&self) -> Vec<selfsame_platform::domain::view::DeliveryView> {
        let filter = deliveries::DeliveryFilter {
            limit: 1000,
            ..deliveries::DeliveryFilter::default()
        };
        self.platform
            .world()
            .store
            .read(move |connection| deliveries::views(connection, &filter))
            .await
            .unwrap()
    }

    /// Texts of a thread with who said them, oldest first.
    pub(crate) async fn texts(&self, a: &str, b: &str) -> Vec<(String, String)> {
        let (a, b) = (self.account(a).await.key, self.account(b).await.key);
        let view = self
            .platform
            .world()
            .store
            .read(move |connection| {
                let thread = threads::between(connection, a, b)?.unwrap();
                threads::view(connection, &thread, 0, 1000)
            })
            .await
            .unwrap();
        view.messages
            .into_iter()
            .map(|message| (message.side.as_str().to_owned(), message.text.unwrap_or_default()))
            .collect()
    }

    /// A Graph call.
    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.platform.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let request = Request::get(path)
            .header("host", "localhost:7353")
            .header("authorization", format!("Bearer {token}"));
        self.call(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.post_on("localhost:7353", token, path, body).await
    }

    /// A call of `/_sim` or of a page.
    pub(crate) async fn sim(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7353");
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.call(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn post_on(&self, host: &str, token: &str, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("host", host)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        self.call(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

async fn open(folder: &TempDir, clock: &WorldClock, bot: &Bot, flow: LoginFlow) -> Platform {
    let mut config = Config::new(folder.path());
    config.callback = Some(Callback {
        url: "http://bot.test/webhook".parse().unwrap(),
        verify_token: Some(VERIFY_TOKEN.to_owned()),
        app_secret: None,
        flow,
    });
    let platform = Platform::open(
        config,
        clock.clone(),
        ProcessClock::real(),
        Random::seeded(1),
        bot.transport(),
    )
    .await
    .unwrap();
    unlimited(&platform);
    platform
}

/// World time stands still in tests, and so would the buckets of rate limits: tests about these switch them on again.
pub(crate) fn unlimited(platform: &Platform) {
    let board = &platform.world().switches;
    let mut switches = (*board.current()).clone();
    switches.limits_enforced = false;
    board.replace(switches);
}

/// An answer with its body parsed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(
            self.status,
            200,
            "{} {:?}",
            self.body,
            self.headers.get("x-selfsame-why")
        );
        self.body
    }

    /// `(status, code, subcode)` of a refusal, which always explains itself and is traced.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, i64, i64) {
        let error = &self.body["error"];
        assert!(error["code"].is_i64(), "no refusal: {} {}", self.status, self.body);
        assert!(!self.why().is_empty());
        assert!(error["fbtrace_id"].as_str().unwrap().starts_with('A'));
        assert!(
            self.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("OAuth \"Facebook Platform\" ")
        );
        (
            self.status,
            error["code"].as_i64().unwrap(),
            error["error_subcode"].as_i64().unwrap_or_default(),
        )
    }

    pub(crate) fn why(&self) -> &str {
        self.headers
            .get("x-selfsame-why")
            .map(|why| why.to_str().unwrap())
            .unwrap_or_default()
    }
}
