//! Decides a delivery again, from its raw bytes: only what nobody has decided yet.
//!
//! A dead letter is forgotten and decided afresh. What was decided stays decided, and what has an
//! identity is decided once however often it comes, so replaying a whole day answers nobody twice.

use selfsame_queue::NewJob;
use selfsame_runtime::db::{Database, Durability};
use selfsame_wire::webhook::Incoming;

use super::job::EventJob;
use super::keys;
use crate::store::StoreError;
use crate::store::queues::INBOX;
use crate::store::raw_deliveries::{self, RawDelivery};
use crate::store::{erasure, events};

/// What a replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Events that are decided again.
    pub queued: usize,
    /// Events that had been decided, or whose repetition could not be told from a new event.
    pub skipped: usize,
}

/// Why a delivery cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It is not kept any more, or never was.
    #[error("there is no such delivery, or it was forgotten")]
    Unknown,
    /// It waits to be split, and will be decided.
    #[error("the delivery was not decided yet")]
    NotSplitYet,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One event of the body.
struct Piece {
    has_identity: bool,
    line: Option<String>,
    payload: Vec<u8>,
}

/// Decides the events of a delivery that nobody has decided.
pub async fn replay(database: &Database, delivery_id: i64, now_ms: i64) -> Result<Replayed, ReplayError> {
    let (found, cursor) = database
        .read(move |connection| {
            let found = raw_deliveries::find(connection, delivery_id)?;
            Ok::<_, StoreError>((found, raw_deliveries::split_until(connection)?))
        })
        .await
        .map_err(StoreError::from)?;
    let delivery = found
        .filter(|delivery| !erasure::is_erased(&delivery.body))
        .ok_or(ReplayError::Unknown)?;
    if delivery.id > cursor {
        return Err(ReplayError::NotSplitYet);
    }
    let pieces = pieces_of(&delivery);
    let replayed = database
        .write(Durability::Durable, move |tx| {
            let known = events::of_delivery(tx, delivery_id)?;
            let mut replayed = Replayed::default();
            for (position, piece) in (0_i64..).zip(&pieces) {
                let row = known.iter().find(|event| event.position == position);
                let again = match row {
                    Some(event) if event.is_dead => {
                        events::forget_dead(tx, event.id)?;
                        true
                    }
                    Some(_) => false,
                    // It repeated an identity, or waits in the inbox: the identity keeps it from being
                    // decided twice. Without one, nothing would.
                    None => piece.has_identity,
                };
                if again {
                    let job = NewJob {
                        key: piece.line.as_deref(),
                        payload: &piece.payload,
                        due_at_ms: now_ms,
                    };
                    INBOX.enqueue(tx, job)?;
                    replayed.queued += 1;
                } else {
                    replayed.skipped += 1;
                }
            }
            Ok::<_, StoreError>(replayed)
        })
        .await
        .map_err(StoreError::from)?;
    Ok(replayed)
}

fn pieces_of(delivery: &RawDelivery) -> Vec<Piece> {
    EventJob::list_of(delivery)
        .into_iter()
        .map(|(job, incoming)| Piece {
            has_identity: has_identity(&incoming),
            line: keys::line(&incoming),
            payload: job.encode(),
        })
        .collect()
}

fn has_identity(incoming: &Incoming) -> bool {
    incoming
        .entry_id
        .as_ref()
        .is_some_and(|account| incoming.identity(account).is_some())
}
