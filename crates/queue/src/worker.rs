//! The loop around a worker's single step.

use std::time::Duration;

use jiff::Timestamp;
use selfsame_runtime::clock::WorldClock;
use tokio_util::sync::CancellationToken;

use crate::Doorbell;

/// How long an idle worker sleeps at most before it looks again: the bound on what a lost hint costs.
pub const POLL_EVERY: Duration = Duration::from_secs(1);
/// How long a worker pauses after its step failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(200);

/// What one step of a worker found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// It did something; there may be more.
    Worked,
    /// Nothing to do now; the next job is due at this instant of world time, when one is known.
    Idle {
        /// Milliseconds since 1970, world time.
        next_due_at_ms: Option<i64>,
    },
}

/// Repeats `step` until `finish`: at once while it works, otherwise when the bell rings, a job falls due in `world`, or the poll comes.
pub async fn work<S, F, E>(doorbell: &Doorbell, world: &WorldClock, finish: &CancellationToken, mut step: S)
where
    S: FnMut() -> F,
    F: Future<Output = Result<StepOutcome, E>>,
    E: std::error::Error + 'static,
{
    while !finish.is_cancelled() {
        match step().await {
            Ok(StepOutcome::Worked) => {}
            Ok(StepOutcome::Idle { next_due_at_ms }) => {
                let next_due_at = next_due_at_ms
                    .and_then(|at| Timestamp::from_millisecond(at).ok())
                    .unwrap_or(Timestamp::MAX);
                tokio::select! {
                    () = finish.cancelled() => {}
                    () = doorbell.rung() => {}
                    () = world.sleep_until(next_due_at) => {}
                    () = tokio::time::sleep(POLL_EVERY) => {}
                }
            }
            Err(error) => {
                {
                    // The reference must not live across the pause: errors are not always `Sync`.
                    let cause: &(dyn std::error::Error + 'static) = &error;
                    tracing::error!(error = cause, "a worker's step failed and is tried again");
                }
                tokio::select! {
                    () = finish.cancelled() => {}
                    () = tokio::time::sleep(PAUSE_AFTER_FAILURE) => {}
                }
            }
        }
    }
}
