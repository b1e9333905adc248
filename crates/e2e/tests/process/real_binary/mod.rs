//! Tests that run the release build. They take turns: see `.config/nextest.toml`.

mod killed;
mod started;
