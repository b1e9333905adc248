//! End-to-end tests of selfsame: both halves together, over HTTP only.
//!
//! This library is the harness. It waits for states, never for time.

pub mod binary;
