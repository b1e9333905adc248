//! How deliveries and handshakes leave the process: over HTTP, or straight into a router in tests.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// Time a callback has to answer (contract: webhooks §4.2).
pub(crate) const ACK_TIMEOUT: Duration = Duration::from_secs(5);

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

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send>>;
type Call = dyn Fn(Request<Bytes>) -> Answer + Send + Sync;

/// Carries one request to a callback and its answer back.
#[derive(Clone)]
pub struct DeliveryTransport {
    call: Arc<Call>,
}

impl DeliveryTransport {
    /// Any function from request to answer; tests pass their bot's router.
    pub fn new<F, A>(call: F) -> Self
    where
        F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'static,
    {
        Self { call: Arc::new(move |request| Box::pin(call(request))) }
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
