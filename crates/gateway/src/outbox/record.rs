//! Records how a call ended, in one transaction with the lane.

use selfsame_queue::{JobId, Leased, QueueError};
use selfsame_runtime::db::Tx;
use selfsame_wire::graph_error::GraphError;

use crate::onboarding::reason_of;
use crate::store::StoreError;
use crate::store::queues::{NEVER, OUTBOX};
use crate::store::sends::{self, CallEnd, SendRow};
use crate::store::{events, ledger_accounts};

use super::call::{Ended, Fate, pause_of};
use super::limits::{
    CALL_TIMEOUT_MS, CHECKS_AFTER_MS, LONGEST_HOLD_MS, MOST_ATTEMPTS, NEARLY_USED_PERCENT, SLOW_PAUSE_MS,
    THROTTLED_FOR_MS, USED_UP_PAUSE_MS, backoff_ms,
};
use super::settle;
use super::state::SendState;
use super::worker::{Now, Outbox, Turn, block_lane};

/// A call has ended.
pub(super) fn ended(tx: &Tx<'_>, outbox: &Outbox, turn: &Turn, ended: &Ended, now: Now) -> Result<(), StoreError> {
    let (send, leased) = (&turn.send, &turn.leased);
    learn(tx, send, ended, now)?;
    heed(tx, send, ended, now)?;
    let state = sends::find(tx, send.id)?.map(|send| send.state);
    if state != Some(SendState::Calling) {
        return late(tx, send, state, &ended.fate, now);
    }
    match &ended.fate {
        Fate::Sent { mid } => {
            reclaim(tx, send, mid)?;
            let reason = ended
                .standard_form_works
                .then_some("the host takes only the standard form");
            sends::end_call(tx, send.id, SendState::Sent, Some(mid), reason, end(now))?;
            if let (Some(recipient), Some(_)) = (&ended.recipient, send.call_before_ms) {
                sends::keep_recipient(tx, send.id, recipient)?;
            }
            finish(tx, leased, send)
        }
        Fate::Done => match pause_of(&turn.step) {
            Some(pause) if !now.world_stands => {
                let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                sends::set_state(tx, send.id, SendState::Ready, None)?;
                Ok(OUTBOX.retry(tx, leased, now.world_ms.saturating_add(pause_ms), "pauses")?)
            }
            _ => step_done(tx, leased, send, now),
        },
        Fate::TryAgain { reason, error } => {
            let attempts = send.attempts.saturating_add(1);
            // Too many calls of the account say nothing of this one: it is not used up by them.
            let throttled = error.as_ref().is_some_and(GraphError::is_throttling);
            let may_go_on = if throttled {
                now.process_ms.saturating_sub(send.created_at_ms) < THROTTLED_FOR_MS
            } else {
                attempts < MOST_ATTEMPTS
            };
            let held_ms = ledger_accounts::load(tx, &send.account)?
                .held_until_ms
                .saturating_sub(now.world_ms);
            let pause_ms = backoff_ms(attempts).max(held_ms);
            let waited_for = send
                .call_before_ms
                .is_none_or(|before_ms| now.process_ms.saturating_add(pause_ms) < before_ms);
            if may_go_on && waited_for {
                sends::end_call(tx, send.id, SendState::Ready, None, Some(reason), end(now))?;
                if throttled {
                    sends::uncount_call(tx, send.id)?;
                }
                let due = now.world_ms.saturating_add(pause_ms);
                return Ok(OUTBOX.retry(tx, leased, due, reason)?);
            }
            keep_refusal(tx, send, error.as_ref())?;
            let reason = if throttled && waited_for {
                format!("given up: Instagram refused it for a day because the account calls too often: {reason}")
            } else {
                format!("given up after {attempts} tries: {reason}")
            };
            give_up(tx, leased, send, &reason, now)
        }
        Fate::Reconnect { error } => {
            let reason = reason_of(error);
            let flow = turn.call.caller.flow;
            outbox.accounts.needs_reconnect(tx, &send.account, flow, &reason)?;
            keep_refusal(tx, send, Some(error))?;
            give_up(tx, leased, send, &format!("connect the account again: {reason}"), now)
        }
        Fate::Refused { error } => {
            keep_refusal(tx, send, Some(error))?;
            let account = ledger_accounts::load(tx, &send.account)?;
            let closed = send.own && !account.self_thread_open && error.refuses_self_path_form();
            let reason = if closed {
                format!("{error}. {SELF_THREAD_CLOSED}")
            } else {
                error.to_string()
            };
            give_up(tx, leased, send, &reason, now)
        }
        Fate::InDoubt { reason } => {
            sends::end_call(tx, send.id, SendState::InDoubt, None, Some(reason), end(now))?;
            check_soon(tx, send, now)?;
            block_lane(tx, leased, reason)
        }
    }
}

/// Heeds what Instagram says about the account's allowance: nothing of it is called for a while, whichever
/// thread it is for, when calls were too many or nearly are.
fn heed(tx: &Tx<'_>, send: &SendRow, ended: &Ended, now: Now) -> Result<(), StoreError> {
    let refusal = match &ended.fate {
        Fate::TryAgain { error, .. } => error.as_ref(),
        _ => None,
    };
    let throttled = refusal.is_some_and(GraphError::is_throttling);
    let usage = &ended.usage;
    let mut pause_ms = match usage.regained_after_minutes {
        0 if usage.percent >= 100 => USED_UP_PAUSE_MS,
        0 if usage.percent >= NEARLY_USED_PERCENT => SLOW_PAUSE_MS,
        minutes => i64::from(minutes).saturating_mul(60_000),
    };
    let known = ledger_accounts::load(tx, &send.account)?.n_throttled;
    let n_throttled = if throttled { known.saturating_add(1) } else { 0 };
    if throttled {
        pause_ms = pause_ms.max(backoff_ms(n_throttled));
    }
    let was_accepted = matches!(ended.fate, Fate::Sent { .. });
    if pause_ms == 0 && (known == 0 || !was_accepted) {
        return Ok(());
    }
    let until_ms = now.world_ms.saturating_add(pause_ms.min(LONGEST_HOLD_MS));
    let until_ms = if pause_ms == 0 { 0 } else { until_ms };
    ledger_accounts::hold(tx, &send.account, until_ms, n_throttled)
}

/// Whoever waits for the end of a send is told Instagram's own words.
fn keep_refusal(tx: &Tx<'_>, send: &SendRow, error: Option<&GraphError>) -> Result<(), StoreError> {
    match error {
        Some(error) if send.call_before_ms.is_some() => sends::keep_refusal(tx, send.id, error),
        _ => Ok(()),
    }
}

const SELF_THREAD_CLOSED: &str = "The self thread is not open yet: open Instagram, search your own name and \
    send yourself a message once";

/// The answer came after the send had been moved on: its lease had expired, or its echo was faster.
fn late(tx: &Tx<'_>, send: &SendRow, state: Option<SendState>, fate: &Fate, now: Now) -> Result<(), StoreError> {
    let unsettled = state.is_some_and(SendState::is_unsettled);
    match fate {
        Fate::Sent { mid } => {
            // Whatever happened meanwhile, this mid is ours.
            reclaim(tx, send, mid)?;
            sends::settle(tx, send.id, Some(mid), false, "its answer came late")?;
            settle::leave_lane(tx, send.id)
        }
        Fate::Refused { error } if unsettled => {
            sends::end_call(tx, send.id, SendState::Failed, None, Some(&error.to_string()), end(now))?;
            settle::leave_lane(tx, send.id)
        }
        _ => Ok(()),
    }
}

/// The process died during the call of this job, or the call outlived its lease.
pub(super) fn interrupted(tx: &Tx<'_>, job_id: JobId, now: Now, reason: &str) -> Result<(), StoreError> {
    let Some(send) = sends::find_by_job(tx, job_id)? else {
        OUTBOX.cancel(tx, job_id)?;
        return Ok(());
    };
    if send.state != SendState::Calling {
        // Settled meanwhile; or leased and not begun, which cannot happen in one transaction.
        return if send.state == SendState::Ready {
            Ok(())
        } else {
            settle::leave_lane(tx, send.id)
        };
    }
    if send.place.is_none() {
        // A typing sign or a reaction: repeating it is harmless.
        sends::set_state(tx, send.id, SendState::Ready, Some(reason))?;
        return Ok(());
    }
    let ended = latest_end(&send, now);
    sends::end_call(tx, send.id, SendState::InDoubt, None, Some(reason), ended)?;
    check_soon(tx, &send, now)?;
    OUTBOX.reschedule(tx, job_id, NEVER)?;
    Ok(())
}

/// The latest that an interrupted call can have reached Instagram: its time-out after its start. If
/// world time was moved meanwhile, as far as the move reaches.
fn latest_end(send: &SendRow, now: Now) -> CallEnd {
    let started_ms = send.call_started_at_ms.unwrap_or(now.process_ms);
    let started_world_ms = send.call_started_world_ms.unwrap_or(now.world_ms);
    let offset_then = started_world_ms.saturating_sub(started_ms);
    let offset_now = now.world_ms.saturating_sub(now.process_ms);
    let moved = offset_now.saturating_sub(offset_then).max(0);
    CallEnd {
        // The doubt begins now: that is what blocks the lane.
        ended_at_ms: now.process_ms,
        ended_world_ms: started_world_ms.saturating_add(CALL_TIMEOUT_MS).saturating_add(moved),
    }
}

/// A step without a message is done.
pub(super) fn step_done(tx: &Tx<'_>, leased: &Leased, send: &SendRow, now: Now) -> Result<(), StoreError> {
    sends::end_call(tx, send.id, SendState::Sent, None, None, end(now))?;
    finish(tx, leased, send)
}

/// A send is given up, with the reason for people.
pub(super) fn give_up(tx: &Tx<'_>, leased: &Leased, send: &SendRow, reason: &str, now: Now) -> Result<(), StoreError> {
    sends::end_call(tx, send.id, SendState::Failed, None, Some(reason), end(now))?;
    finish(tx, leased, send)
}

/// Gives up the place in the lane.
fn finish(tx: &Tx<'_>, leased: &Leased, send: &SendRow) -> Result<(), StoreError> {
    match OUTBOX.done(tx, leased) {
        Ok(()) => sends::set_job(tx, send.id, None),
        Err(QueueError::LeaseOver(_)) => settle::leave_lane(tx, send.id),
        Err(error) => Err(error.into()),
    }
}

/// Belt and braces: should an event with this mid have been decided as the person's, it is marked as
/// ours and its answers that were not called yet are taken back.
fn reclaim(tx: &Tx<'_>, send: &SendRow, mid: &str) -> Result<(), StoreError> {
    for event_id in events::reclaim(tx, &send.account, mid, "the answer of our own call told this id")? {
        tracing::warn!(
            event.id = event_id,
            send.id = send.id,
            "an echo of ours had been taken for the person's"
        );
        for answer in sends::list_ready_of_event(tx, event_id)? {
            sends::set_state(tx, answer.id, SendState::Cancelled, Some("it answered our own words"))?;
            settle::leave_lane(tx, answer.id)?;
        }
    }
    Ok(())
}

/// Remembers what the answer taught about the account's host.
fn learn(tx: &Tx<'_>, send: &SendRow, ended: &Ended, now: Now) -> Result<(), StoreError> {
    if ended.standard_form_works {
        ledger_accounts::use_standard_form(tx, &send.account)?;
    }
    let Some(date) = ended.date else { return Ok(()) };
    // `Date` is in whole seconds: half a second is the best guess for the rest.
    let skew_ms = date.as_millisecond().saturating_add(500).saturating_sub(now.world_ms);
    let known = ledger_accounts::load(tx, &send.account)?.skew_ms;
    if known.is_none_or(|known| known.abs_diff(skew_ms) > SKEW_NOISE_MS) {
        ledger_accounts::learn_skew(tx, &send.account, skew_ms)?;
    }
    Ok(())
}

/// Differences of skew that the resolution of `Date` explains.
const SKEW_NOISE_MS: u64 = 1_000;

fn check_soon(tx: &Tx<'_>, send: &SendRow, now: Now) -> Result<(), StoreError> {
    let first = CHECKS_AFTER_MS.first().copied().unwrap_or_default();
    // The conversations edge never lists the self thread; replies are always listed.
    let can_check = !send.own || send.kind == "text" && send.place.as_deref().is_some_and(is_comments);
    sends::set_next_check(tx, send.id, can_check.then(|| now.process_ms.saturating_add(first)))
}

fn is_comments(place: &str) -> bool {
    place.starts_with("c:")
}

const fn end(now: Now) -> CallEnd {
    CallEnd {
        ended_at_ms: now.process_ms,
        ended_world_ms: now.world_ms,
    }
}
