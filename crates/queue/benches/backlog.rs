//! What enqueueing, leasing and settling cost with a small and with a large backlog. They should cost the same.
//!
//! `cargo bench -p selfsame-queue --bench backlog`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for people at a terminal"
)]

use std::ops::Range;

use selfsame_queue::{MIGRATION_SQL, NewJob, Order, Queue, QueueError};
use selfsame_runtime::clock::{ProcessClock, ProcessTime};
use selfsame_runtime::db::{Database, Durability, Migration, Options, Tx};

const QUEUE: Queue = Queue::new("bench", Order::StrictPerKey);
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "jobs",
    sql: MIGRATION_SQL,
}];
const N_KEYS: usize = 1_000;
const N_ROUNDS: usize = 20_000;
const PER_TRANSACTION: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("{:>10} {:>24}", "backlog", "µs per job, whole life");
    for backlog in [1_000, 10_000, 100_000, 1_000_000] {
        runtime.block_on(measure(backlog));
    }
}

async fn measure(backlog: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.db");
    let clock = ProcessClock::real();
    let database = Database::open(&path, Options::new(MIGRATIONS)).unwrap();
    for first in (0..backlog).step_by(PER_TRANSACTION) {
        database
            .write(Durability::Relaxed, move |tx| {
                enqueue(tx, first..first + PER_TRANSACTION)
            })
            .await
            .unwrap();
    }
    // Closing moves the log into the database, so that the filling does not weigh on what is measured.
    database.close().await;
    let database = Database::open(&path, Options::new(MIGRATIONS)).unwrap();
    let started = clock.now();
    for first in (0..N_ROUNDS).step_by(PER_TRANSACTION) {
        database
            .write(Durability::Relaxed, move |tx| live(tx, first))
            .await
            .unwrap();
    }
    let elapsed_us = clock.now().since(started).as_micros();
    println!("{backlog:>10} {:>24}", elapsed_us / u128::try_from(N_ROUNDS).unwrap());
    database.close().await;
}

fn enqueue(tx: &Tx<'_>, numbers: Range<usize>) -> Result<(), QueueError> {
    for number in numbers {
        let key = format!("account:{}", number % N_KEYS);
        QUEUE.enqueue(
            tx,
            NewJob {
                key: Some(&key),
                payload: &[0; 128],
                due_at_ms: 0,
            },
        )?;
    }
    Ok(())
}

/// Each round one job comes and one goes, so that the backlog stays.
fn live(tx: &Tx<'_>, first: usize) -> Result<(), QueueError> {
    for number in first..first + PER_TRANSACTION {
        enqueue(tx, number..number + 1)?;
        for leased in QUEUE.lease(tx, 0, ProcessTime::from_millis(i64::MAX), 1)? {
            QUEUE.done(tx, &leased)?;
        }
    }
    Ok(())
}
