//! Other people's programs against the real binary: bots in two languages, Meta's own client, curl.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected fails"
)]

mod clients;
