//! The `ui` crate of selfsame.
