//! Tests that open a browser. They take turns: see `.config/nextest.toml`.

mod bot;
mod comments;
mod conversation;
mod plain;
mod receipts;
mod screens;
