//! The engine as its callers use it: a text and an event in, a decision out.

mod deciding;
mod problems;
mod running;
mod support;
