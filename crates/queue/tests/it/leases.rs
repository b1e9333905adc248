//! What a lease is worth, and what its loss means.

use selfsame_queue::{LeaseWanted, Order, Queue, QueueError};
use selfsame_runtime::clock::ProcessTime;

use crate::house::{House, ids};

const STRICT: Queue = Queue::new("strict", Order::StrictPerKey);
const FIRST: Queue = Queue::new("first", Order::FirstAttempts);

#[tokio::test]
async fn an_expired_lease_settles_nothing() {
    let house = House::open(STRICT);
    let id = house.enqueue(Some("a"), 0).await;
    let old = house.lease(0, 1_000, 1).await;
    assert_eq!(reap(&house, 999).await, []);
    assert_eq!(reap(&house, 1_000).await, [id]);
    for settled in [
        house.done(&old[0]).await,
        house.retry(&old[0], 0).await,
        house.bury(&old[0]).await,
        extend(&house, &old[0], 5_000).await,
    ] {
        assert!(matches!(settled, Err(QueueError::LeaseOver(over)) if over == id));
    }
    let new = house.lease(0, 3_000, 1).await;
    assert!(new[0].interrupted);
    assert_eq!(new[0].attempts, 2);
    assert!(
        house.done(&old[0]).await.is_err(),
        "the old holder must not settle the new lease"
    );
    house.done(&new[0]).await.unwrap();
    assert!(house.done(&new[0]).await.is_err(), "once");
}

#[tokio::test]
async fn a_lease_that_is_extended_expires_later() {
    let house = House::open(STRICT);
    house.enqueue(Some("a"), 0).await;
    let leased = house.lease(0, 1_000, 1).await;
    extend(&house, &leased[0], 2_000).await.unwrap();
    let queue = house.queue;
    let expiry = house
        .database
        .read(move |connection| queue.next_expiry(connection))
        .await
        .unwrap();
    assert_eq!(expiry, Some(ProcessTime::from_millis(2_000)));
    assert_eq!(reap(&house, 1_500).await, []);
    house.done(&leased[0]).await.unwrap();
}

#[tokio::test]
async fn a_start_voids_all_leases_and_marks_their_jobs() {
    for (queue, next) in [(STRICT, 1), (FIRST, 2)] {
        let house = House::open(queue);
        let a1 = house.enqueue(Some("a"), 0).await;
        let a2 = house.enqueue(Some("a"), 0).await;
        let old = house.lease_all().await;
        let house = house.reopen().await;
        let voided = house.run(Queue::void_leases).await.unwrap();
        assert_eq!(voided, [a1]);
        assert!(house.done(&old[0]).await.is_err());
        let leased = house.lease_all().await;
        assert_eq!(ids(&leased), [a1, a2][..next]);
        assert!(leased[0].interrupted);
        assert_eq!(leased[0].attempts, 2);
    }
}

#[tokio::test]
async fn the_mark_of_an_interrupted_lease_ends_with_the_next_settlement() {
    let house = House::open(STRICT);
    house.enqueue(Some("a"), 0).await;
    house.lease(0, 10, 1).await;
    reap(&house, 10).await;
    let leased = house.lease_all().await;
    assert!(leased[0].interrupted);
    house.retry(&leased[0], 0).await.unwrap();
    assert!(!house.lease_all().await[0].interrupted);
}

#[tokio::test]
async fn the_next_due_is_that_of_a_ready_job() {
    let house = House::open(STRICT);
    let next_due = async |house: &House| {
        let queue = house.queue;
        house
            .database
            .read(move |connection| queue.next_due(connection))
            .await
            .unwrap()
    };
    assert_eq!(next_due(&house).await, None);
    house.enqueue(Some("a"), 700).await;
    house.enqueue(Some("a"), 100).await;
    house.enqueue(Some("b"), 900).await;
    assert_eq!(
        next_due(&house).await,
        Some(700),
        "the job due at 100 waits behind the one due at 700"
    );
}

#[tokio::test]
async fn what_is_enqueued_in_a_refused_transaction_does_not_exist() {
    let house = House::open(STRICT);
    let refused = house
        .run(|queue, tx| -> Result<(), QueueError> {
            queue.enqueue(
                tx,
                selfsame_queue::NewJob {
                    key: Some("a"),
                    payload: b"x",
                    due_at_ms: 0,
                },
            )?;
            Err(QueueError::Sqlite(rusqlite::Error::InvalidQuery))
        })
        .await;
    assert!(refused.is_err());
    assert_eq!(house.counts().await, selfsame_queue::Counts::default());
}

#[tokio::test]
async fn ids_are_never_used_twice() {
    let house = House::open(STRICT);
    let first = house.enqueue(None, 0).await;
    house.done(&house.lease_all().await[0]).await.unwrap();
    let second = house.enqueue(None, 0).await;
    assert!(second > first);
}

async fn reap(house: &House, now_ms: i64) -> Vec<selfsame_queue::JobId> {
    house
        .run(move |queue, tx| queue.reap_expired(tx, ProcessTime::from_millis(now_ms)))
        .await
        .unwrap()
}

async fn extend(house: &House, leased: &selfsame_queue::Leased, expires_ms: i64) -> Result<(), QueueError> {
    let leased = leased.clone();
    house
        .run(move |queue, tx| queue.extend(tx, &leased, ProcessTime::from_millis(expires_ms)))
        .await
}

#[tokio::test]
async fn keys_that_are_not_admitted_are_passed_over_and_put_off_only_when_they_fill_the_look() {
    let house = House::open(STRICT);
    let mut refused = Vec::new();
    for number in 0..4 {
        refused.push(house.enqueue(Some(&format!("full:{number}")), number).await);
    }
    let free = house.enqueue(Some("free"), 9).await;
    let lease = |look_at| {
        house.run(move |queue, tx| {
            let wanted = LeaseWanted {
                now_ms: 10,
                expires: ProcessTime::from_millis(1_000),
                limit: 2,
                look_at,
                put_off_until_ms: 50,
            };
            queue.lease_admitted(tx, wanted, |key| {
                Ok::<_, QueueError>(key.is_some_and(|key| !key.starts_with("full")))
            })
        })
    };
    let leased = lease(10).await.unwrap();
    assert_eq!(ids(&leased), [free]);
    assert_eq!(leased[0].attempts, 1);
    house.retry(&leased[0], 9).await.unwrap();
    for id in &refused {
        assert!(house.get(*id).await.unwrap().due_at_ms < 10, "nothing was moved");
    }
    assert_eq!(ids(&lease(3).await.unwrap()), [], "the look ended before it");
    assert_eq!(house.get(refused[0]).await.unwrap().due_at_ms, 50);
    assert_eq!(ids(&lease(3).await.unwrap()), [free], "the others stand behind it now");
}
