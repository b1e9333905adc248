//! Other people's programs against the real binary: bots and clients in two languages, Meta's own among them, and curl.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected fails"
)]

mod clients;
