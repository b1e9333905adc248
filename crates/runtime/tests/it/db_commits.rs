//! What a commit contains, who shares it, and what is synced.

use std::time::Duration;

use selfsame_runtime::db::{Database, Durability, Options, ReadError, StoreError, WriteError};

use crate::house::{House, MIGRATIONS, insert_note};

#[derive(Debug, PartialEq, Eq)]
struct Refusal;

#[tokio::test]
async fn a_write_is_seen_by_the_next_read_and_after_a_restart() {
    let house = House::open();
    house.note(Durability::Durable, "one").await.unwrap();
    assert_eq!(house.notes().await, ["one"]);
    assert_eq!(house.reopen().await.notes().await, ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_queued_together_shares_one_synced_commit() {
    let house = House::open();
    let release = house.hold_writer();
    let before = house.database.stats();
    let writes: Vec<_> = (0..100)
        .map(|number| house.spawn_note(Durability::Durable, format!("note {number}")))
        .collect();
    // The tasks have queued their closures once all of them have been polled; the held writer lets none through before.
    house.until_waiting(100).await;
    release.send(()).unwrap();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let after = house.database.stats();
    assert_eq!(after.synced_commits - before.synced_commits, 1);
    // The commit of the closure that held the writer, and the shared one.
    assert_eq!(after.commits - before.commits, 2);
    assert_eq!(after.writes - before.writes, 101);
    assert_eq!(house.notes().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_commit_is_shared_by_more_than_512() {
    let house = House::open();
    let release = house.hold_writer();
    let before = house.database.stats();
    let writes: Vec<_> = (0..513)
        .map(|number| house.spawn_note(Durability::Durable, format!("note {number}")))
        .collect();
    house.until_waiting(513).await;
    release.send(()).unwrap();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert_eq!(house.database.stats().synced_commits - before.synced_commits, 2);
}

#[tokio::test]
async fn a_relaxed_write_is_not_synced_and_a_durable_one_is() {
    let house = House::open();
    for (durability, synchronous) in [
        (Durability::Relaxed, 1),
        (Durability::Durable, 2),
        (Durability::Relaxed, 1),
        (Durability::Relaxed, 1),
        (Durability::Durable, 2),
    ] {
        let before = house.database.stats();
        let found: i64 = house
            .database
            .write(durability, |tx| {
                tx.query_row("PRAGMA synchronous", [], |row| row.get(0))
            })
            .await
            .unwrap();
        let after = house.database.stats();
        assert_eq!(found, synchronous, "1 is NORMAL, 2 is FULL");
        assert_eq!(after.commits - before.commits, 1);
        assert_eq!(
            after.synced_commits - before.synced_commits,
            u64::from(durability == Durability::Durable)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_durable_write_makes_its_whole_batch_durable() {
    let house = House::open();
    let release = house.hold_writer();
    let before = house.database.stats();
    let relaxed = house.spawn_note(Durability::Relaxed, "relaxed".to_owned());
    let durable = house.spawn_note(Durability::Durable, "durable".to_owned());
    house.until_waiting(2).await;
    release.send(()).unwrap();
    relaxed.await.unwrap().unwrap();
    durable.await.unwrap().unwrap();
    let after = house.database.stats();
    assert_eq!(after.synced_commits - before.synced_commits, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_rolls_back_its_own_closure_only() {
    let house = House::open();
    let release = house.hold_writer();
    let kept = house.spawn_note(Durability::Durable, "kept".to_owned());
    let refused = house.spawn_write(Durability::Durable, |tx| {
        tx.execute("INSERT INTO notes (text) VALUES ('refused')", []).unwrap();
        Err::<(), _>(Refusal)
    });
    let panicked = house.spawn_write(Durability::Durable, |tx| -> Result<(), Refusal> {
        tx.execute("INSERT INTO notes (text) VALUES ('panicked')", []).unwrap();
        panic!("on purpose")
    });
    house.until_waiting(3).await;
    release.send(()).unwrap();
    kept.await.unwrap().unwrap();
    assert!(matches!(refused.await.unwrap(), Err(WriteError::Refused(Refusal))));
    assert!(matches!(
        panicked.await.unwrap(),
        Err(WriteError::Store(StoreError::Panicked))
    ));
    assert_eq!(house.notes().await, ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "the test awaits the handle itself")]
async fn a_single_statement_that_fails_undoes_itself_and_nothing_else() {
    let house = House::open();
    let release = house.hold_writer();
    let before = house.spawn_note(Durability::Durable, "before".to_owned());
    house.until_waiting(1).await;
    let database = house.database.clone();
    let failing = tokio::spawn(async move {
        let two = "INSERT INTO notes (id, text) VALUES (100, 'new'), (1, 'taken')";
        database
            .write_statement(Durability::Durable, move |tx| tx.execute(two, []))
            .await
    });
    house.until_waiting(2).await;
    let after = house.spawn_note(Durability::Durable, "after".to_owned());
    house.until_waiting(3).await;
    release.send(()).unwrap();
    before.await.unwrap().unwrap();
    assert!(matches!(failing.await.unwrap(), Err(WriteError::Refused(_))));
    after.await.unwrap().unwrap();
    assert_eq!(house.notes().await, ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_answers_busy() {
    let house = House::open();
    let release = house.hold_writer();
    let writes: Vec<_> = (0..Database::MOST_WAITING)
        .map(|_| house.spawn_write(Durability::Relaxed, |_tx| Ok::<_, StoreError>(())))
        .collect();
    house.until_waiting(Database::MOST_WAITING).await;
    let refused = house.note(Durability::Durable, "one too many").await;
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Busy))));
    release.send(()).unwrap();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    house.note(Durability::Durable, "room again").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_left_is_made_nevertheless() {
    let house = House::open();
    let release = house.hold_writer();
    {
        let mut abandoned = Box::pin(house.note(Durability::Durable, "abandoned"));
        let waker = std::task::Waker::noop();
        assert!(
            abandoned
                .as_mut()
                .poll(&mut std::task::Context::from_waker(waker))
                .is_pending()
        );
    }
    release.send(()).unwrap();
    house.note(Durability::Durable, "later").await.unwrap();
    assert_eq!(house.notes().await, ["abandoned", "later"]);
}

#[tokio::test]
async fn a_closed_database_finishes_what_is_queued_and_refuses_the_rest() {
    let house = House::open();
    house.note(Durability::Relaxed, "before").await.unwrap();
    house.database.close().await;
    let refused = house.note(Durability::Durable, "after").await;
    assert!(matches!(refused, Err(WriteError::Store(StoreError::Closed))));
    let refused = house.database.read(|_connection| Ok::<_, StoreError>(())).await;
    assert!(matches!(refused, Err(ReadError::Store(StoreError::Closed))));
    assert!(
        !house.folder.path().join("test.db-wal").exists(),
        "the last connection moves the log"
    );
    let database = Database::open(house.path(), Options::new(MIGRATIONS)).unwrap();
    let count: i64 = database
        .read(|connection| connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0)))
        .await
        .unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn every_close_moves_the_log_into_the_database() {
    for _ in 0..40 {
        let house = House::open();
        house.note(Durability::Relaxed, "kept").await.unwrap();
        house.database.close().await;
        assert!(!house.folder.path().join("test.db-wal").exists());
    }
}

#[tokio::test]
async fn a_reader_cannot_write_and_survives_a_panic() {
    let house = House::open();
    for _ in 0..4 {
        let refused = house
            .database
            .read(|connection| connection.execute("DELETE FROM notes", []))
            .await;
        assert!(matches!(refused, Err(ReadError::Refused(_))));
        let panicked = house
            .database
            .read(|_connection| -> Result<(), Refusal> { panic!("on purpose") })
            .await;
        assert!(matches!(panicked, Err(ReadError::Store(StoreError::Panicked))));
    }
    assert_eq!(house.notes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    let house = House::open();
    house.note(Durability::Relaxed, "one").await.unwrap();
    let database = house.database.clone();
    let handle = tokio::runtime::Handle::current();
    let (first, second): (i64, i64) = tokio::task::spawn_blocking(move || {
        let writing = database.clone();
        let inner = handle.clone();
        handle.block_on(database.read(move |connection| {
            let count = |connection: &rusqlite::Connection| {
                connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))
            };
            let first = count(connection)?;
            inner
                .block_on(writing.write(Durability::Relaxed, |tx| insert_note(tx, "two")))
                .unwrap();
            Ok::<_, StoreError>((first, count(connection)?))
        }))
    })
    .await
    .unwrap()
    .unwrap();
    assert_eq!((first, second), (1, 1));
    assert_eq!(house.notes().await, ["one", "two"]);
}

#[tokio::test]
async fn checkpoints_keep_the_log_from_growing() {
    let house = House::open();
    house.database.set_checkpoint_pause(Duration::ZERO);
    let log = house.folder.path().join("test.db-wal");
    // 24 rounds of 4 MiB (the text and its index), six times the size from which the log is started over.
    let text = "x".repeat(64 * 1024);
    let mut largest = 0;
    for round in 0..24 {
        // Read before the round: the checkpoint of its last write comes after.
        let n_checkpoints = house.database.stats().checkpoints;
        for number in 0..32 {
            let text = format!("{round} {number} {text}");
            house.note(Durability::Relaxed, &text).await.unwrap();
        }
        largest = largest.max(std::fs::metadata(&log).unwrap().len());
        while house.database.stats().checkpoints == n_checkpoints {
            tokio::task::yield_now().await;
        }
    }
    assert!(largest < 32 * 1024 * 1024, "the log grew to {largest} bytes");
}
