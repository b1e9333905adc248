//! The machine's own clock, read here and nowhere else.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 on the machine's wall clock. A clock set before 1970 reads as 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the wall clock"
)]
pub(super) fn wall_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// The machine's monotonic clock.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the monotonic clock"
)]
pub(super) fn monotonic() -> Instant {
    Instant::now()
}
