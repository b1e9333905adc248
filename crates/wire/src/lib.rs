//! What crosses between Instagram and a business app, as types.
//!
//! Both halves of the house stand on this crate: the platform emits what the gateway parses, and the
//! reverse. It holds ids, the table of events, webhook bodies, signatures, send requests, OAuth
//! bodies and Graph errors.
//!
//! Invariants: no I/O, no clock, no randomness, no dependency on our other crates. Whatever a
//! stranger sends, nothing here panics.

#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::as_conversions)]

pub mod batch;
pub mod events;
pub mod flow;
pub mod graph_error;
pub mod ids;
pub mod mid;
pub mod oauth;
pub mod parameters;
pub mod secret;
pub mod send;
pub mod signature;
pub mod webhook;

mod lenient;
