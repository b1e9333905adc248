//! Named limits of the outbox.

/// Longest a call to Instagram may take, in milliseconds of process time; also the length of its lease
/// and the longest an echo waits for it.
pub const CALL_TIMEOUT_MS: i64 = 10_000;

/// How long a send in doubt blocks its lane before it is parked, in milliseconds of process time.
pub const DOUBT_BLOCKS_MS: i64 = 30_000;

/// How often a send is tried before it is given up: with the pauses below, for about a quarter of an
/// hour of world time.
pub const MOST_ATTEMPTS: u32 = 12;

/// How long a send goes on being tried that Instagram refuses only because its account calls too often, in
/// milliseconds of process time: a day, as long as the window of most messages is open.
pub const THROTTLED_FOR_MS: i64 = 24 * 3_600_000;

/// First pause after a refusal that may pass, in milliseconds of world time; it doubles each time.
pub const FIRST_BACKOFF_MS: i64 = 1_000;

/// Longest pause between two tries, in milliseconds of world time.
pub const LONGEST_BACKOFF_MS: i64 = 5 * 60 * 1_000;

/// When an unsettled send is looked for on Instagram, after it came into doubt, in milliseconds of
/// process time.
pub const CHECKS_AFTER_MS: [i64; 4] = [1_000, 5_000, 20_000, 120_000];

/// Sends that one round of upkeep settles or parks.
pub const UPKEEP_BATCH: u32 = 100;

/// Calls that are read back at the opening for counting rate limits.
pub const MOST_COUNTED: u32 = 100_000;

/// The share of an allowance, in percent, from which an account calls slower.
pub const NEARLY_USED_PERCENT: u32 = 90;

/// How long an account pauses between calls when its allowance is nearly used up, in milliseconds of world time.
pub const SLOW_PAUSE_MS: i64 = 5_000;

/// How long an account pauses when its allowance is used up and Instagram does not say until when, in
/// milliseconds of world time.
pub const USED_UP_PAUSE_MS: i64 = 60_000;

/// Longest pause that Instagram may ask for, in milliseconds of world time.
pub const LONGEST_HOLD_MS: i64 = 24 * 3_600_000;

/// The pause before try number `attempts + 1`.
pub fn backoff_ms(attempts: u32) -> i64 {
    let doublings = attempts.saturating_sub(1).min(20);
    FIRST_BACKOFF_MS
        .saturating_mul(1_i64 << doublings)
        .min(LONGEST_BACKOFF_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_and_is_capped() {
        let pauses: Vec<i64> = (1..=12).map(backoff_ms).collect();
        assert_eq!(pauses[..4], [1_000, 2_000, 4_000, 8_000]);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST_BACKOFF_MS));
        assert_eq!(backoff_ms(u32::MAX), LONGEST_BACKOFF_MS);
    }
}
