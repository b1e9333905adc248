//! Several updates in one POST: what stands behind a delivery in its line goes along with it (contract: webhooks §4.2).
//!
//! The first of a batch is its lead. Its job is the job of all; the others have none any more, and their rows name the lead, so that a batch
//! stays together over retries and restarts.

use std::convert::Infallible;

use selfsame_queue::Leased;
use selfsame_wire::events::Placement;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::worker::placement_of;
use crate::chaos::BATCH_MAX;
use crate::store::deliveries::{self, DueDelivery};
use crate::store::delivery_jobs::{DeliveryJob, QUEUE};
use crate::store::{Durability, Failure, StoreError};
use crate::world::World;

/// A body, its entries left as they are.
#[derive(Deserialize, Serialize)]
struct Envelope<'b> {
    object: String,
    #[serde(borrow)]
    entry: Vec<&'b RawValue>,
}

/// Takes what waits behind `lead` out of its line and into its batch, `most` updates together. Answers the others, oldest first.
pub(super) async fn gather(
    world: &World,
    leased: &Leased,
    lead: &DueDelivery,
    most: u32,
) -> Result<Vec<DueDelivery>, StoreError> {
    let Some(line) = leased.key.clone() else {
        return Ok(Vec::new());
    };
    let lead = lead.clone();
    let gathered = world.store.write(Durability::Relaxed, move |tx| {
        let mut members = Vec::new();
        for waiting in QUEUE.line(tx.jobs(), &line, BATCH_MAX).map_err(StoreError::from)? {
            if members.len().saturating_add(1) >= usize::try_from(most).unwrap_or(usize::MAX) {
                break;
            }
            let job = DeliveryJob::decode(&waiting.payload).filter(|job| !job.resent);
            let due = job.map(|job| deliveries::due(tx, job.delivery)).transpose()?.flatten();
            if let Some(due) = due.filter(|due| goes_with(&lead, due))
                && QUEUE.cancel(tx.jobs(), waiting.id).map_err(StoreError::from)?
            {
                deliveries::join_batch(tx, due.key, lead.key)?;
                members.push(due);
            }
        }
        if !members.is_empty() {
            deliveries::join_batch(tx, lead.key, lead.key)?;
        }
        Ok::<_, Failure<Infallible>>(members)
    });
    gathered.await.map_err(|failure| match failure {
        Failure::Refused(never) => match never {},
        Failure::Store(error) => error,
    })
}

/// Same receiver, same secret, same placement.
fn goes_with(lead: &DueDelivery, other: &DueDelivery) -> bool {
    let is_change =
        |due: &DueDelivery| placement_of(&due.field).is_none_or(|placement| placement == Placement::Changes);
    lead.app == other.app && lead.flow == other.flow && is_change(lead) == is_change(other)
}

/// The body of a batch: every entry byte for byte. `None`: one of them is no envelope.
pub(super) fn joined(lead: &DueDelivery, members: &[DueDelivery]) -> Option<Vec<u8>> {
    let mut whole: Envelope<'_> = serde_json::from_slice(&lead.raw).ok()?;
    for member in members {
        let part: Envelope<'_> = serde_json::from_slice(&member.raw).ok()?;
        whole.entry.extend(part.entry);
    }
    serde_json::to_vec(&whole).ok()
}
