//! What lies in the queue: an event with what is needed to hand it over.

use selfsame_wire::ids::{IgScopedId, IgUserId};
use serde::{Deserialize, Serialize};

use crate::automation::Lane;

/// What is known about an event that is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The event's row.
    pub event_id: i64,
    /// The account it belongs to.
    pub account: IgUserId,
    /// The person, where the event tells.
    pub person: Option<IgScopedId>,
    /// Whether it happened in the thread of the account with itself.
    pub self_thread: bool,
    /// Which lane it would have run.
    pub lane: Lane,
    /// The name of the app secret that Instagram had signed it with.
    pub signed_with: String,
}

/// A job of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardJob {
    /// What is known about the event.
    pub handover: Handover,
    /// A webhook body that carries this event alone, as it came.
    pub body: Vec<u8>,
}

impl ForwardJob {
    /// The bytes that lie in the queue: a line of JSON, then the body.
    pub fn encode(&self) -> Vec<u8> {
        // Strings and numbers; this cannot fail.
        let mut bytes = serde_json::to_vec(&self.handover).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads what [`Self::encode`] wrote; none for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = bytes.split_at(end);
        Some(Self {
            handover: serde_json::from_slice(head).ok()?,
            body: body.get(1..)?.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_the_queue_with_any_body() {
        for body in [&b"{\"a\":\n1}"[..], b"", b"\xff"] {
            let job = ForwardJob {
                handover: Handover {
                    event_id: 7,
                    account: IgUserId::new("17"),
                    person: Some(IgScopedId::new("5")),
                    self_thread: true,
                    lane: Lane::Draft,
                    signed_with: "instagram".to_owned(),
                },
                body: body.to_vec(),
            };
            assert_eq!(ForwardJob::decode(&job.encode()), Some(job));
        }
        assert_eq!(ForwardJob::decode(b"no line"), None);
    }
}
