//! Records what an engine asks for, waits for its end, and tells it in Meta's words.

use selfsame_runtime::clock::ProcessTime;
use selfsame_runtime::db::{Durability, WriteError};
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::IgScopedId;

use super::answer::Refusal;
use super::door::Call;
use super::messages::is_killed;
use crate::automation::PlannedStep;
use crate::outbox::limits::CALL_TIMEOUT_MS;
use crate::outbox::state::SendState;
use crate::outbox::{RequestedSend, RequestedSendError, Waiter, record_request, withdraw};
use crate::store::sends::{self, SendRow};
use crate::store::{StoreError, sends as ledger};

/// How long an engine's send may wait for its turn, in milliseconds of process time. With the call itself
/// it stays below the half minute after which most HTTP clients give up.
const TURN_WITHIN_MS: i64 = 10_000;
/// How often the ledger is looked at without being woken, in milliseconds of process time.
const LOOK_EVERY_MS: i64 = 250;

/// Whom an engine's request is about.
pub(super) struct Asked {
    /// The person, where known.
    pub(super) person: Option<IgScopedId>,
    /// Whether that is the owner herself.
    pub(super) own: bool,
    /// What it is about when the person is not known: a comment or a post.
    pub(super) place_of: Option<String>,
}

/// What Instagram told of one send.
pub(super) struct Told {
    /// The message or comment that it became.
    pub(super) id: Option<String>,
    /// Whom it reached.
    pub(super) recipient: Option<String>,
}

/// How far a request has come.
enum Progress {
    Sent(Vec<Told>),
    Refused(Refusal),
    /// Nothing of it can be called any more; something may have been.
    InDoubt,
    Waits {
        is_ready: bool,
    },
}

/// Nothing is sent while the kill switch is on.
pub(super) async fn refuse_while_killed(call: &Call) -> Result<(), Refusal> {
    if is_killed(call).await? {
        return Err(Refusal::new(
            GraphError::temporary(),
            "the kill switch is on: nothing is sent. PUT /api/v1/kill-switch turns it off",
        ));
    }
    Ok(())
}

/// Writes the steps into the ledger, waits until Instagram has answered, and gives what it told.
pub(super) async fn ask(call: &Call, asked: &Asked, steps: Vec<PlannedStep>) -> Result<Vec<Told>, Refusal> {
    let app = &call.app;
    let now_ms = app.process.now().as_millis();
    let call_before_ms = now_ms.saturating_add(TURN_WITHIN_MS);
    let person = asked.person.clone().unwrap_or_else(|| {
        // Nobody's thread: what is said about one comment keeps its own order.
        IgScopedId::new(asked.place_of.clone().unwrap_or_default())
    });
    let request = RequestedSend {
        account: call.speaker.account.ig_id.clone(),
        person,
        own: asked.own,
        idempotency_key: call.idempotency_key.clone(),
        steps,
        reason: "asked for by your own engine",
        call_before_ms: Some(call_before_ms),
        now_ms,
        now_world_ms: app.world.now_ms(),
    };
    let written = app
        .database
        .write(Durability::Durable, move |tx| {
            let (event_id, _repeated) = record_request(tx, &request)?;
            let send_ids = ledger::list_of_event(tx, event_id)?.into_iter().map(|send| send.id);
            Ok::<_, RequestedSendError>((event_id, send_ids.collect::<Vec<_>>()))
        })
        .await;
    let (event_id, send_ids) = written.map_err(|error| match error {
        WriteError::Refused(RequestedSendError::KeyUsedOtherwise) => Refusal::new(
            GraphError::invalid_parameter(call.speaker.flow, "Idempotency-Key was used for another request"),
            "this idempotency key was used for another message; use a new one for each",
        ),
        WriteError::Refused(RequestedSendError::Store(error)) => error.into(),
        WriteError::Store(error) => StoreError::from(error).into(),
    })?;
    let waiter = app.waiting.wait_for(send_ids);
    app.outbox_bell.ring();
    let end = wait(call, event_id, &waiter, call_before_ms).await;
    call.told_usage(&waiter.usage());
    end
}

async fn wait(call: &Call, event_id: i64, waiter: &Waiter, call_before_ms: i64) -> Result<Vec<Told>, Refusal> {
    let app = &call.app;
    let until_ms = call_before_ms.saturating_add(CALL_TIMEOUT_MS);
    loop {
        let rows = app
            .database
            .read(move |connection| sends::list_of_event(connection, event_id))
            .await?;
        let now_ms = app.process.now().as_millis();
        match progress(&rows) {
            Progress::Sent(told) => return Ok(told),
            Progress::Refused(refusal) => return Err(refusal),
            Progress::InDoubt | Progress::Waits { is_ready: false } if now_ms >= until_ms => {
                return Err(Refusal::new(
                    GraphError::invalid_reply_although_sent(),
                    "nobody knows whether Instagram accepted it: do not send it again by yourself; \
                     GET /api/v1/messages?state=in_doubt shows it",
                ));
            }
            Progress::Waits { is_ready: true } if now_ms >= call_before_ms => {
                withdraw_all(call, rows).await?;
            }
            Progress::InDoubt | Progress::Waits { .. } => {
                let look_again = ProcessTime::from_millis(now_ms.saturating_add(LOOK_EVERY_MS));
                tokio::select! {
                    () = waiter.woken() => {}
                    () = app.process.sleep_until(look_again) => {}
                }
            }
        }
    }
}

/// What has not been called yet is taken back, so that a caller who tries again does not send it twice.
async fn withdraw_all(call: &Call, rows: Vec<SendRow>) -> Result<(), Refusal> {
    call.app
        .database
        .write(Durability::Durable, move |tx| {
            for row in rows {
                withdraw(tx, row.id)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

fn progress(rows: &[SendRow]) -> Progress {
    let mut told = Vec::new();
    let mut in_doubt = false;
    for row in rows {
        match row.state {
            SendState::Sent => told.push(Told {
                id: row.mid.clone(),
                recipient: row.recipient.clone(),
            }),
            SendState::Failed | SendState::Cancelled => return Progress::Refused(refusal_of(row)),
            SendState::InDoubt | SendState::Parked | SendState::SentAgain => in_doubt = true,
            SendState::Ready | SendState::Calling => {
                return Progress::Waits {
                    is_ready: row.state == SendState::Ready,
                };
            }
        }
    }
    if in_doubt {
        Progress::InDoubt
    } else {
        Progress::Sent(told)
    }
}

fn refusal_of(row: &SendRow) -> Refusal {
    let why = row.reason.clone().unwrap_or_else(|| "it was not sent".to_owned());
    match row.refusal.as_deref().and_then(sends::refusal) {
        Some(error) => Refusal::new(error, why),
        None => Refusal::new(GraphError::temporary(), format!("{why}; try again later")),
    }
}
