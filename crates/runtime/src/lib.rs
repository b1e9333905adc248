//! The `runtime` crate of selfsame.
