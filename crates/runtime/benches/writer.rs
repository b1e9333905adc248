//! How many durable writes a second, and how many of them share a sync, for one to many callers at once.
//!
//! `cargo bench -p selfsame-runtime --bench writer [-- seconds]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for people at a terminal"
)]

use std::time::Duration;

use selfsame_runtime::clock::ProcessClock;
use selfsame_runtime::db::{Database, Durability, Migration, Options, StoreError};
use selfsame_runtime::shutdown::Shutdown;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "bodies",
    sql: "CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;",
}];
/// The size of a webhook with one message.
const BODY_BYTES: usize = 512;

fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(3);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "{:>10} {:>8} {:>12} {:>12} {:>12}",
        "durability", "callers", "writes/s", "commits/s", "per commit"
    );
    for durability in [Durability::Durable, Durability::Relaxed] {
        for n_callers in [1, 8, 64, 256] {
            runtime.block_on(measure(durability, n_callers, Duration::from_secs(seconds)));
        }
    }
}

async fn measure(durability: Durability, n_callers: usize, time: Duration) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path().join("bench.db"), Options::new(MIGRATIONS)).unwrap();
    let clock = ProcessClock::real();
    let callers = Shutdown::new();
    let started = clock.now();
    for _ in 0..n_callers {
        let database = database.clone();
        let clock = clock.clone();
        callers.spawn("caller", async move {
            while clock.now().since(started) < time {
                database
                    .write(durability, |tx| {
                        tx.prepare_cached("INSERT INTO bodies (body) VALUES (?1)")?
                            .execute([[0_u8; BODY_BYTES]])?;
                        Ok::<_, StoreError>(())
                    })
                    .await
                    .unwrap();
            }
        });
    }
    callers.finished(Duration::from_mins(1)).await.unwrap();
    let stats = database.stats();
    let elapsed_ms = u64::try_from(clock.now().since(started).as_millis()).unwrap();
    let per_second = |n: u64| n * 1_000 / elapsed_ms;
    println!(
        "{:>10} {n_callers:>8} {:>12} {:>12} {:>12}",
        format!("{durability:?}"),
        per_second(stats.writes),
        per_second(stats.commits),
        stats.writes / stats.commits,
    );
    database.close().await;
}
