//! The `queue` crate of selfsame.
