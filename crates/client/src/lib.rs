//! The `client` crate of selfsame.
