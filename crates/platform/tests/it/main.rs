//! The platform through its router, without a socket. One module per resource.

mod house;
mod sim;
mod with_bot;
