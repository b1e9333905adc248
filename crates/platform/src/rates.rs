//! The rate limits in force: one row of buckets for each app and account, in memory.
//!
//! Levels of windows of an hour or more are saved every few seconds and at the end, so that a restart gives nobody a fresh hour; a
//! process that is killed forgets the calls of its last seconds. Shorter windows are full again after a restart, which takes as long.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_wire::flow::LoginFlow;

use crate::domain::keys::{AccountKey, AppKey};
use crate::domain::limits::{Bucket, CLASS_COUNT, Class, Exceeded};
use crate::store::{Durability, Failure, Store, StoreError, rate_levels};
use crate::switches::Switches;
use crate::world::Generation;

/// Rows kept; a fuller board forgets the rows that have nothing left to remember, or else all.
const ROWS_MAX: usize = 10_000;
const MICROS_PER_MILLI: i64 = 1_000;

/// Whose calls are counted; without account: all calls of the app.
pub type Counted = (AppKey, Option<AccountKey>);

/// A saved level: whose, which class, full at (µs of world time).
pub type Level = (Counted, Class, i64);

/// The board. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct RateBoard {
    shared: Arc<Mutex<Rows>>,
}

#[derive(Debug, Default)]
struct Rows {
    rows: HashMap<Counted, [Bucket; CLASS_COUNT]>,
    /// Rows with a long window that changed since the last save.
    unsaved: HashSet<Counted>,
}

/// How much of its limits a caller has used, for the usage headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Percent of the app's own limit.
    pub app_percent: i64,
    /// Percent of the fullest class about the Instagram account.
    pub instagram_percent: i64,
    /// Percent of the fullest class of the messaging API.
    pub messenger_percent: i64,
    /// Minutes until a class that is used up can be called again; 0 when none is.
    pub regain_minutes: i64,
}

const fn micros(millis: i64) -> i64 {
    millis.saturating_mul(MICROS_PER_MILLI)
}

impl RateBoard {
    /// Counts one call, or says that it is one too many.
    ///
    /// # Errors
    /// The limit that was reached; such a call is not counted.
    pub fn take(
        &self,
        counted: Counted,
        class: Class,
        flow: LoginFlow,
        switches: &Switches,
        now_ms: i64,
    ) -> Result<(), Exceeded> {
        let Some(limit) = class.limit(flow, switches) else {
            return Ok(());
        };
        let instant_us = micros(now_ms);
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if !shared.rows.contains_key(&counted) {
            shared.make_room(instant_us);
        }
        let row = shared.rows.entry(counted).or_default();
        let Some(bucket) = row.get_mut(class.index()) else {
            return Ok(());
        };
        bucket.take(limit, instant_us).map_err(|wait_us| Exceeded {
            class,
            limit,
            wait_us,
            flow,
        })?;
        if class.is_long() {
            shared.unsaved.insert(counted);
        }
        Ok(())
    }

    /// What an app has used up of its limits for an account.
    pub fn usage(&self, app: AppKey, account: AccountKey, flow: LoginFlow, switches: &Switches, now_ms: i64) -> Usage {
        let instant_us = micros(now_ms);
        let (row, of_app) = {
            let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            let row = |counted| shared.rows.get(&counted).copied().unwrap_or_default();
            (row((app, Some(account))), row((app, None)))
        };
        let mut usage = Usage::default();
        let mut wait_us = 0;
        for class in Class::ALL {
            let Some(limit) = class.limit(flow, switches) else {
                continue;
            };
            let row = if class == Class::App { &of_app } else { &row };
            let bucket = row.get(class.index()).copied().unwrap_or_default();
            let percent = bucket.used_percent(limit, instant_us);
            let slot = match (class, flow) {
                (Class::App, _) => &mut usage.app_percent,
                (Class::Instagram, _) | (_, LoginFlow::Instagram) => &mut usage.instagram_percent,
                _ => &mut usage.messenger_percent,
            };
            *slot = (*slot).max(percent);
            wait_us = wait_us.max(bucket.wait_us(limit, instant_us));
        }
        usage.regain_minutes = wait_us.saturating_add(59_999_999) / 60_000_000;
        usage
    }

    /// Puts saved levels in place of what was counted: after a start, and when the world was replaced.
    pub fn restore(&self, levels: Vec<Level>) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.rows.clear();
        shared.unsaved.clear();
        for (counted, class, full_at_us) in levels.into_iter().take(ROWS_MAX) {
            if let Some(bucket) = shared.rows.entry(counted).or_default().get_mut(class.index()) {
                bucket.full_at_us = full_at_us;
            }
        }
    }

    /// Levels of long windows that changed since they were asked for last.
    fn take_unsaved(&self) -> Vec<Level> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let unsaved = std::mem::take(&mut shared.unsaved);
        let mut levels = Vec::new();
        for counted in unsaved {
            let Some(row) = shared.rows.get(&counted) else { continue };
            for class in Class::ALL.into_iter().filter(|class| class.is_long()) {
                let full_at_us = row.get(class.index()).map_or(0, |bucket| bucket.full_at_us);
                if full_at_us > 0 {
                    levels.push((counted, class, full_at_us));
                }
            }
        }
        levels
    }

    /// Saves levels of long windows that changed since the last time.
    ///
    /// # Errors
    /// The store failed; they are saved the next time.
    pub async fn save(&self, store: &Store, generation: &Generation) -> Result<(), StoreError> {
        let (world, generation) = (generation.current(), generation.clone());
        let levels = self.take_unsaved();
        if levels.is_empty() {
            return Ok(());
        }
        let counted: Vec<Counted> = levels.iter().map(|(counted, ..)| *counted).collect();
        let saved = store.write(Durability::Relaxed, move |tx| {
            if generation.current() != world {
                return Ok(()); // the same keys mean other rows now
            }
            Ok::<_, Failure<Infallible>>(rate_levels::put(tx, &levels)?)
        });
        saved.await.map_err(|failure| {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.unsaved.extend(counted);
            failure.into()
        })
    }
}

impl Rows {
    fn make_room(&mut self, now_us: i64) {
        if self.rows.len() < ROWS_MAX {
            return;
        }
        self.rows
            .retain(|_, row| row.iter().any(|bucket| bucket.full_at_us > now_us));
        if self.rows.len() >= ROWS_MAX {
            self.rows.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    #[test]
    fn apps_and_accounts_have_buckets_of_their_own() {
        let (board, switches) = (RateBoard::default(), Switches::default());
        let take = |app, account| {
            let counted = (AppKey(app), Some(AccountKey(account)));
            board.take(counted, Class::Conversations, LoginFlow::Instagram, &switches, NOW_MS)
        };
        assert!(take(1, 1).is_ok() && take(1, 1).is_ok());
        let exceeded = take(1, 1).unwrap_err();
        assert!(
            exceeded.why().contains("limits.conversations_per_second"),
            "{}",
            exceeded.why()
        );
        assert!(take(1, 2).is_ok() && take(2, 1).is_ok());
        let usage = board.usage(AppKey(1), AccountKey(1), LoginFlow::Instagram, &switches, NOW_MS);
        assert_eq!((usage.instagram_percent, usage.regain_minutes), (100, 1));
        let later = board.usage(AppKey(1), AccountKey(1), LoginFlow::Instagram, &switches, NOW_MS + 1000);
        assert_eq!(later, Usage::default());
    }

    #[test]
    fn the_board_stays_small_however_many_accounts_call() {
        let (board, switches) = (RateBoard::default(), Switches::default());
        let accounts = 3 * i64::try_from(ROWS_MAX).unwrap();
        for account in 0..accounts {
            let counted = (AppKey(1), Some(AccountKey(account)));
            board
                .take(
                    counted,
                    Class::Messages,
                    LoginFlow::Instagram,
                    &switches,
                    NOW_MS + account,
                )
                .unwrap();
        }
        assert!(board.shared.lock().unwrap().rows.len() <= ROWS_MAX);
    }

    #[test]
    fn long_windows_are_saved_once_per_change_and_restored() {
        let (board, switches) = (RateBoard::default(), Switches::default());
        let counted = (AppKey(1), Some(AccountKey(1)));
        let take =
            |board: &RateBoard| board.take(counted, Class::PrivateReplies, LoginFlow::Instagram, &switches, NOW_MS);
        while take(&board).is_ok() {}
        let levels = board.take_unsaved();
        assert_eq!(levels.len(), 1);
        assert!(board.take_unsaved().is_empty());
        let restarted = RateBoard::default();
        restarted.restore(levels);
        assert!(take(&restarted).is_err());
        restarted.restore(Vec::new());
        assert!(take(&restarted).is_ok());
    }
}
