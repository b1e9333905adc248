//! Telling apps: lease, chaos, sign the raw bytes, POST, record the attempt, settle. And the `hub.challenge` handshake.

mod transport;
mod fault;
mod request;
mod attempt;
mod worker;
mod handshake;

pub use transport::{DeliveryTransport, TransportBuildError, TransportError};

pub(crate) use handshake::{Handshaker, shake_hands};
pub(crate) use worker::Deliverer;
