//! Tests that open a browser. They take turns: see `.config/nextest.toml`.

mod bot;
mod business;
mod comments;
mod conversation;
mod every_page;
mod files;
mod gestures;
mod host_names;
mod logins;
mod menus;
mod onboarding;
mod owners_phone;
mod plain;
mod previews;
mod receipts;
mod screens;
mod settings;
mod studio;
mod tls;
mod visit;
