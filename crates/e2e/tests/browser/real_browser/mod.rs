//! Tests that open a browser. They take turns: see `.config/nextest.toml`.

mod bot;
mod business;
mod comments;
mod conversation;
mod gestures;
mod host_names;
mod logins;
mod onboarding;
mod plain;
mod previews;
mod receipts;
mod screens;
mod settings;
mod tls;
