//! Tests that run the release build. They take turns: see `.config/nextest.toml`.

mod commands;
mod doctor;
mod forwarded;
mod killed;
mod started;
mod two_processes;
