//! How many offers an engine may hold at the same time, so that one that hangs delays nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Offers of one engine at the same time: a quarter of all, so that the first silence of one leaves room.
pub const OFFERS_PER_ENGINE: u32 = 16;
/// The same for an engine that did not answer its last offer: one, by which it is seen to answer again.
const OFFERS_WHILE_SILENT: u32 = 1;
/// Engines whose silence is remembered; beyond it all are thought to answer.
const SILENT_ENGINES_MAX: usize = 10_000;

/// The offers under way by engine. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Slots(Arc<Mutex<HashMap<String, Engine>>>);

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
}

impl Slots {
    /// A place at that engine; none: it has as many offers as it may.
    pub(super) fn take(&self, url: &str) -> Option<Slot> {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if engines.len() >= SILENT_ENGINES_MAX {
            engines.retain(|_, engine| engine.offers > 0);
        }
        let engine = engines.entry(url.to_owned()).or_default();
        let most = if engine.is_silent {
            OFFERS_WHILE_SILENT
        } else {
            OFFERS_PER_ENGINE
        };
        if engine.offers >= most {
            return None;
        }
        engine.offers = engine.offers.saturating_add(1);
        drop(engines);
        Some(self.slot(url))
    }

    /// A place at that engine beyond what it may have.
    pub(super) fn take_anyhow(&self, url: &str) -> Slot {
        let mut engines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = engines.entry(url.to_owned()).or_default();
        engine.offers = engine.offers.saturating_add(1);
        drop(engines);
        self.slot(url)
    }

    fn slot(&self, url: &str) -> Slot {
        Slot {
            slots: self.clone(),
            url: url.to_owned(),
        }
    }
}

impl Slot {
    /// The engine answered this offer, whatever it said, or did not.
    pub(super) fn answered(&self, answered: bool) {
        let mut engines = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get_mut(&self.url) {
            engine.is_silent = !answered;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut engines = self.slots.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = engines.get_mut(&self.url) {
            engine.offers = engine.offers.saturating_sub(1);
            if engine.offers == 0 && !engine.is_silent {
                engines.remove(&self.url);
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
        assert!(slots.0.lock().unwrap().is_empty(), "nothing is kept of who answers");
    }
}
