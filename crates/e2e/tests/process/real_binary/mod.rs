//! Tests that run the release build. They take turns: see `.config/nextest.toml`.

mod doctor;
mod killed;
mod started;
