//! The `e2e` crate of selfsame.
