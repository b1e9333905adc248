//! Tests that run other people's programs. They take turns: see `.config/nextest.toml`.

mod bots;
mod senders;
