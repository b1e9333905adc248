//! Gives sends in doubt their end: by an echo, by an edge of the Graph API, or by parking them.

use selfsame_runtime::db::Tx;

use crate::store::StoreError;
use crate::store::queues::OUTBOX;
use crate::store::sends::{self, SendRow};

use super::state::SendState;

/// An echo that fits has come in: Instagram had accepted the send, as `mid`.
pub(crate) fn by_echo(tx: &Tx<'_>, send_id: i64, mid: &str) -> Result<(), StoreError> {
    sends::settle(tx, send_id, Some(mid), true, "its echo came in")?;
    leave_lane(tx, send_id)
}

/// The message or comment was found on Instagram.
pub(crate) fn by_edge(tx: &Tx<'_>, send_id: i64, mid: &str, edge: &str) -> Result<(), StoreError> {
    sends::settle(
        tx,
        send_id,
        Some(mid),
        false,
        &format!("found on Instagram, under {edge}"),
    )?;
    leave_lane(tx, send_id)
}

/// It has blocked its lane for long enough.
pub(super) fn park(tx: &Tx<'_>, send: &SendRow, reason: &str) -> Result<(), StoreError> {
    sends::set_state(tx, send.id, SendState::Parked, Some(reason))?;
    leave_lane(tx, send.id)
}

/// Gives up a send's place in its lane, so that the next one moves up. Harmless when it has none; a
/// job that is leased is left to whoever holds it.
pub(super) fn leave_lane(tx: &Tx<'_>, send_id: i64) -> Result<(), StoreError> {
    let Some(send) = sends::find(tx, send_id)? else {
        return Ok(());
    };
    if let Some(job_id) = send.job_id
        && OUTBOX.cancel(tx, job_id)?
    {
        sends::set_job(tx, send_id, None)?;
    }
    Ok(())
}
