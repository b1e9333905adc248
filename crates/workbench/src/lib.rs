//! Everything that talks to the two halves from outside, over HTTP, and the house that starts them together.
//!
//! - [`house`] starts platform and gateway in one process, wired to each other over HTTP as two strangers would be;
//! - [`connection`] finds a running house and calls it;
//! - [`gestures`] are what a person does on her phone, and what the business sends, as typed calls;
//! - [`world`] reads who and what exists, and explains where each id of an account appears;
//! - [`environment`] renders the settings of the app under test.
//!
//! What it deliberately does not do: print, read the environment, or decide an exit code. The binary does that.

pub mod automations;
pub mod connection;
pub mod environment;
pub mod gestures;
pub mod house;
pub mod listening;
pub mod world;

/// Logs and the two-step shutdown, for the binary, which depends on this crate alone.
pub use selfsame_runtime::{shutdown, telemetry};
