//! The `wire` crate of selfsame.
