//! The `gateway` crate of selfsame.
