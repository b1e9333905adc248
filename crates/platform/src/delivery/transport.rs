//! How deliveries and handshakes leave the process: over HTTP, or straight into a router in tests.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};

/// Time a callback has to answer (contract: webhooks §4.2).
pub(crate) const ACK_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections kept per callback.
const IDLE_CONNECTIONS_MAX: usize = 64;
/// How much of an answer is read; more is left unread.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing was written: nobody listens there.
    #[error("connection refused: {0}")]
    Refused(String),
    /// No answer within the time allowed.
    #[error("no answer within {} s", ACK_TIMEOUT.as_secs())]
    TimedOut,
    /// The connection ended before the answer.
    #[error("the connection was cut: {0}")]
    Cut(String),
}

/// The HTTP client cannot be built.
#[derive(Debug, thiserror::Error)]
#[error("cannot build the HTTP client of deliveries")]
pub struct TransportBuildError(#[source] reqwest::Error);

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;
type Call = dyn Fn(Request<Bytes>) -> Answer + Send + Sync;

/// Carries one request to a callback and its answer back.
#[derive(Clone)]
pub struct DeliveryTransport {
    call: Arc<Call>,
}

impl DeliveryTransport {
    /// Over HTTP. Redirects are not followed, as at Meta.
    pub fn http() -> Result<Self, TransportBuildError> {
        // A second half in the same process may have installed the same provider already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(ACK_TIMEOUT)
            .timeout(ACK_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build()
            .map_err(TransportBuildError)?;
        Ok(Self::new(move |request| call(client.clone(), request)))
    }

    /// Any function from request to answer; tests pass their bot's router.
    pub fn new<F, A>(call: F) -> Self
    where
        F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'static,
    {
        Self {
            call: Arc::new(move |request| Box::pin(call(request))),
        }
    }

    /// Sends one request.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        (self.call)(request).await
    }
}

impl std::fmt::Debug for DeliveryTransport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DeliveryTransport")
    }
}

async fn call(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
    let request = reqwest::Request::try_from(request).map_err(|error| TransportError::Refused(root_cause(&error)))?;
    let mut answer = client.execute(request).await.map_err(|error| classify(&error))?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| classify(&error))? {
        let room = ANSWER_BYTES_MAX.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if body.len() >= ANSWER_BYTES_MAX {
            break;
        }
    }
    response
        .body(body.freeze())
        .map_err(|error| TransportError::Cut(error.to_string()))
}

fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        TransportError::TimedOut
    } else if error.is_connect() || error.is_builder() {
        TransportError::Refused(root_cause(error))
    } else {
        TransportError::Cut(root_cause(error))
    }
}

/// The innermost cause, which is the one that says something.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
