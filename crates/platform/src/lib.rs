//! The platform half of selfsame: a faithful local Instagram.
//!
//! It serves the Graph API on both hosts' contracts, both login flows, the people with their phones, and the
//! signed webhooks. It deliberately knows nothing of the gateway: the two halves meet only over HTTP.

pub mod actions;
pub mod chaos;
pub mod config;
pub mod domain;
pub mod hub;
pub mod journal;
pub mod rates;
pub mod store;
pub mod switches;
pub mod transfer;
pub mod world;

mod delivery;
mod demo;
mod http;
mod media_fetch;
mod platform;
mod retention;

pub use config::{Callback, Config, Retention};
pub use delivery::{DeliveryTransport, TransportBuildError, TransportError};
pub use demo::DemoError;
pub use media_fetch::{FetchError, Fetched, MediaFetcher};
pub use platform::{OpenError, Platform};
pub use world::World;
