//! The `workbench` crate of selfsame.
