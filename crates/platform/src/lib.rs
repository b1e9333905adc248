//! The `platform` crate of selfsame.
