//! A real browser drives the real program: the phone, its keyboard, its reload, and what it says about webhooks.
//!
//! `cargo build -p selfsame-cli && cargo nextest run -p selfsame-e2e --features browser --test browser`

mod bot;
mod comments;
mod conversation;
mod plain;
mod receipts;
mod screens;
