//! Telling apps: lease, chaos, sign the raw bytes, POST, record the attempt, settle. And the `hub.challenge` handshake.

mod attempt;
mod batch;
mod fault;
mod gathering;
mod handshake;
mod request;
mod transport;
mod worker;

pub use transport::{DeliveryTransport, TransportBuildError, TransportError};

pub(crate) use handshake::{Handshaker, shake_hands};
pub(crate) use worker::Deliverer;
