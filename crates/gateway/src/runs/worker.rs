//! Takes up runs whose time has come.

use selfsame_queue::Doorbell;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::{Database, Durability, Tx};

use super::apply::apply;
use super::call::{CallEnd, Outcalls};
use super::situation::situation;
use crate::automation::{self, Awaiting, Decision, Outcome, PlannedCall, Resumption, Run, Situation, Trace, TraceNote};
use crate::forward::{self, Target};
use crate::outbox::plan::{self, Cause};
use crate::outbox::state::EventState;
use crate::store::runs::{self, RunRow};
use crate::store::{StoreError, events, previews, settings};

/// The notes of one trace: a conversation of many questions goes on under one event.
const MOST_NOTES: usize = 300;
/// The runs of one step.
const AT_ONCE: u32 = 32;
/// How often a call is made at most.
const MOST_CALLS: u32 = 3;
/// How long before a call that failed, or of which nobody heard, is made again, in milliseconds of
/// process time; longer than any call takes.
const CALL_AGAIN_MS: i64 = 15_000;

/// Everything the runs work with. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct Runs {
    /// The gateway's database.
    pub database: Database,
    /// World time: waits and time-outs of questions.
    pub world: WorldClock,
    /// Process time: repeated calls.
    pub process: ProcessClock,
    /// Makes the calls of `http` steps.
    pub outcalls: Outcalls,
    /// Where events go in place of the automations, unless said otherwise for their account.
    pub forward: Option<Target>,
    /// Rung when a run may go on.
    pub bell: Doorbell,
    /// Rung when something may be sent.
    pub outbox_bell: Doorbell,
}

/// A call that is to be made now.
pub(crate) struct DueCall {
    row: RunRow,
    run: Run,
    call: PlannedCall,
}

impl Runs {
    /// Takes up what has waited long enough, and makes the calls that are due, all at the same time; answers how many runs that
    /// were.
    pub async fn runs_once(&self) -> Result<usize, StoreError> {
        let n_taken_up = self.take_up_due().await?;
        let calls = self.lease_calls(AT_ONCE).await?;
        let count = n_taken_up.saturating_add(calls.len());
        let ends = calls.into_iter().map(|call| self.make(call));
        for end in futures_util::future::join_all(ends).await {
            end?;
        }
        Ok(count)
    }

    /// Takes up what has waited long enough for a time or an answer, and leases calls that are due, at most `limit`.
    pub(crate) async fn lease(&self, limit: u32) -> Result<Vec<DueCall>, StoreError> {
        if self.take_up_due().await? > 0 {
            // There may be more, or they may go on with a call.
            self.bell.ring();
        }
        self.lease_calls(limit).await
    }

    /// Makes a call and writes down what follows from its end.
    pub(crate) async fn make(&self, due: DueCall) -> Result<(), StoreError> {
        let DueCall { row, run, call } = due;
        let resumption = match self.outcalls.make(&call, &format!("selfsame-run-{}", row.id)).await {
            CallEnd::Over(resumption) => resumption,
            CallEnd::TryAgain(reason) if row.attempts + 1 < MOST_CALLS => {
                tracing::info!(run = row.id, reason, "a call failed and is made again");
                return Ok(());
            }
            CallEnd::TryAgain(reason) => Resumption::CallFailed(reason),
        };
        self.end(row, Some((run, resumption))).await?;
        self.bell.ring();
        self.outbox_bell.ring();
        Ok(())
    }

    async fn take_up_due(&self) -> Result<usize, StoreError> {
        let due = self.list_due(false, AT_ONCE).await?;
        let count = due.len();
        let ends = due.into_iter().map(|row| {
            let resumed = read(&row).map(|run| (run, Resumption::TimeCame));
            self.end(row, resumed)
        });
        for end in futures_util::future::join_all(ends).await {
            end?;
        }
        if count > 0 {
            self.outbox_bell.ring();
        }
        Ok(count)
    }

    /// Notes durably, of each call that is due, that it is about to be made: it is made again only when nobody hears of it for long
    /// enough.
    async fn lease_calls(&self, limit: u32) -> Result<Vec<DueCall>, StoreError> {
        let mut due = Vec::new();
        for row in self.list_due(true, limit).await? {
            match read(&row) {
                Some(run) => match run.awaiting.clone() {
                    Awaiting::Call { call } => due.push(DueCall { row, run, call }),
                    Awaiting::Time { .. } | Awaiting::Answer { .. } => self.end(row, None).await?,
                },
                None => self.end(row, None).await?,
            }
        }
        if due.is_empty() {
            return Ok(due);
        }
        let again_ms = self.process.now().as_millis().saturating_add(CALL_AGAIN_MS);
        self.database
            .write(Durability::Durable, move |tx| {
                let mut begun = Vec::with_capacity(due.len());
                for call in due {
                    if runs::begin_call(tx, call.row.id, again_ms)? {
                        begun.push(call);
                    }
                }
                Ok::<_, StoreError>(begun)
            })
            .await
            .map_err(StoreError::from)
    }

    async fn list_due(&self, calls: bool, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        let (now_world_ms, now_ms) = (self.world.now_ms(), self.process.now().as_millis());
        self.database
            .read(move |connection| {
                if limit == 0 || settings::kill_switch(connection)? {
                    return Ok(Vec::new());
                }
                runs::list_due(connection, calls, now_world_ms, now_ms, limit)
            })
            .await
            .map_err(StoreError::from)
    }

    /// Takes the run away and writes down what follows from it, in one transaction.
    async fn end(&self, row: RunRow, resumed: Option<(Run, Resumption)>) -> Result<(), StoreError> {
        let (now, now_ms) = (self.world.now(), self.process.now().as_millis());
        let of_gateway = self.forward.clone();
        self.database
            .write(Durability::Relaxed, move |tx| {
                if !runs::take(tx, row.id)? {
                    return Ok(());
                }
                let Some((run, resumption)) = resumed else {
                    return Ok(());
                };
                if forward::target(tx, &row.account, of_gateway.as_ref())?.is_some()
                    && !previews::is_of_automations(tx, row.event_id, now_ms)?
                {
                    // An engine answers this account now; what an automation still wanted to say is over.
                    return Ok(());
                }
                let own = run.context.own;
                let situation = situation(tx, &row.account, &row.person, own, now, now_ms)?;
                go_on(tx, &row, run, resumption, &situation, now, now_ms)
            })
            .await
            .map_err(StoreError::from)
    }
}

/// The run of a row; none: it cannot be read any more, and is given up.
fn read(row: &RunRow) -> Option<Run> {
    let run = serde_json::from_str(&row.run).ok();
    if run.is_none() {
        tracing::error!(run = row.id, "a waiting run cannot be read any more; it is given up");
    }
    run
}

fn go_on(
    tx: &Tx<'_>,
    row: &RunRow,
    run: Run,
    resumption: Resumption,
    situation: &Situation,
    now: jiff::Timestamp,
    now_ms: i64,
) -> Result<(), StoreError> {
    if let Some(reason) = &situation.silenced {
        // A human has the thread; what the automation still wanted to say would talk over her.
        let note = TraceNote {
            code: "given_up".to_owned(),
            text: format!("does not go on: {reason}"),
        };
        return tell(tx, row.event_id, vec![note]);
    }
    let own = run.context.own;
    let decision = automation::resume(run, resumption, &situation.variables, now);
    tell(tx, row.event_id, decision.trace.notes.clone())?;
    match &decision.outcome {
        Outcome::Failed { reason } => {
            let reason = Some(reason.as_str());
            events::settle(tx, row.event_id, EventState::Failed, reason, None, now_ms)
        }
        Outcome::Answers | Outcome::NoRule | Outcome::Withheld { .. } => record(tx, row, own, &decision, now, now_ms),
    }
}

/// Adds to the trace of the event that a run goes on with.
fn tell(tx: &Tx<'_>, event_id: i64, notes: Vec<TraceNote>) -> Result<(), StoreError> {
    let stored = events::trace(tx, event_id)?;
    let Some(mut trace) = stored.and_then(|json| serde_json::from_str::<Trace>(&json).ok()) else {
        return Ok(());
    };
    let room = MOST_NOTES.saturating_sub(trace.notes.len());
    trace.notes.extend(notes.into_iter().take(room));
    events::set_trace(tx, event_id, &serde_json::to_string(&trace).unwrap_or_default())
}

fn record(
    tx: &Tx<'_>,
    row: &RunRow,
    own: bool,
    decision: &Decision,
    now: jiff::Timestamp,
    now_ms: i64,
) -> Result<(), StoreError> {
    let cause = Cause {
        event_id: row.event_id,
        account: &row.account,
        person: &row.person,
        own,
        media: None,
        now_ms,
        now_world_ms: now.as_millisecond(),
    };
    let first = runs::next_step_index(tx, row.event_id)?;
    if first == 0 && !decision.steps.is_empty() {
        events::set_silent(tx, row.event_id, false)?;
    }
    plan::record_from(tx, &cause, first, &decision.steps)?;
    apply(tx, &row.account, &row.person, row.event_id, &decision.changes, now)
}
