//! The layer that records every call to Graph and OAuth with its answer, and puts the answer's latency to it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use serde_json::{Map, Value};

use super::App;
use crate::domain::keys::{AccountKey, AppKey};
use crate::store::calls::NewCall;

/// Part of a body that the journal keeps.
const SHOWN_BYTES_MAX: usize = 64 * 1024;
/// Header of Graph answers that says cause and remedy.
const WHY_HEADER: &str = "x-selfsame-why";

/// Extension of a response: whose call it was, when a token or client id told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallSubject {
    /// The app.
    pub(crate) app: Option<AppKey>,
    /// The account.
    pub(crate) account: Option<AccountKey>,
}

/// Lets the call through and records it with its answer.
pub(crate) async fn record_call(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = app.world.process.now();
    let at_ms = app.world.clock.now_ms();
    let (parts, body) = request.into_parts();
    let mut call = NewCall {
        at_ms,
        host: host_of(&parts),
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        request_headers: headers_as_json(&parts.headers).to_string(),
        request_body: String::new(),
        status: 0,
        response_body: String::new(),
        app: None,
        account: None,
        latency_ms: 0,
        why: None,
    };
    // The server below has limited the body's size and time; a failure here is one of those limits.
    let request = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => {
            call.request_body = shown(&bytes);
            Request::from_parts(parts, Body::from(bytes))
        }
        Err(error) => Request::from_parts(parts, Body::new(FailedBody(Some(error)))),
    };

    let (parts, body) = next.run(request).await.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default(); // answers are made in memory

    let subject = parts.extensions.get::<CallSubject>().copied().unwrap_or_default();
    call.status = parts.status.as_u16();
    call.response_body = shown(&bytes);
    call.app = subject.app;
    call.account = subject.account;
    call.why = parts
        .headers
        .get(WHY_HEADER)
        .map(|why| String::from_utf8_lossy(why.as_bytes()).into_owned());
    call.latency_ms = i64::try_from(app.world.process.now().since(started).as_millis()).unwrap_or(i64::MAX);
    app.journal.record(call);
    Response::from_parts(parts, Body::from(bytes))
}

/// Hands a body's failure on to the handler, which answers it in its own form.
struct FailedBody(Option<axum::Error>);

impl hyper::body::Body for FailedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        std::task::Poll::Ready(self.0.take().map(Err))
    }
}

fn host_of(parts: &Parts) -> String {
    let authority = parts.uri.authority().map(|authority| authority.as_str().to_owned());
    authority
        .or_else(|| {
            parts
                .headers
                .get(http::header::HOST)
                .map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned())
        })
        .unwrap_or_default()
}

fn headers_as_json(headers: &HeaderMap) -> Value {
    let mut object = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        object.insert(name.as_str().to_owned(), Value::String(values.join(", ")));
    }
    Value::Object(object)
}

fn shown(bytes: &[u8]) -> String {
    let end = bytes.len().min(SHOWN_BYTES_MAX);
    String::from_utf8_lossy(bytes.get(..end).unwrap_or(bytes)).into_owned()
}
