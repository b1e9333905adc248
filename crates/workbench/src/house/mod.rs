//! The house: both halves in one process, each behind its own port, meeting only over HTTP.
//!
//! Read in this order: `options` (what may be chosen), `start` (the order in which things come up),
//! `onboarding` (what is done once, on an empty folder), `living` (a house that runs).

mod error;
mod gateway_half;
mod living;
mod onboarding;
mod options;
mod start;

pub use error::StartError;
pub use living::House;
pub use options::{
    AppCredentials, Bot, DataChoice, ForwardOptions, GatewayChoice, GatewayOptions, HouseOptions, Listening,
    NamedSecret, PlatformOptions,
};
pub use selfsame_gateway::forward::Shape as ForwardShape;
pub use selfsame_platform::Retention;
pub use start::start;
