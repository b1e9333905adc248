//! `cargo xtask test`: everything that is needed, then every test there is.

mod clients;
mod machine;
mod suite;

pub(crate) use suite::{TestArgs, run};
