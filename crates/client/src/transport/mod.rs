//! How a request gets to a host: over HTTP, or in process for simulations.

mod exchange;
mod network;

pub use exchange::{AnswerWithin, Exchange, ExchangeFuture, Transport, TransportError};
pub use network::{CALL_TIMEOUT, CONNECT_TIMEOUT, RESPONSE_BYTES_MAX, Timeouts, UPLOAD_TIMEOUT};
