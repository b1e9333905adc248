//! The checks that are not tests. Each is one job, runnable alone: `cargo xtask ci clippy`.

mod arrows;
mod deny;
mod fidelity;
mod generated;
mod jobs;
mod words;

pub(crate) use generated::generate;
pub(crate) use jobs::{CiArgs, run};
