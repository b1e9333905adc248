//! The seam between calls and the network.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// Why there is no answer. The difference decides whether a send may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing of the request was written: the host cannot have seen it.
    #[error("the request was not sent: {cause}")]
    NotSent {
        /// What happened, for people.
        cause: String,
    },
    /// The time-out passed. The host may have acted on the request.
    #[error("no answer within the time-out")]
    TimedOut,
    /// The connection broke before the answer was complete. The host may have acted on the request.
    #[error("the connection broke before the answer was complete: {cause}")]
    Cut {
        /// What happened, for people.
        cause: String,
    },
    /// The answer is larger than the limit. The host has acted on the request.
    #[error("the answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Extension of a request: its answer may take this long, in place of the usual time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerWithin(pub Duration);

/// The future of one exchange.
pub type ExchangeFuture<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// One request, one answer. Absolute URLs.
pub trait Exchange: Send + Sync {
    /// Carries the request out.
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_>;
}

/// A shared way to the hosts.
#[derive(Clone)]
pub struct Transport(Arc<dyn Exchange>);

impl Transport {
    /// Any way to the hosts, such as a simulation's.
    pub fn new(exchange: impl Exchange + 'static) -> Self {
        Self(Arc::new(exchange))
    }

    /// Carries a request out.
    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.exchange(request).await
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Transport")
    }
}
