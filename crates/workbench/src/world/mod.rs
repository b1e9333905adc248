//! Who and what exists on a platform, and where each id of an account appears.

mod identity;
mod snapshot;

pub use identity::{IdentityCard, IdentityLine, UnknownAccount};
pub use snapshot::{Account, App, Flow, GatewayAddress, Media, PlatformAddress, Token, World};
