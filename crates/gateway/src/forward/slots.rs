//! How many offers an engine may hold at the same time, so that one that hangs delays nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Offers of one engine at the same time: a quarter of all, so that the first silence of one leaves room.
pub const OFFERS_PER_ENGINE: u32 = 16;
/// The same for an engine that did not answer its last offer: one, by which it is seen to answer again.
const OFFERS_WHILE_SILENT: u32 = 1;
/// The same for all silent engines together: a quarter of all too, so that however many hang, the others have room.
const OFFERS_OF_SILENT_ENGINES: u32 = 16;
/// Engines whose silence is remembered; beyond it all are thought to answer.
const SILENT_ENGINES_MAX: usize = 10_000;

/// The offers under way by engine. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Slots(Arc<Mutex<Engines>>);

#[derive(Debug, Default)]
struct Engines {
    by_url: HashMap<String, Engine>,
    /// Offers under way that were begun at silent engines.
    offers_while_silent: u32,
}

#[derive(Debug, Default)]
struct Engine {
    offers: u32,
    is_silent: bool,
}

/// The place of one offer; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    url: String,
    was_silent: bool,
}

impl Slots {
    /// A place at that engine; none: it has as many offers as it may.
    pub(super) fn take(&self, url: &str) -> Option<Slot> {
        let mut engines = self.engines();
        let (offers, is_silent) = engines
            .by_url
            .get(url)
            .map_or((0, false), |engine| (engine.offers, engine.is_silent));
        let has_room = if is_silent {
            offers < OFFERS_WHILE_SILENT && engines.offers_while_silent < OFFERS_OF_SILENT_ENGINES
        } else {
            offers < OFFERS_PER_ENGINE
        };
        has_room.then(|| self.begin(&mut engines, url))
    }

    /// A place at that engine beyond what it may have.
    pub(super) fn take_anyhow(&self, url: &str) -> Slot {
        self.begin(&mut self.engines(), url)
    }

    fn begin(&self, engines: &mut Engines, url: &str) -> Slot {
        if engines.by_url.len() >= SILENT_ENGINES_MAX {
            engines.by_url.retain(|_, engine| engine.offers > 0);
        }
        let engine = engines.by_url.entry(url.to_owned()).or_default();
        engine.offers = engine.offers.saturating_add(1);
        let was_silent = engine.is_silent;
        if was_silent {
            engines.offers_while_silent = engines.offers_while_silent.saturating_add(1);
        }
        Slot {
            slots: self.clone(),
            url: url.to_owned(),
            was_silent,
        }
    }

    fn engines(&self) -> MutexGuard<'_, Engines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The engine answered this offer, whatever it said, or did not.
    pub(super) fn answered(&self, answered: bool) {
        if let Some(engine) = self.slots.engines().by_url.get_mut(&self.url) {
            engine.is_silent = !answered;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut engines = self.slots.engines();
        if self.was_silent {
            engines.offers_while_silent = engines.offers_while_silent.saturating_sub(1);
        }
        if let Some(engine) = engines.by_url.get_mut(&self.url) {
            engine.offers = engine.offers.saturating_sub(1);
            if engine.offers == 0 && !engine.is_silent {
                engines.by_url.remove(&self.url);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(slots: &Slots, url: &str) -> Vec<Slot> {
        std::iter::from_fn(|| slots.take(url)).take(1_000).collect()
    }

    #[test]
    fn an_engine_has_so_many_places_and_one_while_it_is_silent() {
        let slots = Slots::default();
        let first = taken(&slots, "http://a");
        assert_eq!(first.len(), 16);
        assert_eq!(taken(&slots, "http://b").len(), 16, "others have their own");
        first[0].answered(false);
        drop(first);
        let probe = taken(&slots, "http://a");
        assert_eq!(probe.len(), 1);
        probe[0].answered(true);
        drop(probe);
        assert_eq!(taken(&slots, "http://a").len(), 16);
        assert!(
            slots.0.lock().unwrap().by_url.is_empty(),
            "nothing is kept of who answers"
        );
    }

    #[test]
    fn however_many_engines_hang_they_hold_a_quarter_of_the_places_together() {
        let slots = Slots::default();
        let urls: Vec<String> = (0..100).map(|number| format!("http://{number}")).collect();
        for url in &urls {
            slots.take(url).unwrap().answered(false);
        }
        let take_each = || urls.iter().filter_map(|url| slots.take(url)).collect::<Vec<_>>();
        let held = take_each();
        assert_eq!(held.len(), 16);
        assert_eq!(taken(&slots, "http://answers").len(), 16);
        held[0].answered(true);
        drop(held);
        assert_eq!(take_each().len(), 17, "16 silent ones, and the one that answers again");
    }
}
