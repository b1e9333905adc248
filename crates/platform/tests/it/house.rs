//! A platform in a temporary folder, with standing clocks, a seeded chance, and a bot that keeps what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use selfsame_platform::{Config, DeliveryTransport, FetchError, Fetched, MediaFetcher, Platform, TransportError};
use selfsame_queue::StepOutcome;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::random::Random;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// When every test begins.
pub(crate) const START: &str = "2026-06-01T12:00:00Z";
/// Where the bot listens.
pub(crate) const CALLBACK: &str = "http://bot.test/webhook";
/// Where somebody listens who never answers. Anywhere else nobody listens.
pub(crate) const HANGING: &str = "http://hanging.test/webhook";

/// What the bot was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Lower-case names.
    pub(crate) headers: http::HeaderMap,
    /// The exact bytes.
    pub(crate) body: Bytes,
}

/// How the bot takes webhooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// With 200.
    #[default]
    Answers,
    /// It hears and does not answer yet.
    Thinks,
    /// With 500.
    Fails,
}

/// The developer's bot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bot {
    told: Arc<Mutex<Vec<Told>>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    hangs: Arc<tokio::sync::Notify>,
    mood: Arc<tokio::sync::watch::Sender<Mood>>,
}

impl Bot {
    /// Everything it was told, oldest first.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }

    /// The query of every handshake, and what it answered.
    pub(crate) fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }

    /// From now on it takes webhooks like this.
    pub(crate) fn is(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Waits until a call hangs.
    pub(crate) async fn hangs(&self) {
        self.hangs.notified().await;
    }

    /// The texts of the messages it was told of.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |told: &Told| {
            let body: Value = serde_json::from_slice(&told.body).unwrap();
            body.pointer("/entry/0/messaging/0/message/text")
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        self.told().iter().filter_map(text).collect()
    }

    fn hears(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if request.method() == http::Method::GET {
            let query = request.uri().query().unwrap_or_default();
            let challenge = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "hub.challenge");
            let answer = challenge.map(|(_, value)| value.into_owned()).unwrap_or_default();
            self.asked.lock().unwrap().push((query.to_owned(), answer.clone()));
            return Response::new(Bytes::from(answer));
        }
        self.told.lock().unwrap().push(Told {
            headers: request.headers().clone(),
            body: request.body().clone(),
        });
        Response::new(Bytes::from_static(b"OK"))
    }

    fn transport(&self) -> DeliveryTransport {
        let bot = self.clone();
        DeliveryTransport::new(move |request| {
            let bot = bot.clone();
            async move {
                match request.uri().host() {
                    Some("hanging.test") => {
                        bot.hangs.notify_one();
                        std::future::pending().await
                    }
                    Some("bot.test") => {
                        let answer = bot.hears(&request);
                        let mut mood = bot.mood.subscribe();
                        let mood = *mood.wait_for(|mood| *mood != Mood::Thinks).await.unwrap();
                        Ok(match mood {
                            Mood::Fails => Response::builder().status(500).body(Bytes::new()).unwrap(),
                            Mood::Answers | Mood::Thinks => answer,
                        })
                    }
                    _ => Err(TransportError::Refused("nobody listens there".to_owned())),
                }
            }
        })
    }
}

/// The files of the world outside: what they are says the end of their address, how long they are a number before it, as in
/// `https://example.com/9000000.jpg`.
fn web() -> MediaFetcher {
    MediaFetcher::new(|url: String, size_bytes_max| async move {
        let (path, ending) = url.rsplit_once('.').unwrap_or_default();
        let content_type = match ending {
            "jpg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "mp4" => "video/mp4",
            "mov" => "video/quicktime",
            "ogg" => "video/ogg",
            "avi" => "video/x-msvideo",
            "webm" => "video/webm",
            "aac" => "audio/aac",
            "m4a" => "audio/x-m4a",
            "wav" => "audio/wav",
            "pdf" => "application/pdf",
            "zip" => "application/zip",
            "slow" => return Err(FetchError::TimedOut),
            _ => return Err(FetchError::Status(404)),
        };
        let size_bytes = path.rsplit('/').next().and_then(|name| name.parse().ok()).unwrap_or(9);
        if size_bytes > size_bytes_max {
            return Err(FetchError::TooLarge(size_bytes_max));
        }
        Ok(Fetched {
            content_type: content_type.to_owned(),
            body: Bytes::from(vec![0; size_bytes]),
        })
    })
}

/// A platform under test.
pub(crate) struct House {
    pub(crate) platform: Platform,
    pub(crate) process_clock: ProcessClock,
    pub(crate) bot: Bot,
    router: Router,
    folder: TempDir,
}

/// An answer, read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// `error.code` of a refusal.
    pub(crate) fn error_code(&self) -> String {
        self.json()
            .pointer("/error/code")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// `error.field` of a refusal.
    pub(crate) fn error_field(&self) -> Option<String> {
        self.json()
            .pointer("/error/field")
            .and_then(Value::as_str)
            .map(str::to_owned)
    }
}

impl House {
    /// The demo world, its app without a callback.
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    /// The demo world, its app telling the bot (handshake passed).
    pub(crate) async fn with_bot() -> Self {
        let house = Self::open().await;
        let app = house
            .ok("PATCH", "/_sim/apps/demo", &json!({"callback_url": CALLBACK}))
            .await;
        assert_eq!(app["callback_state"], "verified");
        house
    }

    /// The demo world with another configuration.
    pub(crate) async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::open_at(WorldClock::manual(START.parse::<Timestamp>().unwrap()), change).await
    }

    /// The demo world in the time of this clock.
    pub(crate) async fn open_at(world_clock: WorldClock, change: impl FnOnce(&mut Config)) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), world_clock, change).await
    }

    /// The same folder opened again, in the same time, as after a death. The bot has forgotten everything.
    pub(crate) async fn reopen(self) -> Self {
        let Self {
            platform,
            router,
            folder,
            ..
        } = self;
        let world_clock = platform.world().clock.clone();
        drop((platform, router));
        Self::open_in(folder, world_clock, |_| {}).await
    }

    async fn open_in(folder: TempDir, world_clock: WorldClock, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(folder.path());
        change(&mut config);
        let process_clock = ProcessClock::manual(ProcessClock::real().now());
        let bot = Bot::default();
        let platform = Platform::open(
            config,
            world_clock,
            process_clock.clone(),
            Random::seeded(7),
            bot.transport(),
        )
        .await
        .unwrap()
        .with_media_fetcher(web());
        crate::with_bot::house::unlimited(&platform);
        let router = platform.router();
        Self {
            platform,
            process_clock,
            bot,
            router,
            folder,
        }
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Sends any request and leaves its answer's body unread.
    pub(crate) async fn open_answer(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Calls with a JSON body, from this machine; `Value::Null` sends none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7353")
            .body(body)
            .unwrap();
        self.send(request).await
    }

    /// Calls and expects 200.
    pub(crate) async fn ok(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{method} {path} {body}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer.json()
    }

    /// Reads and expects 200.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, &Value::Null).await
    }

    /// Makes every due delivery, and those that these bring about.
    pub(crate) async fn deliver(&self) {
        while self.platform.deliver_once().await.unwrap() == StepOutcome::Worked {}
    }

    /// Lets what `work` waits for in real time pass.
    pub(crate) async fn in_real_time<T>(&self, work: impl Future<Output = T>) -> T {
        let passing = async {
            loop {
                self.real_time_passes(Duration::from_millis(100));
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            () = passing => unreachable!("time never ends"),
        }
    }

    /// Moves real time.
    pub(crate) fn real_time_passes(&self, by: Duration) {
        self.process_clock.advance(by);
    }
}
