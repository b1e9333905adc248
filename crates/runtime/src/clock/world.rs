//! World time: what the clock on everybody's wall says. It can be moved forward, frozen and resumed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::machine;
use crate::folder;

/// The longest single nap of a sleeper on the wall clock: a machine that was suspended is noticed this late.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// World time can be set to here at most: due times of the year after it can still be written, and waited for.
const LAST: Timestamp = Timestamp::constant(253_370_764_800, 0);

/// Why the clock could not be opened or moved.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The real clock of a half that talks to the real world.
    #[error("this clock is the real one and cannot be moved")]
    Fixed,
    /// `advance` goes forward only; `freeze` can set any instant.
    #[error("world time advances forward; {0:#} is not a positive duration")]
    NotForward(SignedDuration),
    /// The instant cannot be represented, or hardly anything after it.
    #[error("world time can be set to 9999-01-01 at most: what is due later could not be written")]
    OutOfRange,
    /// The clock's file holds something else.
    #[error("{} is not a clock file; delete it to return to real time", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What JSON said.
        #[source]
        source: serde_json::Error,
    },
    /// The clock's file could not be read or written; the clock did not move.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// What `GET /_sim/clock` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClockStatus {
    /// World time now.
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
    /// World time minus real time, milliseconds.
    pub offset_ms: i64,
}

/// The movable clock. Clones are the same clock. Instants have whole milliseconds, as the database stores them.
#[derive(Debug, Clone)]
pub struct WorldClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    file: Option<PathBuf>,
    /// A std mutex: nothing awaits while it is held.
    setting: Mutex<Setting>,
    changes: watch::Sender<u64>,
    /// How far it was set back so far, ms in all.
    set_back_ms: AtomicI64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The machine's clock; `movable` unless the half lives in the real world.
    Machine { movable: bool },
    /// Real time itself stands still, so everything is repeatable.
    Still { real_ms: i64 },
}

/// How world time differs from real time; this is what the file holds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    offset_ms: i64,
    #[serde(default)]
    frozen_at: Option<Timestamp>,
}

/// How a clock stood, to be put back; see [`WorldClock::restore`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct KeptTime(Setting);

impl Setting {
    /// World time when real time is `real_ms`.
    fn now(self, real_ms: i64) -> Timestamp {
        self.frozen_at.unwrap_or_else(|| {
            let now_ms = real_ms.saturating_add(self.offset_ms);
            Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::MAX)
        })
    }

    fn advanced(self, by: SignedDuration, real_ms: i64) -> Result<Self, ClockError> {
        let now = self.now(real_ms).checked_add(by).map_err(|_| ClockError::OutOfRange)?;
        Ok(if self.frozen_at.is_some() {
            Self {
                frozen_at: Some(whole_ms(now)),
                ..self
            }
        } else {
            Self {
                offset_ms: now.as_millisecond().saturating_sub(real_ms),
                ..self
            }
        })
    }
}

impl WorldClock {
    /// Opens the clock kept in `file`; a missing file means real time. Moves are written there before they take effect.
    pub fn open(file: impl Into<PathBuf>) -> Result<Self, ClockError> {
        let file = file.into();
        let setting = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| ClockError::Unreadable {
                path: file.clone(),
                source,
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Setting::default(),
            Err(source) => return Err(ClockError::Io { path: file, source }),
        };
        Ok(Self::build(Source::Machine { movable: true }, Some(file), setting))
    }

    /// Real time, for a half that talks to the real world. It refuses to move.
    pub fn real() -> Self {
        Self::build(Source::Machine { movable: false }, None, Setting::default())
    }

    /// A clock that stands at `at` until it is moved, for tests and simulations.
    pub fn manual(at: Timestamp) -> Self {
        Self::build(
            Source::Still {
                real_ms: at.as_millisecond(),
            },
            None,
            Setting::default(),
        )
    }

    fn build(source: Source, file: Option<PathBuf>, setting: Setting) -> Self {
        Self(Arc::new(Inner {
            source,
            file,
            setting: Mutex::new(setting),
            changes: watch::Sender::new(0),
            set_back_ms: AtomicI64::new(0),
        }))
    }

    /// World time now, in whole milliseconds.
    pub fn now(&self) -> Timestamp {
        let setting = *self.setting();
        setting.now(self.real_ms())
    }

    /// World time now as milliseconds since 1970, the form of due times.
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Now, whether it stands still, and how far it is from real time.
    pub fn status(&self) -> ClockStatus {
        let setting = *self.setting();
        let real_ms = self.real_ms();
        let now = setting.now(real_ms);
        let offset_ms = now.as_millisecond().saturating_sub(real_ms);
        ClockStatus {
            now,
            frozen: setting.frozen_at.is_some(),
            offset_ms,
        }
    }

    /// Jumps forward. A frozen clock jumps and stays frozen.
    pub fn advance(&self, by: SignedDuration) -> Result<(), ClockError> {
        if !by.is_positive() {
            return Err(ClockError::NotForward(by));
        }
        self.change(|setting, real_ms| setting.advanced(by, real_ms))
    }

    /// Stops world time at `at`, which may be any instant, earlier ones included.
    pub fn freeze(&self, at: Timestamp) -> Result<(), ClockError> {
        self.change(|setting, _real_ms| {
            Ok(Setting {
                frozen_at: Some(whole_ms(at)),
                ..setting
            })
        })
    }

    /// Lets a frozen clock run again from where it stands. A running clock keeps running.
    pub fn resume(&self) -> Result<(), ClockError> {
        self.change(|setting, real_ms| {
            let now_ms = setting.now(real_ms).as_millisecond();
            Ok(Setting {
                offset_ms: now_ms.saturating_sub(real_ms),
                frozen_at: None,
            })
        })
    }

    /// Sets world time to any instant, standing still or running on from there: how a kept world goes on where it stood. Answers how
    /// it stood before.
    pub fn restore(&self, now: Timestamp, frozen: bool) -> Result<KeptTime, ClockError> {
        let now = whole_ms(now);
        let mut before = Setting::default();
        self.change(|setting, real_ms| {
            before = setting;
            Ok(Setting {
                offset_ms: now.as_millisecond().saturating_sub(real_ms),
                frozen_at: frozen.then_some(now),
            })
        })?;
        Ok(KeptTime(before))
    }

    /// How the clock stands, to be kept while something is tried with it.
    pub fn kept(&self) -> KeptTime {
        KeptTime(*self.setting())
    }

    /// Undoes a [`restore`](Self::restore): time goes on as if it had never been.
    pub fn put_back(&self, kept: KeptTime) -> Result<(), ClockError> {
        self.change(|_setting, _real_ms| Ok(kept.0))
    }

    /// What world time would be if it had never been moved.
    pub fn real_now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.real_ms()).unwrap_or(Timestamp::MAX)
    }

    /// Changes each time the clock is moved, frozen or resumed; the value is the number of changes so far.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// How far world time was set back since it was opened, milliseconds in all. Whoever keeps due times notices by it that they lie
    /// further ahead than they did.
    pub fn set_back_ms(&self) -> i64 {
        self.0.set_back_ms.load(Ordering::Acquire)
    }

    /// Waits until world time is `at` or later; a jump past it wakes at once.
    pub async fn sleep_until(&self, at: Timestamp) {
        let mut changes = self.changes();
        loop {
            let now = self.now();
            if now >= at {
                return;
            }
            let stands_still = matches!(self.0.source, Source::Still { .. }) || self.setting().frozen_at.is_some();
            // The sender lives in `self`, so `changed` cannot fail.
            if stands_still {
                let _changed = changes.changed().await;
            } else {
                let nap = Duration::try_from(at.duration_since(now))
                    .unwrap_or_default()
                    .min(LONGEST_NAP);
                tokio::select! {
                    _changed = changes.changed() => {}
                    () = tokio::time::sleep(nap) => {}
                }
            }
        }
    }

    /// Applies `change`, writes it down, then lets it take effect and wakes the sleepers.
    fn change(&self, change: impl FnOnce(Setting, i64) -> Result<Setting, ClockError>) -> Result<(), ClockError> {
        if self.0.source == (Source::Machine { movable: false }) {
            return Err(ClockError::Fixed);
        }
        {
            let mut setting = self.setting();
            let real_ms = self.real_ms();
            let changed = change(*setting, real_ms)?;
            if changed.now(real_ms) > LAST {
                return Err(ClockError::OutOfRange);
            }
            if let Some(file) = &self.0.file {
                save(file, changed)?;
            }
            let (before_ms, now_ms) = (
                setting.now(real_ms).as_millisecond(),
                changed.now(real_ms).as_millisecond(),
            );
            *setting = changed;
            let back_ms = before_ms.saturating_sub(now_ms).max(0);
            self.0.set_back_ms.fetch_add(back_ms, Ordering::AcqRel);
        }
        self.0.changes.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }

    fn real_ms(&self) -> i64 {
        match self.0.source {
            Source::Machine { .. } => machine::wall_ms(),
            Source::Still { real_ms } => real_ms,
        }
    }

    fn setting(&self) -> MutexGuard<'_, Setting> {
        // A setting is replaced whole, so a panic elsewhere cannot have left half of one.
        self.0.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn save(file: &Path, setting: Setting) -> Result<(), ClockError> {
    let io = |source| ClockError::Io {
        path: file.to_owned(),
        source,
    };
    let bytes = serde_json::to_vec(&setting).map_err(|error| io(error.into()))?;
    folder::replace_file(file, &bytes).map_err(io)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn poll_once(future: impl Future<Output = ()>) -> Poll<()> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn the_last_year_that_can_be_written_is_left_to_what_is_due() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        let too_late = at("9999-12-30T22:00:00.9Z");
        assert!(matches!(clock.freeze(too_late), Err(ClockError::OutOfRange)));
        assert!(matches!(clock.restore(too_late, false), Err(ClockError::OutOfRange)));
        let to_the_last_summer = SignedDuration::from_hours(24 * 2_912_200);
        assert!(matches!(clock.advance(to_the_last_summer), Err(ClockError::OutOfRange)));
        assert_eq!(clock.now(), at("2026-03-01T00:00:00Z"));
        clock.freeze(at("9999-01-01T00:00:00Z")).unwrap();
    }

    #[test]
    fn a_manual_clock_stands_still_until_it_is_advanced() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        assert_eq!(clock.now(), at("2026-03-01T00:00:00Z"));
        clock.advance(SignedDuration::from_hours(25)).unwrap();
        assert_eq!(clock.now(), at("2026-03-02T01:00:00Z"));
        clock.resume().unwrap();
        assert_eq!(clock.now(), at("2026-03-02T01:00:00Z"));
        assert!(!clock.status().frozen);
    }

    #[test]
    fn a_frozen_clock_jumps_and_stays_frozen_and_resumes_where_it_stands() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        clock.freeze(at("2020-02-29T12:00:00.000999Z")).unwrap();
        assert_eq!(clock.now(), at("2020-02-29T12:00:00Z"), "whole milliseconds");
        clock.advance(SignedDuration::from_secs(1)).unwrap();
        assert!(clock.status().frozen);
        clock.resume().unwrap();
        assert!(!clock.status().frozen);
        assert_eq!(clock.now(), at("2020-02-29T12:00:01Z"));
    }

    #[test]
    fn a_restored_clock_runs_on_from_its_instant_or_stands_there() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        let before = clock.restore(at("2025-01-01T00:00:00Z"), true).unwrap();
        assert_eq!((clock.now(), clock.status().frozen), (at("2025-01-01T00:00:00Z"), true));
        clock.restore(at("2027-01-01T00:00:00Z"), false).unwrap();
        assert_eq!(
            (clock.now(), clock.status().frozen),
            (at("2027-01-01T00:00:00Z"), false)
        );
        assert_eq!(clock.real_now(), at("2026-03-01T00:00:00Z"));
        clock.put_back(before).unwrap();
        assert_eq!(
            (clock.now(), clock.status().frozen),
            (at("2026-03-01T00:00:00Z"), false)
        );
    }

    #[test]
    fn time_does_not_advance_backwards_or_out_of_range() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        assert!(matches!(
            clock.advance(SignedDuration::ZERO),
            Err(ClockError::NotForward(_))
        ));
        assert!(matches!(
            clock.advance(SignedDuration::from_secs(-1)),
            Err(ClockError::NotForward(_))
        ));
        assert!(matches!(
            clock.advance(SignedDuration::MAX),
            Err(ClockError::OutOfRange)
        ));
        assert_eq!(clock.now(), at("2026-03-01T00:00:00Z"));
    }

    #[test]
    fn a_clock_tells_how_far_it_was_set_back_in_all() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:10Z"));
        clock.advance(SignedDuration::from_secs(5)).unwrap();
        clock.freeze(at("2026-03-01T00:00:20Z")).unwrap();
        assert_eq!(clock.set_back_ms(), 0, "forward is not back");
        clock.freeze(at("2026-03-01T00:00:12Z")).unwrap();
        clock.resume().unwrap();
        clock.freeze(at("2026-03-01T00:00:10Z")).unwrap();
        assert_eq!(clock.set_back_ms(), 10_000);
    }

    #[test]
    fn the_real_clock_refuses_to_move() {
        let clock = WorldClock::real();
        assert!(matches!(
            clock.advance(SignedDuration::from_secs(1)),
            Err(ClockError::Fixed)
        ));
        assert!(matches!(clock.freeze(Timestamp::UNIX_EPOCH), Err(ClockError::Fixed)));
        assert_eq!(clock.status().offset_ms, 0);
    }

    #[test]
    fn moves_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock.json");
        WorldClock::open(&file)
            .unwrap()
            .advance(SignedDuration::from_hours(48))
            .unwrap();
        let clock = WorldClock::open(&file).unwrap();
        let offset_ms = clock.status().offset_ms;
        assert_eq!(offset_ms, 48 * 3_600_000);
        clock.freeze(at("2030-01-01T00:00:00Z")).unwrap();
        assert_eq!(WorldClock::open(&file).unwrap().now(), at("2030-01-01T00:00:00Z"));
    }

    #[test]
    fn a_file_that_is_no_clock_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock.json");
        std::fs::write(&file, "{\"ofset\": 3}").unwrap();
        let error = WorldClock::open(&file).unwrap_err();
        assert!(error.to_string().contains("clock.json"), "{error}");
    }

    #[test]
    fn a_clock_that_cannot_be_written_down_does_not_move() {
        let folder = tempfile::tempdir().unwrap();
        let clock = WorldClock::open(folder.path().join("gone/clock.json")).unwrap();
        assert!(matches!(
            clock.freeze(Timestamp::UNIX_EPOCH),
            Err(ClockError::Io { .. })
        ));
        assert_ne!(clock.now(), Timestamp::UNIX_EPOCH);
    }

    #[tokio::test]
    async fn a_sleeper_wakes_at_a_jump() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        let due_at = at("2026-04-01T00:00:00Z");
        assert_eq!(poll_once(clock.sleep_until(due_at)), Poll::Pending);
        let mut sleeping = pin!(clock.sleep_until(due_at));
        assert_eq!(
            sleeping.as_mut().poll(&mut Context::from_waker(Waker::noop())),
            Poll::Pending
        );
        clock.advance(SignedDuration::from_hours(1)).unwrap();
        assert_eq!(
            sleeping.as_mut().poll(&mut Context::from_waker(Waker::noop())),
            Poll::Pending
        );
        clock.advance(SignedDuration::from_hours(24 * 31)).unwrap();
        sleeping.await;
    }

    #[test]
    fn changes_are_counted() {
        let clock = WorldClock::manual(at("2026-03-01T00:00:00Z"));
        let changes = clock.changes();
        clock.advance(SignedDuration::from_secs(1)).unwrap();
        clock.freeze(at("2026-05-01T00:00:00Z")).unwrap();
        assert!(changes.has_changed().unwrap());
        assert_eq!(*changes.borrow(), 2);
    }
}
