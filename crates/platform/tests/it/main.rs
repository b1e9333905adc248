//! The platform through its router, without a socket. One module per resource.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod hostile;
mod house;
mod oauth;
mod security;
mod sim;
mod surface;
mod third_party;
mod with_bot;
