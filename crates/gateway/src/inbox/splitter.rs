//! Cuts raw bodies into one job per event.

use selfsame_queue::NewJob;
use selfsame_runtime::db::{Database, Durability};
use selfsame_wire::webhook::Event;

use crate::metrics::Metrics;
use crate::store::StoreError;
use crate::store::queues::INBOX;
use crate::store::raw_deliveries::{self, RawDelivery};

use super::job::EventJob;
use super::keys;

/// Bodies that share one transaction.
const BODIES_AT_ONCE: u32 = 256;

struct Piece {
    line: Option<String>,
    payload: Vec<u8>,
    due_at_ms: i64,
}

/// Splits the bodies that came in since the last time, and answers how many there were.
///
/// Relaxed: the raw bodies are on disk, so a crash only repeats this.
pub async fn split_once(database: &Database, metrics: &Metrics) -> Result<usize, StoreError> {
    let (cursor, bodies) = database
        .read(|connection| {
            let cursor = raw_deliveries::split_until(connection)?;
            Ok::<_, StoreError>((cursor, raw_deliveries::list_after(connection, cursor, BODIES_AT_ONCE)?))
        })
        .await
        .map_err(StoreError::from)?;
    let Some(last) = bodies.last().map(|body| body.id) else {
        return Ok(0);
    };
    let n_bodies = bodies.len();
    let pieces: Vec<Piece> = bodies.iter().flat_map(|body| split(body, metrics)).collect();
    database
        .write(Durability::Relaxed, move |tx| {
            if raw_deliveries::move_cursor(tx, cursor, last)? {
                for piece in &pieces {
                    let job = NewJob {
                        key: piece.line.as_deref(),
                        payload: &piece.payload,
                        due_at_ms: piece.due_at_ms,
                    };
                    INBOX.enqueue(tx, job)?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await
        .map_err(StoreError::from)?;
    Ok(n_bodies)
}

fn split(delivery: &RawDelivery, metrics: &Metrics) -> Vec<Piece> {
    EventJob::list_of(delivery)
        .into_iter()
        .map(|(job, incoming)| {
            if matches!(incoming.event, Event::Unrecognised { .. }) {
                metrics.unrecognised();
            }
            Piece {
                line: keys::line(&incoming),
                payload: job.encode(),
                due_at_ms: delivery.received_at_ms,
            }
        })
        .collect()
}
