//! What happens when the disk does not do what it is told.

use selfsame_runtime::db::{Durability, StoreError, WriteError};

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_fails_everybody_in_it_and_keeps_nothing() {
    let house = House::open();
    let release = house.hold_writer();
    let writes: Vec<_> = (0..10)
        .map(|number| house.spawn_note(Durability::Durable, format!("{number}")))
        .collect();
    house.until_waiting(10).await;
    // The closure that holds the writer commits first.
    house.database.faults().fail_commits_after(1, 1);
    release.send(()).unwrap();
    for write in writes {
        assert!(matches!(
            write.await.unwrap(),
            Err(WriteError::Store(StoreError::Sqlite(_)))
        ));
    }
    assert_eq!(house.notes().await, Vec::<String>::new());
    house.note(Durability::Durable, "the next commit works").await.unwrap();
    assert_eq!(house.notes().await.len(), 1);
}

#[tokio::test]
async fn a_full_disk_is_told_apart_and_ends() {
    let house = House::open();
    house.database.faults().disk_full(true);
    for _ in 0..3 {
        let refused = house.note(Durability::Durable, "no room").await;
        assert!(
            matches!(refused, Err(WriteError::Store(StoreError::Full(_)))),
            "{refused:?}"
        );
    }
    house.database.faults().disk_full(false);
    house.note(Durability::Durable, "room").await.unwrap();
    assert_eq!(house.reopen().await.notes().await, ["room"]);
}

/// SQLite itself ends a transaction when it meets a full disk; the closure does not even notice if it ignores the error.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_inside_a_closure_fails_the_whole_batch() {
    let house = House::open();
    house
        .database
        .write(Durability::Durable, |tx| {
            let n_pages: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            tx.query_row(&format!("PRAGMA max_page_count = {n_pages}"), [], |_row| Ok(()))
        })
        .await
        .unwrap();
    let release = house.hold_writer();
    let innocent = house.spawn_note(Durability::Durable, "innocent".to_owned());
    let greedy = house.spawn_write(Durability::Durable, |tx| {
        let text = "x".repeat(1024 * 1024);
        // Swallowed on purpose.
        let _failed = tx.execute("INSERT INTO notes (text) VALUES (?1)", [text]);
        Ok::<_, StoreError>(())
    });
    house.until_waiting(2).await;
    release.send(()).unwrap();
    // Either SQLite ended the whole transaction (both fail, nothing is kept) or only the statement (both are kept without the text).
    let innocent = innocent.await.unwrap();
    let greedy = greedy.await.unwrap();
    assert_eq!(innocent.is_ok(), greedy.is_ok());
    let expected: &[&str] = if innocent.is_ok() { &["innocent"] } else { &[] };
    assert_eq!(house.notes().await, expected);
    house.note(Durability::Durable, "small").await.unwrap();
}

/// A closure that ends the shared transaction breaks its contract; nobody may be told that the commit happened.
#[tokio::test]
async fn a_closure_that_rolls_back_the_shared_transaction_is_found_out() {
    let house = House::open();
    let broken = house
        .database
        .write(Durability::Durable, |tx| {
            tx.execute("INSERT INTO notes (text) VALUES ('lost')", [])?;
            tx.execute_batch("ROLLBACK")
        })
        .await;
    assert!(matches!(broken, Err(WriteError::Store(_))));
    house.note(Durability::Durable, "kept").await.unwrap();
    assert_eq!(house.notes().await, ["kept"]);
}

#[tokio::test]
async fn a_failed_commit_after_a_durability_change_does_not_confuse_the_next() {
    let house = House::open();
    house.database.faults().fail_commits(1);
    assert!(house.note(Durability::Relaxed, "fails").await.is_err());
    let synchronous: i64 = house
        .database
        .write(Durability::Durable, |tx| {
            tx.query_row("PRAGMA synchronous", [], |row| row.get(0))
        })
        .await
        .unwrap();
    assert_eq!(synchronous, 2);
    assert_eq!(house.database.stats().commits, 1, "a failed commit is not counted");
}
