//! Writes down what a decision changes about its thread.

use jiff::{SignedDuration, Timestamp};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};

use crate::automation::{Awaiting, Changes};
use crate::store::runs::{self, NewRun};
use crate::store::{StoreError, threads};

/// How long a thread is left to the owner after she wrote in it herself, world time.
pub const OWNER_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// Writes down the changes of a decision, in the transaction that records its answers.
pub fn apply(
    tx: &Tx<'_>,
    account: &IgUserId,
    person: &IgScopedId,
    event_id: i64,
    changes: &Changes,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !changes.variables.is_empty() {
        threads::keep(tx, account, person, &changes.variables)?;
    }
    if changes.question_closed {
        runs::close_question(tx, account, person)?;
    }
    if let Some(run) = &changes.suspended {
        let (waits_for, due_at) = match &run.awaiting {
            Awaiting::Time { at } => ("time", *at),
            Awaiting::Answer { until, .. } => ("answer", *until),
            Awaiting::Call { .. } => ("call", now),
        };
        // A run is plain data; it always can be written.
        let json = serde_json::to_string(run).unwrap_or_default();
        let run = NewRun {
            account,
            person,
            event_id,
            waits_for,
            due_at_ms: due_at.as_millisecond(),
            run: &json,
        };
        runs::insert(tx, &run)?;
    }
    if let Some(note) = &changes.hand_over {
        let reason = if note.is_empty() {
            "an automation handed this thread to a human".to_owned()
        } else {
            format!("an automation handed this thread to a human: {note}")
        };
        threads::pause(tx, account, person, &reason, None)?;
    }
    Ok(())
}

/// The owner wrote to a customer in the Instagram app: automations leave the thread to her for a while from then
/// on, unless that is over already.
pub fn pause_for_owner(
    tx: &Tx<'_>,
    account: &IgUserId,
    person: &IgScopedId,
    typed_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let until = typed_at.checked_add(OWNER_PAUSE).unwrap_or(Timestamp::MAX);
    if until <= now {
        return Ok(());
    }
    let reason = "the business wrote in this thread itself";
    threads::pause(tx, account, person, reason, Some(until.as_millisecond()))
}
