//! What people can ask for: send again what is parked, decide again what was set aside.

use selfsame_queue::NewJob;
use selfsame_runtime::db::Tx;

use crate::inbox::{EventJob, Origin};
use crate::store::StoreError;
use crate::store::events;
use crate::store::queues::INBOX;
use crate::store::sends;

use super::plan::{self, Cause};
use super::state::SendState;

/// Why something cannot be sent or decided again.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// There is nothing of this number, or it is in no state to be released.
    #[error("there is nothing parked or failed under this id")]
    NotReleasable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sends again what is parked or failed. The old row stays, and a late echo still settles it. Answers
/// the number of the new send.
pub fn send_again(tx: &Tx<'_>, send_id: i64, now_ms: i64, now_world_ms: i64) -> Result<i64, ReleaseError> {
    let send = sends::find(tx, send_id)?
        .filter(|send| matches!(send.state, SendState::Parked | SendState::Failed))
        .ok_or(ReleaseError::NotReleasable)?;
    let event_id = send.event_id.ok_or(ReleaseError::NotReleasable)?;
    let step = serde_json::from_str(&send.step).map_err(|_unreadable| ReleaseError::NotReleasable)?;
    let cause = Cause {
        event_id,
        account: &send.account,
        person: &send.person,
        own: send.own,
        media: send.media.as_deref(),
        now_ms,
        now_world_ms,
    };
    if send.state == SendState::Parked {
        sends::set_state(
            tx,
            send.id,
            SendState::SentAgain,
            Some("somebody asked for it to be sent again"),
        )?;
    } else {
        sends::set_state(
            tx,
            send.id,
            SendState::Cancelled,
            Some("failed, and was sent again by request"),
        )?;
    }
    Ok(plan::record_one(tx, &cause, send.step_index, Some(send.id), &step)?)
}

/// Decides again an event that the budget or the kill switch had set aside, or that failed.
pub fn decide_again(tx: &Tx<'_>, event_id: i64, now_ms: i64, now_world_ms: i64) -> Result<(), ReleaseError> {
    let event = events::find_set_aside(tx, event_id)?.ok_or(ReleaseError::NotReleasable)?;
    let origin = Origin {
        delivery_id: event.delivery_id,
        position: event.position,
        received_at_ms: now_ms,
        received_world_ms: now_world_ms,
        released: Some(event_id),
        reconciled: false,
    };
    let job = EventJob {
        origin,
        body: event.payload,
    };
    let line = job.line();
    INBOX
        .enqueue(
            tx,
            NewJob {
                key: line.as_deref(),
                payload: &job.encode(),
                due_at_ms: now_ms,
            },
        )
        .map_err(StoreError::from)?;
    Ok(())
}
