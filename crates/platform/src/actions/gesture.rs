//! What a gesture brought about.

use selfsame_wire::ids::MessageId;

use crate::domain::keys::{DeliveryKey, ThreadKey};

/// What a gesture brought about: the message it made or was about, and the notifications it caused, suppressed ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gesture {
    /// The message.
    pub mid: MessageId,
    /// Its thread.
    pub thread: ThreadKey,
    /// Deliveries, in the order in which they were made.
    pub notifications: Vec<DeliveryKey>,
}
