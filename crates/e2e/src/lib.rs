//! End-to-end tests of selfsame: both halves together, over HTTP only.
//!
//! This library is the harness: a [`House`] with both halves on free ports and a data folder of its own, or the real
//! [`binary`], and the few questions that tests ask. It waits for states, never for time.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that meets something unexpected fails"
)]

pub mod binary;
mod blanks;
#[cfg(feature = "browser")]
pub mod browser;
mod house;

pub use blanks::{Blank, fill, same_keys_in_order};
pub use house::House;
