//! Process time: real, never moved by a user. In simulations a manual variant is stepped by hand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::machine;

/// An instant of process time in milliseconds. Two of them compare only within one process: a start voids old leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessTime(i64);

impl ProcessTime {
    /// From milliseconds, for reading back what was stored.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// As milliseconds, for storing.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved later; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long this is after `earlier`; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// The time-out of [`ProcessClock::timeout`] came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out after {0:?}")]
pub struct Elapsed(pub Duration);

/// The clock for leases, time-outs and holds. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct ProcessClock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The wall clock at the start, moved on by the monotonic clock: a wall clock that is set back does not revive a lease.
    Real { started_wall_ms: i64, started: Instant },
    /// Stands still until [`ProcessClock::advance`].
    Manual(watch::Sender<i64>),
}

impl ProcessClock {
    /// The real clock.
    pub fn real() -> Self {
        Self(Arc::new(Source::Real {
            started_wall_ms: machine::wall_ms(),
            started: machine::monotonic(),
        }))
    }

    /// A clock that stands at `start` until it is advanced.
    pub fn manual(start: ProcessTime) -> Self {
        Self(Arc::new(Source::Manual(watch::Sender::new(start.as_millis()))))
    }

    /// Now.
    pub fn now(&self) -> ProcessTime {
        match &*self.0 {
            Source::Real {
                started_wall_ms,
                started,
            } => ProcessTime(*started_wall_ms).plus(machine::monotonic().saturating_duration_since(*started)),
            Source::Manual(now) => ProcessTime(*now.borrow()),
        }
    }

    /// Moves a manual clock and wakes its sleepers. The real clock cannot be moved; the call then has no effect and answers `false`.
    pub fn advance(&self, by: Duration) -> bool {
        match &*self.0 {
            Source::Real { .. } => false,
            Source::Manual(now) => {
                now.send_modify(|now| *now = ProcessTime(*now).plus(by).as_millis());
                true
            }
        }
    }

    /// How many wait on a manual clock; nobody is counted on the real one. A simulation asks, to know that only time
    /// is missing.
    pub fn n_sleepers(&self) -> usize {
        match &*self.0 {
            Source::Real { .. } => 0,
            Source::Manual(now) => now.receiver_count(),
        }
    }

    /// Waits until `at`.
    pub async fn sleep_until(&self, at: ProcessTime) {
        match &*self.0 {
            Source::Real { .. } => loop {
                let remaining = at.since(self.now());
                if remaining.is_zero() {
                    return;
                }
                tokio::time::sleep(remaining).await;
            },
            Source::Manual(now) => {
                // The sender lives in `self`, so waiting cannot fail.
                let mut changes = now.subscribe();
                let _reached = changes.wait_for(|now| *now >= at.as_millis()).await.is_ok();
            }
        }
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().plus(duration)).await;
    }

    /// Runs `future`, dropping it when it takes longer than `limit`.
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        let deadline = self.now().plus(limit);
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.sleep_until(deadline) => Err(Elapsed(limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_saturate_instead_of_wrapping() {
        let last = ProcessTime::from_millis(i64::MAX);
        assert_eq!(last.plus(Duration::MAX), last);
        assert_eq!(ProcessTime::from_millis(0).since(last), Duration::ZERO);
    }

    #[test]
    fn the_real_clock_moves_by_itself_only() {
        let clock = ProcessClock::real();
        let before = clock.now();
        assert!(!clock.advance(Duration::from_hours(1)));
        assert!(clock.now().since(before) < Duration::from_mins(1));
    }

    #[tokio::test]
    async fn a_manual_clock_knows_how_many_wait() {
        let clock = ProcessClock::manual(ProcessTime::from_millis(0));
        let sleeper = async { clock.sleep(Duration::from_secs(1)).await };
        let counted = async {
            let n_sleepers = clock.n_sleepers();
            clock.advance(Duration::from_secs(1));
            n_sleepers
        };
        let ((), n_sleepers) = tokio::join!(biased; sleeper, counted);
        assert_eq!(n_sleepers, 1);
        assert_eq!(clock.n_sleepers(), 0);
    }

    #[tokio::test]
    async fn a_manual_clock_times_out_when_it_is_advanced() {
        let clock = ProcessClock::manual(ProcessTime::from_millis(1_000));
        let limit = Duration::from_secs(10);
        let (waited, advanced) = tokio::join!(clock.timeout(limit, std::future::pending::<()>()), async {
            clock.advance(limit)
        });
        assert_eq!(waited, Err(Elapsed(limit)));
        assert!(advanced);
        assert_eq!(clock.timeout(limit, async { 7 }).await, Ok(7));
    }
}
