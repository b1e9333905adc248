//! When a failed delivery is tried again: two documented policies, kept as data (contract: webhooks §4.2).

use selfsame_wire::events::Placement;

const SECOND_MS: i64 = 1000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Waits after the first, second, … failed attempt, and when to give up. The last wait repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Waits in ms of world time.
    pub waits_ms: &'static [i64],
    /// Age of the delivery at which it is given up, ms of world time.
    pub give_up_after_ms: i64,
    /// Whether giving up disables the account's webhooks until they are installed again.
    pub disables_install: bool,
}

/// `messaging[]`: at once, then less often for an hour; then the install is disabled (Messenger's document).
pub const MESSAGING: RetryPolicy = RetryPolicy {
    waits_ms: &[
        0,
        SECOND_MS,
        5 * SECOND_MS,
        15 * SECOND_MS,
        30 * SECOND_MS,
        MINUTE_MS,
        2 * MINUTE_MS,
        5 * MINUTE_MS,
        10 * MINUTE_MS,
    ],
    give_up_after_ms: HOUR_MS,
    disables_install: true,
};

/// `changes[]`: at once, then less often for 36 hours; then dropped (Graph's document).
pub const CHANGES: RetryPolicy = RetryPolicy {
    waits_ms: &[
        0,
        SECOND_MS,
        5 * SECOND_MS,
        30 * SECOND_MS,
        MINUTE_MS,
        5 * MINUTE_MS,
        15 * MINUTE_MS,
        30 * MINUTE_MS,
        HOUR_MS,
        2 * HOUR_MS,
        4 * HOUR_MS,
    ],
    give_up_after_ms: 36 * HOUR_MS,
    disables_install: false,
};

/// The policy of a placement.
pub const fn policy(placement: Placement) -> RetryPolicy {
    match placement {
        Placement::Messaging | Placement::Standby => MESSAGING,
        Placement::Changes => CHANGES,
    }
}

impl RetryPolicy {
    /// When to try again after `attempt_count` failed attempts; `None`: give up. The last try is made just before the end.
    pub fn next_attempt_at_ms(&self, attempt_count: i64, created_at_ms: i64, now_ms: i64) -> Option<i64> {
        let ends_at_ms = created_at_ms.saturating_add(self.give_up_after_ms);
        if now_ms >= ends_at_ms {
            return None;
        }
        let index = usize::try_from(attempt_count.saturating_sub(1)).unwrap_or(0);
        let wait_ms = self.waits_ms.get(index).or(self.waits_ms.last()).copied().unwrap_or(0);
        Some(now_ms.saturating_add(wait_ms).min(ends_at_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attempts made when every one fails at once.
    fn attempts_at(policy: RetryPolicy) -> Vec<i64> {
        let mut at_ms = vec![0];
        while let Some(next) = policy.next_attempt_at_ms(i64::try_from(at_ms.len()).unwrap(), 0, *at_ms.last().unwrap())
        {
            at_ms.push(next);
        }
        at_ms
    }

    #[test]
    fn messaging_is_tried_for_one_hour_and_changes_for_36() {
        let messaging = attempts_at(MESSAGING);
        assert_eq!(messaging[..4], [0, 0, SECOND_MS, 6 * SECOND_MS]);
        assert_eq!(messaging.last(), Some(&HOUR_MS));
        let changes = attempts_at(CHANGES);
        assert_eq!(changes.last(), Some(&(36 * HOUR_MS)));
        assert!(changes.len() < 30, "{}", changes.len());
    }

    #[test]
    fn a_delivery_whose_time_is_over_is_given_up_after_its_next_failure() {
        assert_eq!(MESSAGING.next_attempt_at_ms(3, 0, HOUR_MS), None);
        assert_eq!(MESSAGING.next_attempt_at_ms(3, 0, HOUR_MS - 1), Some(HOUR_MS));
    }
}
