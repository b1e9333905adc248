//! Several updates in one POST: what stands behind a delivery in its line goes along with it, and so do the heads of other lines that have
//! joined it, each with what stands behind it (contract: webhooks §4.2).
//!
//! The first of a batch is its lead. After the first attempt its job is the job of all; the others have none any more, and their rows name the
//! lead, so that a batch stays together over retries and restarts. Of one line nothing is ever attempted before what came earlier.

use std::convert::Infallible;

use selfsame_queue::Leased;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::gathering::{Gathering, Joined, Kind};
use crate::chaos::BATCH_MAX;
use crate::store::deliveries::{self, DueDelivery};
use crate::store::delivery_jobs::{DeliveryJob, QUEUE};
use crate::store::{Durability, Failure, StoreError, Tx};
use crate::world::World;

/// A body, its entries left as they are.
#[derive(Deserialize, Serialize)]
struct Envelope<'b> {
    object: String,
    #[serde(borrow)]
    entry: Vec<&'b RawValue>,
}

/// What goes along with a lead.
#[derive(Debug, Default)]
pub(super) struct Along {
    /// Everything but the lead, in the order in which it is sent.
    pub(super) members: Vec<DueDelivery>,
    /// Jobs of those that have joined from other lines.
    pub(super) leases: Vec<Leased>,
}

/// Closes the gathering and takes what waits behind `lead` and behind those that have joined it out of their lines and into its batch, `most`
/// updates together.
pub(super) async fn gather(
    world: &World,
    leased: &Leased,
    lead: &DueDelivery,
    gathering: Option<Gathering>,
    most: u32,
) -> Result<Along, StoreError> {
    let (line, lead) = (leased.key.clone(), lead.clone());
    let gathered = world.store.write(Durability::Relaxed, move |tx| {
        // Closed by the writer, so that others can join until the last moment.
        let joined = gathering.map(Gathering::close).unwrap_or_default();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut room = most.saturating_sub(1).saturating_sub(joined.len());
        let mut along = Along::default();
        take_line(tx, &lead, line.as_deref(), &mut room, &mut along.members)?;
        for Joined { leased, due } in joined {
            deliveries::join_batch(tx, due.key, lead.key)?;
            along.members.push(due);
            take_line(tx, &lead, leased.key.as_deref(), &mut room, &mut along.members)?;
            along.leases.push(leased);
        }
        if !along.members.is_empty() {
            deliveries::join_batch(tx, lead.key, lead.key)?;
        }
        // As they happened, which is also how they are read back when the batch is sent again.
        along.members.sort_by_key(|member| member.key);
        Ok::<_, Failure<Infallible>>(along)
    });
    gathered.await.map_err(StoreError::from)
}

/// Takes what waits in a line and goes with the lead, oldest first, as long as there is room.
fn take_line(
    tx: &Tx<'_>,
    lead: &DueDelivery,
    line: Option<&str>,
    room: &mut usize,
    members: &mut Vec<DueDelivery>,
) -> Result<(), StoreError> {
    let Some(line) = line else { return Ok(()) };
    for waiting in QUEUE.line(tx.jobs(), line, BATCH_MAX)? {
        if *room == 0 {
            return Ok(());
        }
        let job = DeliveryJob::decode(&waiting.payload).filter(|job| !job.resent);
        let due = job.map(|job| deliveries::due(tx, job.delivery)).transpose()?.flatten();
        if let Some(due) = due.filter(|due| Kind::of(due) == Kind::of(lead))
            && QUEUE.cancel(tx.jobs(), waiting.id)?
        {
            deliveries::join_batch(tx, due.key, lead.key)?;
            members.push(due);
            *room = room.saturating_sub(1);
        }
    }
    Ok(())
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
