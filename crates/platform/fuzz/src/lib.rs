//! The Graph surface of a demo world, without a socket: what every target of this crate knocks at.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use jiff::Timestamp;
use selfsame_platform::{Config, DeliveryTransport, Platform};
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::random::Random;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// A demo world whose business holds a token.
pub struct Door {
    runtime: Runtime,
    router: Router,
    token: String,
    _folder: TempDir,
}

impl Door {
    /// Opens a new world in a temporary folder.
    pub fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let begin: Timestamp = "2026-06-01T12:00:00Z".parse().expect("a time");
        let platform = runtime
            .block_on(Platform::open(
                Config::new(folder.path()),
                WorldClock::manual(begin),
                ProcessClock::real(),
                Random::seeded(7),
                DeliveryTransport::http().expect("a transport"),
            ))
            .expect("a platform");
        let mut door = Self {
            router: platform.router(),
            runtime,
            token: String::new(),
            _folder: folder,
        };
        door.ask("PUT", "/_sim/switches", &[("content-type", "application/json")], br#"{"limits.enforced":false}"#);
        let world = door.ask("GET", "/_sim/world", &[], b"").1;
        let token = world["accounts"][0]["tokens"][0]["access_token"].as_str();
        token.expect("a token").clone_into(&mut door.token);
        door
    }

    /// The business's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Sends one request to the Graph API and checks the answer: never the server's fault, always JSON, and a refusal is a Graph error.
    /// A request that is no HTTP at all is not sent.
    pub fn knock(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        if !is_http(method, path, headers) {
            return;
        }
        let (status, answer) = self.ask(method, path, headers, body);
        assert!(status < 500, "{status} {answer}");
        assert!(status == 200 || answer["error"]["code"].is_i64(), "{status} {answer}");
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7353");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_vec())).expect("a request");
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a whole answer");
            (status, serde_json::from_slice(&bytes).unwrap_or(json!(null)))
        })
    }
}

fn is_http(method: &str, path: &str, headers: &[(&str, &str)]) -> bool {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).is_ok()
}
