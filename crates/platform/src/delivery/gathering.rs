//! Deliveries of several lines that wait for one POST: the first to come leads, the others join it (contract: webhooks §4.2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_queue::Leased;
use selfsame_wire::events::Placement;
use selfsame_wire::flow::LoginFlow;

use super::worker::placement_of;
use crate::domain::keys::AppKey;
use crate::store::deliveries::DueDelivery;

/// What may go out together: same receiver, same secret, same placement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    app: AppKey,
    flow: LoginFlow,
    is_change: bool,
}

/// A delivery that another one takes along. Its lease lasts until that is settled, so that nothing of its line overtakes it.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    /// Its job.
    pub(super) leased: Leased,
    /// What is sent.
    pub(super) due: DueDelivery,
}

/// Gatherings that somebody can still join, at most one of a kind. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Gatherings(Arc<Mutex<Open>>); // nothing awaits under this lock

#[derive(Debug, Default)]
struct Open {
    next_id: u64,
    /// By the world that they belong to, too.
    by_kind: HashMap<(u64, Kind), Entry>,
}

#[derive(Debug)]
struct Entry {
    id: u64,
    most: usize,
    joined: Vec<Joined>,
}

/// Held by whoever leads; nobody joins any more when it is closed or dropped.
#[derive(Debug)]
pub(super) struct Gathering {
    all: Gatherings,
    kind: (u64, Kind),
    id: u64,
}

/// What becomes of a delivery that may go out with others.
#[derive(Debug)]
pub(super) enum Part {
    /// It leads; `None`: it cannot join the open gathering of its kind, so it goes with its own line only.
    Leads(Option<Gathering>),
    /// Another delivery takes it along.
    Joined,
}

impl Gatherings {
    /// Joins the open gathering of this kind, if it `may_join`, or opens one for `most` deliveries together.
    pub(super) fn lead_or_join(
        &self,
        generation: u64,
        leased: &Leased,
        due: &DueDelivery,
        most: u32,
        may_join: bool,
    ) -> Part {
        if may_join && self.join(generation, leased, due) {
            return Part::Joined;
        }
        let kind = (generation, Kind::of(due));
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.by_kind.contains_key(&kind) {
            return Part::Leads(None);
        }
        let id = open.next_id;
        open.next_id = id.wrapping_add(1);
        let entry = Entry {
            id,
            most: usize::try_from(most).unwrap_or(usize::MAX),
            joined: Vec::new(),
        };
        open.by_kind.insert(kind, entry);
        Part::Leads(Some(Gathering {
            all: self.clone(),
            kind,
            id,
        }))
    }

    /// Joins the open gathering of this kind, if there is one with room.
    pub(super) fn join(&self, generation: u64, leased: &Leased, due: &DueDelivery) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = open.by_kind.get_mut(&(generation, Kind::of(due)));
        let Some(entry) = entry.filter(|entry| entry.joined.len().saturating_add(1) < entry.most) else {
            return false;
        };
        entry.joined.push(Joined {
            leased: leased.clone(),
            due: due.clone(),
        });
        true
    }

    fn close(&self, kind: (u64, Kind), id: u64) -> Vec<Joined> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match open.by_kind.get(&kind) {
            Some(entry) if entry.id == id => open.by_kind.remove(&kind).map(|entry| entry.joined).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

impl Gathering {
    /// Lets nobody join any more; who has, in the order in which they came.
    pub(super) fn close(self) -> Vec<Joined> {
        self.all.close(self.kind, self.id)
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        drop(self.all.close(self.kind, self.id));
    }
}

impl Kind {
    /// That of a delivery.
    pub(super) fn of(due: &DueDelivery) -> Self {
        Self {
            app: due.app,
            flow: due.flow,
            is_change: is_change(due),
        }
    }
}

/// Whether an update stands in `changes`; otherwise it stands in `messaging`, and the two are never in one POST.
fn is_change(due: &DueDelivery) -> bool {
    placement_of(&due.field).is_none_or(|placement| placement == Placement::Changes)
}
