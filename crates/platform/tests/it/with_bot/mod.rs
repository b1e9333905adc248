//! The demo world with an in-process bot behind it, driven step by step: gestures, deliveries, Graph calls.

pub(crate) mod house;

mod deliveries;
mod graph_read;
mod graph_refusals;
mod graph_send;
mod handshake;
mod hosts;
mod media;
mod requirements;
mod restart;
mod whole_loop;
