//! Serving HTTP: the limited server below axum, and the walls that decide who may call.
//!
//! Shared by both halves. Nothing here knows Instagram; which path belongs to which [`Surface`] is said by the half
//! that owns the path.

mod addresses;
mod admin_token;
mod bind;
mod bodies;
mod host_name;
mod limits;
pub mod multipart;
mod server;
mod walls;
mod watched_stream;

pub use addresses::is_public;
pub use admin_token::AdminToken;
pub use bind::{BindError, bind};
pub use host_name::{HostName, is_meta_name};
pub use limits::Limits;
pub use server::{CutConnection, serve};
pub use walls::{Admitted, Caller, Policy, Refusal, Surface, Walls};
