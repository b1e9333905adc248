//! The reader threads: each closure sees one consistent snapshot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::error::StoreError;

/// A read waiting for a thread. It answers its caller itself.
pub(super) type Read = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

/// A message to the readers; each thread takes one `Close`.
pub(super) enum Order {
    Read(Read),
    Close,
}

/// Works until the database is closed.
pub(super) fn work(connection: &Connection, orders: &Arc<Mutex<Receiver<Order>>>) {
    loop {
        // Whoever holds the lock waits for the next read; the others wait for the lock.
        let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match order {
            Ok(Order::Read(read)) => run(connection, read),
            Ok(Order::Close) | Err(_) => return,
        }
    }
}

fn run(connection: &Connection, read: Read) {
    if let Err(error) = execute(connection, "BEGIN") {
        read(Err(error.into()));
        return;
    }
    // A panicking closure drops its answer, which its caller sees as `Panicked`.
    let _panicked = catch_unwind(AssertUnwindSafe(|| read(Ok(connection))));
    if let Err(error) = execute(connection, "ROLLBACK") {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a read transaction could not be ended"
        );
    }
}

fn execute(connection: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_changed| ())
}
