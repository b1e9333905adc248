//! The queue on a real database: against a model, and its statements one by one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;
mod leases;
mod model;
mod orders;
mod statements;
mod worker;
