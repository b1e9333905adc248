//! The real binary as a process: its starts and ends, and what a power cut does to it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that meets something unexpected fails"
)]

mod real_binary;
