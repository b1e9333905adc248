//! What a gesture brought about.

use selfsame_wire::ids::MessageId;

use super::GestureRefusal;
use crate::domain::account::Account;
use crate::domain::keys::{DeliveryKey, ThreadKey};
use crate::store::{Failure, Tx, blocks};

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

/// Refuses a gesture between two people of whom one has blocked the other.
pub(super) fn refuse_blocked(tx: &Tx<'_>, who: &Account, other: &Account) -> Result<(), Failure<GestureRefusal>> {
    match blocks::between(tx, other.key, who.key)? {
        None => Ok(()),
        Some(by) => {
            let (shut_out, by_whom) = if by == who.key { (other, who) } else { (who, other) };
            Err(Failure::Refused(GestureRefusal::Blocked {
                username: shut_out.username.clone(),
                other: by_whom.username.clone(),
            }))
        }
    }
}
