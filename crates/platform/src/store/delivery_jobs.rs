//! Jobs of the delivery worker: which delivery to attempt, and how to sign it.

use selfsame_queue::{NewJob, Order, Queue};

use super::{StoreError, Tx};
use crate::domain::keys::DeliveryKey;

/// Deliveries. A failed one holds back nothing, not even of its own account.
pub const QUEUE: Queue = Queue::new("deliveries", Order::FirstAttempts);

/// How a delivery is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// As Meta does.
    #[default]
    Right,
    /// Without signature headers.
    Missing,
    /// With signatures of another secret.
    Invalid,
}

/// What a job asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeliveryJob {
    /// Which delivery.
    pub delivery: DeliveryKey,
    /// How to sign it.
    #[serde(default)]
    pub signing: Signing,
    /// Asked for by a developer: attempted even if it was delivered, and never retried.
    #[serde(default)]
    pub resent: bool,
}

impl DeliveryJob {
    /// The job for the first attempt at a delivery.
    pub const fn first(delivery: DeliveryKey) -> Self {
        Self {
            delivery,
            signing: Signing::Right,
            resent: false,
        }
    }

    /// Reads a job's payload.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }
}

const BRING_ATTEMPTS_FORWARD: &str =
    "UPDATE deliveries SET next_attempt_at_ms = next_attempt_at_ms - ?1 WHERE next_attempt_at_ms IS NOT NULL";

/// World time was set back: retries are made after the time that they still had to wait.
pub fn bring_forward(tx: &Tx<'_>, by_ms: i64) -> Result<(), StoreError> {
    QUEUE.bring_forward(tx.jobs(), by_ms)?;
    tx.prepare_cached(BRING_ATTEMPTS_FORWARD)?.execute([by_ms])?;
    Ok(())
}

/// Enqueues a job. Jobs of one line (an app's account and thread, say) are first attempted in order; without a line a job waits for nobody.
pub fn enqueue(tx: &Tx<'_>, job: DeliveryJob, line: Option<&str>, due_at_ms: i64) -> Result<(), StoreError> {
    let payload = serde_json::to_vec(&job).map_err(|error| StoreError::Corrupt {
        what: "delivery job",
        value: error.to_string(),
    })?;
    QUEUE.enqueue(
        tx.jobs(),
        NewJob {
            key: line,
            payload: &payload,
            due_at_ms,
        },
    )?;
    Ok(())
}
