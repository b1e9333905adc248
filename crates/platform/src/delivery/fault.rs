//! What chaos does to one attempt at a delivery. Decided in one place, before the request is made.

use std::time::Duration;

use crate::store::deliveries::DueDelivery;
use crate::world::World;

/// Faults of one attempt; the default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AttemptFault {
    /// Wait before sending, real time.
    pub(crate) delay: Duration,
    /// How often the same bytes are sent beyond the first time.
    pub(crate) duplicates: u32,
    /// What stands in for the callback's answer.
    pub(crate) instead: Option<Instead>,
}

/// What stands in for the callback's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Instead {
    /// The request is not sent and counts as delivered: lost on the way.
    Dropped,
    /// The request is sent, its answer is ignored and this status counts.
    Status(u16),
    /// The request is sent and its answer is lost.
    Cut,
}

/// The faults of the next attempt at this delivery.
pub(crate) fn attempt_fault(_world: &World, _due: &DueDelivery) -> AttemptFault {
    AttemptFault::default()
}
