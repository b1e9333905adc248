//! Durable leased jobs on SQLite: enqueue inside the caller's transaction, lease, then done, retry or bury.
//!
//! It deliberately does not run jobs, know what they mean, read a clock or decide when to try again: callers pass `now` and due times.
//!
//! A job with a key waits for its turn in the line of that key; only the head of a line is ready. When the head leaves the line the next
//! job is promoted in the same transaction, so leasing looks at ready jobs alone and costs the same whatever the backlog. Whoever holds the
//! head may take the line along: [`Queue::line`] shows who waits, and [`Queue::done_then`] settles one and leases the next in one step.
//!
//! ```
//! use selfsame_queue::{MIGRATION_SQL, NewJob, Order, Queue, QueueError};
//! use selfsame_runtime::clock::ProcessTime;
//! use selfsame_runtime::db::{Database, Durability, Migration, Options};
//!
//! const INBOX: Queue = Queue::new("inbox", Order::StrictPerKey);
//! const MIGRATIONS: &[Migration] = &[Migration { version: 1, name: "jobs", sql: MIGRATION_SQL }];
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("x.db");
//! let database = Database::open(path, Options::new(MIGRATIONS)).unwrap();
//! let leased = database
//!     .write(Durability::Durable, |tx| {
//!         INBOX.enqueue(tx, NewJob { key: Some("luna"), payload: b"hello", due_at_ms: 0 })?;
//!         INBOX.lease(tx, 0, ProcessTime::from_millis(30_000), 10)
//!     })
//!     .await
//!     .unwrap();
//! assert_eq!(leased[0].payload, b"hello");
//! database.write(Durability::Durable, move |tx| INBOX.done(tx, &leased[0])).await.unwrap();
//! # });
//! ```

#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::as_conversions)]

mod doorbell;
mod job;
mod queue;
mod sql;
mod worker;

pub use doorbell::Doorbell;
pub use job::{Counts, JobId, JobView, Leased, NewJob, NextInLine, QueueError, State};
pub use queue::{LeaseWanted, Order, Queue};
pub use sql::{MIGRATION_SQL, STATEMENTS};
pub use worker::{POLL_EVERY, StepOutcome, work};
