//! Tests that run other people's programs. They take turns: see `.config/nextest.toml`.
//!
//! What needs packages from a registry is in the module of that registry: `cargo xtask test` leaves `node` or `python` out,
//! and says so, when theirs cannot be reached.

mod curl;
mod house;
mod node;
mod python;
