//! Telling apps: lease, chaos, sign the raw bytes, POST, record the attempt, settle. And the `hub.challenge` handshake.

mod transport;

pub use transport::{DeliveryTransport, TransportError};
