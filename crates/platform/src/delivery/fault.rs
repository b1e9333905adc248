//! What chaos does to one attempt at a delivery. Decided in one place, before the request is made.

use std::time::Duration;

use crate::chaos::{self, Fault, Magic, Subject, Target};
use crate::domain::app::App;
use crate::store::deliveries::DueDelivery;
use crate::store::{StoreError, accounts, deliveries};
use crate::world::World;

/// Faults of one attempt; the default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AttemptFault {
    /// Wait before sending, real time.
    pub(crate) delay: Duration,
    /// How often the same bytes are sent beyond the first time.
    pub(crate) duplicates: u32,
    /// Collects what stands behind it for so long, so many updates at most.
    pub(crate) batch: Option<(Duration, u32)>,
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

/// The faults of the next attempt at this delivery: what its message asks for, and every rule of `/_sim/chaos` that strikes.
pub(crate) async fn attempt_fault(
    world: &World,
    app: &App,
    due: &DueDelivery,
    resent: bool,
) -> Result<AttemptFault, StoreError> {
    let mut faults = if due.attempt_count == 0 && !resent {
        magic_faults(world, due).await?
    } else {
        Vec::new()
    };
    if world.chaos.is_armed(Target::Delivery) {
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
            message: false,
        };
        faults.extend(world.chaos.strike(&world.store, subject).await?.faults);
    }
    Ok(AttemptFault::of(&faults))
}

/// What the text of a message typed on the phone asks for. Nothing is looked up unless the body has the sign of a command.
async fn magic_faults(world: &World, due: &DueDelivery) -> Result<Vec<Fault>, StoreError> {
    if !due.raw.contains(&b'#') || !world.switches.current().chaos_magic_text {
        return Ok(Vec::new());
    }
    let key = due.key;
    let text = world
        .store
        .read(move |connection| deliveries::typed_text(connection, key))
        .await?;
    let commands = chaos::commands(text.as_deref().unwrap_or_default()).into_iter();
    Ok(commands
        .filter_map(|command| match command {
            Magic::Webhook(fault) => Some(fault),
            Magic::Answer { .. } => None,
        })
        .collect())
}

impl AttemptFault {
    /// Whether nothing goes wrong with this delivery that it would bring upon others.
    pub(crate) fn is_only_batch(&self) -> bool {
        let Self {
            delay,
            duplicates,
            batch: _,
            instead,
        } = self;
        delay.is_zero() && *duplicates == 0 && instead.is_none()
    }

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
                Fault::Batch { most, by_ms } => {
                    attempt.batch.get_or_insert((Duration::from_millis(*by_ms), *most));
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
