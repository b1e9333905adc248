//! Sends that somebody asked for through the API, and what a person lets rest.

use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use super::plan::{self, Cause};
use super::release::ReleaseError;
use super::state::{EventState, SendState};
use crate::automation::PlannedStep;
use crate::store::StoreError;
use crate::store::events::{self, NewEvent};
use crate::store::sends;

/// The kind of event that stands for a request.
const KIND: &str = "api";

/// Messages that somebody asked for.
#[derive(Debug, Clone)]
pub struct RequestedSend {
    /// Who sends.
    pub account: IgUserId,
    /// To whom.
    pub person: IgScopedId,
    /// Whether that is the owner herself.
    pub own: bool,
    /// What makes two requests the same.
    pub idempotency_key: Option<String>,
    /// What, in order.
    pub steps: Vec<PlannedStep>,
    /// Why, for people.
    pub reason: &'static str,
    /// Until when (process time, milliseconds) whoever asks waits for its call to begin; none: nobody
    /// waits, it is sent whenever its turn comes.
    pub call_before_ms: Option<i64>,
    /// Process time in milliseconds.
    pub now_ms: i64,
    /// World time in milliseconds.
    pub now_world_ms: i64,
}

/// Why a request was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RequestedSendError {
    /// Its key was used for something else.
    #[error("this idempotency key was used for another message")]
    KeyUsedOtherwise,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records a request as an event and its messages as sends, unless its key was used before. Answers
/// the event, and whether it was there already.
pub fn record_request(tx: &Tx<'_>, request: &RequestedSend) -> Result<(i64, bool), RequestedSendError> {
    let content = serde_json::to_string(&request.steps).unwrap_or_default();
    let identity = request.idempotency_key.as_ref().map(|key| format!("api:{key}"));
    if let Some(identity) = &identity
        && let Some((event_id, earlier)) = events::find_request(tx, &request.account, identity)?
    {
        if earlier.as_deref() != Some(content.as_bytes()) {
            return Err(RequestedSendError::KeyUsedOtherwise);
        }
        if !was_never_called(tx, event_id)? {
            return Ok((event_id, true));
        }
        // Whoever asked was told that nothing was sent and to try again.
        events::free_identity(tx, event_id)?;
    }
    let event_id = events::insert(
        tx,
        &NewEvent {
            delivery_id: 0,
            position: 0,
            account: Some(&request.account),
            kind: KIND,
            identity: identity.as_deref(),
            person: Some(&request.person),
            own: false,
            subject: None,
            said: None,
            occurred_at_ms: request.now_world_ms,
            state: EventState::Answered,
            reason: Some(request.reason),
            trace: None,
            decided_at_ms: request.now_ms,
            payload: Some(content.as_bytes()),
        },
    )?;
    let cause = Cause {
        event_id,
        account: &request.account,
        person: &request.person,
        own: request.own,
        media: None,
        now_ms: request.now_ms,
        now_world_ms: request.now_world_ms,
    };
    plan::record(tx, &cause, &request.steps)?;
    if let Some(call_before_ms) = request.call_before_ms {
        for send in sends::list_of_event(tx, event_id)? {
            sends::set_call_before(tx, send.id, call_before_ms)?;
        }
    }
    Ok((event_id, false))
}

/// Whether a request came to nothing before Instagram was called for any of it.
fn was_never_called(tx: &Tx<'_>, event_id: i64) -> Result<bool, StoreError> {
    let sends = sends::list_of_event(tx, event_id)?;
    let is_untried = |send: &sends::SendRow| send.state == SendState::Failed && send.call_started_at_ms.is_none();
    Ok(!sends.is_empty() && sends.iter().all(is_untried))
}

/// Lets an event that was set aside rest.
pub fn dismiss_event(tx: &Tx<'_>, event_id: i64, now_ms: i64) -> Result<(), ReleaseError> {
    let event = events::find_set_aside(tx, event_id)?.ok_or(ReleaseError::NotReleasable)?;
    let reason = Some("dismissed by a person");
    events::settle(tx, event.id, EventState::Ignored, reason, None, now_ms)?;
    Ok(())
}

/// Lets a send that was given up rest. One that may have arrived stays open to a late echo, which
/// must never be taken for the person's words: hence the state of those that were sent again.
pub fn dismiss_send(tx: &Tx<'_>, send_id: i64) -> Result<(), ReleaseError> {
    let send = sends::find(tx, send_id)?
        .filter(|send| matches!(send.state, SendState::Parked | SendState::Failed))
        .ok_or(ReleaseError::NotReleasable)?;
    let state = match send.state {
        SendState::Parked => SendState::SentAgain,
        _ => SendState::Cancelled,
    };
    sends::set_state(tx, send.id, state, Some("dismissed by a person"))?;
    Ok(())
}
