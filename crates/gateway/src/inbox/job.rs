//! What a job of the inbox carries: one event, with where it came from.

use selfsame_wire::webhook::{self, Incoming};
use serde::{Deserialize, Serialize};

use crate::store::raw_deliveries::RawDelivery;

/// One event on its way through the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventJob {
    /// Where it came from.
    pub origin: Origin,
    /// A webhook body that carries this event alone.
    pub body: Vec<u8>,
}

/// Where an event came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The raw body.
    pub delivery_id: i64,
    /// Which event of that body, from 0.
    pub position: i64,
    /// When the body came in, process time in milliseconds.
    pub received_at_ms: i64,
    /// When the body came in, world time in milliseconds.
    pub received_world_ms: i64,
    /// The event's row, when it was set aside before and is decided again by request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<i64>,
    /// Whether the reconciler brought it in, after Instagram had not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reconciled: bool,
}

impl EventJob {
    /// The jobs of a raw body, one for each of its events, in order and with the event beside it.
    pub(super) fn list_of(delivery: &RawDelivery) -> Vec<(Self, Incoming)> {
        let parsed = webhook::parse(&delivery.body);
        (0_i64..)
            .zip(parsed.events)
            .map(|(position, incoming)| {
                let origin = Origin {
                    delivery_id: delivery.id,
                    position,
                    received_at_ms: delivery.received_at_ms,
                    received_world_ms: delivery.received_world_ms,
                    released: None,
                    reconciled: delivery.is_reconciled,
                };
                let body = incoming.to_single_body();
                (Self { origin, body }, incoming)
            })
            .collect()
    }

    /// The bytes that lie in the queue: a line of JSON, then the body.
    pub fn encode(&self) -> Vec<u8> {
        // Numbers only; this cannot fail.
        let mut bytes = serde_json::to_vec(&self.origin).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The line that the event stands in.
    pub fn line(&self) -> Option<String> {
        webhook::parse(&self.body).events.first().and_then(super::keys::line)
    }

    /// Reads what [`Self::encode`] wrote; none for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = bytes.split_at(end);
        Some(Self {
            origin: serde_json::from_slice(head).ok()?,
            body: body.get(1..)?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_the_queue_with_any_body() {
        for body in [&b"{\"a\":\n1}"[..], b"", b"\n\n", b"\xff\x00"] {
            let origin = Origin {
                delivery_id: 7,
                position: 2,
                received_at_ms: 3,
                received_world_ms: 4,
                released: None,
                reconciled: body.is_empty(),
            };
            let job = EventJob {
                origin,
                body: body.to_vec(),
            };
            assert_eq!(EventJob::decode(&job.encode()), Some(job));
        }
        assert_eq!(EventJob::decode(b"no line"), None);
    }
}
