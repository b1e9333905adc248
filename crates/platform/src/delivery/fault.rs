//! What chaos does to one attempt at a delivery. Decided in one place, before the request is made.

use std::time::Duration;

use crate::chaos::{Fault, Subject, Target};
use crate::domain::app::App;
use crate::store::deliveries::DueDelivery;
use crate::store::{StoreError, accounts};
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

/// The faults of the next attempt at this delivery: every rule of `/_sim/chaos` that strikes.
pub(crate) async fn attempt_fault(world: &World, app: &App, due: &DueDelivery) -> Result<AttemptFault, StoreError> {
    if !world.chaos.is_armed(Target::Delivery) {
        return Ok(AttemptFault::default());
    }
    let account = due.account;
    let account = world
        .store
        .read(move |connection| accounts::by_key(connection, account))
        .await?;
    let subject = Subject {
        target: Target::Delivery,
        app: Some(app.name.clone()),
        account: account.map(|account| account.username),
        field: Some(due.field.clone()),
        method: None,
        path: None,
    };
    Ok(AttemptFault::of(
        &world.chaos.strike(&world.store, subject).await?.faults,
    ))
}

impl AttemptFault {
    /// Several faults in one attempt: delays and duplicates add up, the first replaced answer counts.
    fn of(faults: &[Fault]) -> Self {
        let mut attempt = Self::default();
        for fault in faults {
            let instead = match fault {
                Fault::Delay(delay_ms) => {
                    attempt.delay = attempt.delay.saturating_add(Duration::from_millis(*delay_ms));
                    continue;
                }
                Fault::Duplicate(count) => {
                    attempt.duplicates = attempt.duplicates.saturating_add(*count);
                    continue;
                }
                Fault::Drop => Instead::Dropped,
                Fault::Status(status) => Instead::Status(*status),
                Fault::Cut => Instead::Cut,
                Fault::GraphError { .. } | Fault::EchoFirst => continue, // of target graph only
            };
            attempt.instead.get_or_insert(instead);
        }
        attempt
    }
}
