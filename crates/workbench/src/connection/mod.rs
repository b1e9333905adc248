//! Finding a running house and calling it.
//!
//! Read in this order: `location` (where is it), `http` (one call and its errors), `house_client` (both halves).

mod house_client;
mod http;
mod location;

pub use house_client::HouseClient;
pub use http::{CallError, Endpoint, Refusal};
pub use location::{DEFAULT_GATEWAY_PORT, DEFAULT_PLATFORM_PORT, FoundBy, Location};
