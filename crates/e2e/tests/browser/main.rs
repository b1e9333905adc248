//! A real browser drives the real program: the phone, the logins, and what the pages say.
//!
//! `cargo build -p selfsame-cli && cargo nextest run -p selfsame-e2e --features browser --test browser`

mod real_browser;
