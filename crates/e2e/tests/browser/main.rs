//! A real browser drives the real program: the phone, the logins, and what the pages say.
//!
//! `cargo build -p selfsame-cli && cargo nextest run -p selfsame-e2e --features browser --test browser`

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets something unexpected fails"
)]

mod real_browser;
