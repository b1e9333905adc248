//! Who may be leased when.

use selfsame_queue::{NextInLine, Order, Queue, State};
use selfsame_runtime::clock::ProcessTime;

use crate::house::{House, ids};

const STRICT: Queue = Queue::new("strict", Order::StrictPerKey);
const FIRST: Queue = Queue::new("first", Order::FirstAttempts);

#[tokio::test]
async fn jobs_of_one_key_are_leased_one_at_a_time_in_order() {
    for queue in [STRICT, FIRST] {
        let house = House::open(queue);
        let a1 = house.enqueue(Some("a"), 0).await;
        let a2 = house.enqueue(Some("a"), 0).await;
        let b1 = house.enqueue(Some("b"), 0).await;
        let free = house.enqueue(None, 0).await;
        let first = house.lease_all().await;
        assert_eq!(ids(&first), [a1, b1, free]);
        assert_eq!(house.lease_all().await, []);
        house.done(&first[0]).await.unwrap();
        assert_eq!(ids(&house.lease_all().await), [a2]);
    }
}

#[tokio::test]
async fn a_lease_goes_on_to_the_next_of_its_line_and_to_no_other() {
    let house = House::open(FIRST);
    let _a1 = house.enqueue(Some("a"), 0).await;
    let a2 = house.enqueue(Some("a"), 0).await;
    let a3 = house.enqueue(Some("a"), 0).await;
    let _a4 = house.enqueue(Some("a"), 0).await;
    let first = house.lease_all().await.remove(0);
    assert!(first.is_head);
    let then = |id| NextInLine {
        id,
        now_ms: 0,
        expires: ProcessTime::from_millis(1_000),
    };
    let second = house
        .run(move |queue, tx| queue.done_then(tx, &first, Some(then(a2))))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((second.id, second.attempts, second.is_head), (a2, 1, true));
    assert_eq!(house.lease_all().await, [], "the line is held");

    // One that failed leaves the line as well; it is the holder who goes on.
    let third = house
        .run(move |queue, tx| queue.retry_then(tx, &second, 1_000, "later", Some(then(a3))))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(third.id, a3);
    // Something else than expected is next: it is promoted for whoever leases.
    let nobody = house
        .run(move |queue, tx| queue.done_then(tx, &third, Some(then(a2))))
        .await
        .unwrap();
    assert_eq!(nobody, None);
    assert_eq!(house.lease_all().await.len(), 1);
}

#[tokio::test]
async fn a_failed_job_blocks_its_key_in_the_strict_order_only() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 0).await;
    let _a2 = house.enqueue(Some("a"), 0).await;
    let leased = house.lease_all().await;
    house.retry(&leased[0], 1_000).await.unwrap();
    assert_eq!(house.lease(999, i64::MAX, 10).await, []);
    let again = house.lease(1_000, i64::MAX, 10).await;
    assert_eq!(ids(&again), [a1]);
    assert_eq!(again[0].attempts, 2);

    let house = House::open(FIRST);
    let a1 = house.enqueue(Some("a"), 0).await;
    let a2 = house.enqueue(Some("a"), 0).await;
    let leased = house.lease_all().await;
    house.retry(&leased[0], 1_000).await.unwrap();
    assert_eq!(ids(&house.lease(999, i64::MAX, 10).await), [a2]);
    let again = house.lease(1_000, i64::MAX, 10).await;
    assert_eq!(ids(&again), [a1], "while the second is still being tried");
}

#[tokio::test]
async fn a_buried_job_gives_up_its_place() {
    for queue in [STRICT, FIRST] {
        let house = House::open(queue);
        let a1 = house.enqueue(Some("a"), 0).await;
        let a2 = house.enqueue(Some("a"), 0).await;
        let leased = house.lease_all().await;
        house.bury(&leased[0]).await.unwrap();
        assert_eq!(ids(&house.lease_all().await), [a2]);
        let buried = house.get(a1).await.unwrap();
        assert_eq!(
            (buried.state, buried.cause.as_deref()),
            (State::Buried, Some("hopeless"))
        );
        let counts = house.counts().await;
        assert_eq!(
            (counts.buried, counts.leased, counts.ready, counts.waiting),
            (1, 1, 0, 0)
        );
    }
}

#[tokio::test]
async fn a_revived_job_comes_after_the_present_head_of_a_strict_line() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 0).await;
    let a2 = house.enqueue(Some("a"), 0).await;
    let a3 = house.enqueue(Some("a"), 0).await;
    let leased = house.lease_all().await;
    house.bury(&leased[0]).await.unwrap();
    assert!(house.run(move |queue, tx| queue.revive(tx, a1, 0)).await.unwrap());
    assert!(
        !house.run(move |queue, tx| queue.revive(tx, a1, 0)).await.unwrap(),
        "once"
    );
    for expected in [a2, a1, a3] {
        let leased = house.lease_all().await;
        assert_eq!(ids(&leased), [expected]);
        house.done(&leased[0]).await.unwrap();
    }
}

#[tokio::test]
async fn a_revived_job_of_an_empty_line_is_its_head() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 0).await;
    house.bury(&house.lease_all().await[0]).await.unwrap();
    assert!(house.run(move |queue, tx| queue.revive(tx, a1, 5)).await.unwrap());
    let a2 = house.enqueue(Some("a"), 0).await;
    let leased = house.lease(5, i64::MAX, 10).await;
    assert_eq!(ids(&leased), [a1]);
    house.done(&leased[0]).await.unwrap();
    assert_eq!(ids(&house.lease_all().await), [a2]);
}

#[tokio::test]
async fn a_head_that_is_not_due_holds_its_line() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 100).await;
    let _a2 = house.enqueue(Some("a"), 0).await;
    assert_eq!(house.lease(99, i64::MAX, 10).await, []);
    assert_eq!(ids(&house.lease(100, i64::MAX, 10).await), [a1]);
}

#[tokio::test]
async fn the_longest_due_come_first_and_the_limit_holds() {
    let house = House::open(STRICT);
    let late = house.enqueue(Some("late"), 30).await;
    let early = house.enqueue(Some("early"), 10).await;
    let middle = house.enqueue(Some("middle"), 20).await;
    assert_eq!(ids(&house.lease(100, i64::MAX, 2).await), [early, middle]);
    assert_eq!(ids(&house.lease(100, i64::MAX, 2).await), [late]);
}

#[tokio::test]
async fn a_cancelled_head_lets_the_next_go_and_a_leased_job_cannot_be_cancelled() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 0).await;
    let a2 = house.enqueue(Some("a"), 0).await;
    let a3 = house.enqueue(Some("a"), 0).await;
    assert!(house.run(move |queue, tx| queue.cancel(tx, a1)).await.unwrap());
    assert!(
        house.run(move |queue, tx| queue.cancel(tx, a3)).await.unwrap(),
        "a waiting one"
    );
    assert_eq!(ids(&house.lease_all().await), [a2]);
    assert!(!house.run(move |queue, tx| queue.cancel(tx, a2)).await.unwrap());
    assert!(
        !house.run(move |queue, tx| queue.cancel(tx, a1)).await.unwrap(),
        "gone already"
    );
}

#[tokio::test]
async fn due_times_can_be_moved_until_the_lease() {
    let house = House::open(STRICT);
    let a1 = house.enqueue(Some("a"), 0).await;
    assert!(house.run(move |queue, tx| queue.reschedule(tx, a1, 50)).await.unwrap());
    assert_eq!(house.lease(49, i64::MAX, 10).await, []);
    assert_eq!(ids(&house.lease(50, i64::MAX, 10).await), [a1]);
    assert!(!house.run(move |queue, tx| queue.reschedule(tx, a1, 0)).await.unwrap());
}

#[tokio::test]
async fn queues_of_one_database_do_not_meet() {
    let house = House::open(STRICT);
    let ours = house.enqueue(Some("a"), 0).await;
    let other = house.with_queue(FIRST);
    let theirs = other.enqueue(Some("a"), 0).await;
    assert_eq!(ids(&other.lease_all().await), [theirs]);
    assert_eq!(other.get(ours).await, None);
    assert!(!other.run(move |queue, tx| queue.cancel(tx, ours)).await.unwrap());
    let house = other.with_queue(STRICT);
    assert_eq!(ids(&house.lease_all().await), [ours]);
}
