//! The loop around a worker's step.

use std::convert::Infallible;

use jiff::{SignedDuration, Timestamp};
use selfsame_queue::{Doorbell, StepOutcome, work};
use selfsame_runtime::clock::WorldClock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_worker_wakes_for_the_bell_and_for_a_jump_of_world_time() {
    let doorbell = Doorbell::new();
    let world = WorldClock::manual(Timestamp::UNIX_EPOCH);
    let finish = CancellationToken::new();
    let (steps, mut stepped) = mpsc::unbounded_channel();
    let due_at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
    let working = work(&doorbell, &world, &finish, || {
        let now = world.now();
        steps.send(now).unwrap();
        async move {
            let next_due_at_ms = (now < due_at).then_some(due_at.as_millisecond());
            Ok::<_, Infallible>(StepOutcome::Idle { next_due_at_ms })
        }
    });
    let driving = async {
        assert_eq!(stepped.recv().await, Some(Timestamp::UNIX_EPOCH));
        doorbell.ring();
        assert_eq!(stepped.recv().await, Some(Timestamp::UNIX_EPOCH));
        world.advance(SignedDuration::from_hours(2)).unwrap();
        // The poll may have looked once more before the jump.
        while stepped.recv().await == Some(Timestamp::UNIX_EPOCH) {}
        finish.cancel();
    };
    tokio::join!(working, driving);
}

#[tokio::test]
async fn a_bell_rung_before_anybody_listens_is_heard() {
    let doorbell = Doorbell::new();
    doorbell.ring();
    doorbell.ring();
    doorbell.rung().await;
}
