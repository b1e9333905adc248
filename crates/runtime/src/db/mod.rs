//! SQLite with one writer: closures run one after the other under savepoints, share commits, and are answered after the commit.
//!
//! Reads come from a small pool. Checkpoints have a thread of their own, so that they do not delay the writer.

mod checkpoint;
mod connection;
mod database;
mod error;
mod faults;
mod migrate;
mod reader;
mod stats;
mod writer;

pub use database::{Database, Durability, Options};
pub use error::{OpenError, ReadError, StoreError, WriteError};
pub use faults::Faults;
pub use migrate::Migration;
pub use stats::DbStats;
pub use writer::Tx;
