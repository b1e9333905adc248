//! A conversation that the engine has with itself: it decides exactly as for a real one, and nothing is sent.

use std::collections::BTreeSet;

use jiff::Timestamp;
use selfsame_wire::ids::IgScopedId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::decide::{decide, resume};
use super::decision::{Decision, Outcome, PlannedStep, Trace, TraceNote};
use super::event::{AccountFacts, PersonEvent, PersonFacts};
use super::gesture::Gesture;
use super::library::Library;
use super::run::{Awaiting, Resumption, Run};
use super::situation::Situation;

/// The most turns of one conversation.
pub const TURN_LIMIT: usize = 100;
/// The most calls of other programs that one turn pretends.
const CALL_LIMIT: usize = 10;
/// The most runs that wait for a time at once.
const WAIT_LIMIT: usize = 20;
/// Whom the owner is answered as, before Instagram has told her own scoped id.
const UNKNOWN_SELF: &str = "self";

/// A conversation so far, fit to be stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// What was done and said, oldest first.
    pub turns: Vec<Turn>,
    /// What the thread remembers.
    situation: Situation,
    /// Runs that wait for a time.
    waiting: Vec<Run>,
}

/// One gesture and what followed from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// What was done; none: a time that an automation waited for was let pass.
    pub gesture: Option<Gesture>,
    /// When, world time.
    pub at: Timestamp,
    /// What would be sent.
    pub steps: Vec<PlannedStep>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why.
    pub trace: Trace,
}

/// Why a turn cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RehearsalError {
    /// The conversation is long enough.
    #[error("a preview has at most {TURN_LIMIT} turns; make a new one")]
    TooLong,
    /// No automation waits for anything.
    #[error("no automation waits for a time or an answer now")]
    NothingWaits,
}

impl Rehearsal {
    /// The owner does something.
    ///
    /// # Errors
    /// The conversation is as long as it may be.
    pub fn take(
        &mut self,
        library: &Library,
        account: &AccountFacts,
        self_igsid: Option<&IgScopedId>,
        gesture: Gesture,
        now: Timestamp,
    ) -> Result<(), RehearsalError> {
        self.check_length()?;
        let person = PersonFacts {
            scoped_id: self_igsid.cloned().unwrap_or_else(|| IgScopedId::new(UNKNOWN_SELF)),
            username: Some(account.username.clone()),
            name: account.name.clone(),
        };
        let event = made_up(account.clone(), person, &gesture, now);
        let decision = decide(library, &event, &self.situation, now);
        self.follow(Some(gesture), decision, now);
        Ok(())
    }

    /// The time passes that an automation waits for, whichever comes first: the end of a `wait`, or the
    /// time-out of a question.
    ///
    /// # Errors
    /// Nothing waits, or the conversation is as long as it may be.
    pub fn let_time_pass(&mut self, now: Timestamp) -> Result<(), RehearsalError> {
        self.check_length()?;
        let first_wait = self
            .waiting
            .iter()
            .enumerate()
            .filter_map(|(position, run)| Some((due(run)?, position)))
            .min();
        let question = self.situation.question.as_ref().and_then(due);
        let run = match (first_wait, question) {
            (Some((at, position)), question) if question.is_none_or(|question| at <= question) => {
                self.waiting.remove(position)
            }
            _ => self.situation.question.take().ok_or(RehearsalError::NothingWaits)?,
        };
        let now = due(&run).unwrap_or(now).max(now);
        let decision = resume(run, Resumption::TimeCame, &self.situation.variables, now);
        self.follow(None, decision, now);
        Ok(())
    }

    /// Until when an automation waits, for a time or an answer; none: nothing waits.
    pub fn waits_until(&self) -> Option<Timestamp> {
        self.waiting
            .iter()
            .chain(self.situation.question.as_ref())
            .filter_map(due)
            .min()
    }

    const fn check_length(&self) -> Result<(), RehearsalError> {
        if self.turns.len() >= TURN_LIMIT {
            return Err(RehearsalError::TooLong);
        }
        Ok(())
    }

    /// Remembers what a decision changes, and goes on over calls, which are not made.
    fn follow(&mut self, gesture: Option<Gesture>, decision: Decision, now: Timestamp) {
        let mut turn = Turn {
            gesture,
            at: now,
            steps: Vec::new(),
            outcome: decision.outcome.clone(),
            trace: decision.trace.clone(),
        };
        turn.trace.notes.clear();
        let mut next = Some(decision);
        let mut n_calls = 0;
        while let Some(decision) = next.take() {
            turn.steps.extend(decision.steps);
            turn.trace.notes.extend(decision.trace.notes);
            turn.outcome = decision.outcome;
            let changes = decision.changes;
            self.situation.variables.extend(changes.variables);
            if changes.question_closed {
                self.situation.question = None;
            }
            let Some(run) = changes.suspended else { continue };
            match &run.awaiting {
                Awaiting::Answer { .. } => self.situation.question = Some(run),
                Awaiting::Time { .. } if self.waiting.len() < WAIT_LIMIT => self.waiting.push(run),
                Awaiting::Time { .. } => turn.note("wait_dropped", "too many automations wait already".to_owned()),
                Awaiting::Call { call } if n_calls < CALL_LIMIT => {
                    n_calls += 1;
                    turn.note(
                        "call_pretended",
                        format!(
                            "a preview calls nobody: {} {} is taken to have answered with nothing",
                            call.method, call.url
                        ),
                    );
                    let answer = Resumption::CallReturned(json!({}));
                    next = Some(resume(run, answer, &self.situation.variables, now));
                }
                Awaiting::Call { .. } => turn.note("calls_dropped", "too many calls in one turn".to_owned()),
            }
        }
        dedup(&mut turn.trace.notes);
        self.turns.push(turn);
    }
}

impl Turn {
    fn note(&mut self, code: &str, text: String) {
        self.trace.notes.push(TraceNote {
            code: code.to_owned(),
            text,
        });
    }
}

/// The event that a made-up gesture of the owner makes.
pub(crate) fn made_up(account: AccountFacts, person: PersonFacts, gesture: &Gesture, now: Timestamp) -> PersonEvent {
    let event = PersonEvent::cleared_by_ledger(account, person, true, now, gesture.trigger());
    if gesture.is_first_contact() {
        event.marked_as_first_contact()
    } else {
        event
    }
}

fn due(run: &Run) -> Option<Timestamp> {
    match &run.awaiting {
        Awaiting::Time { at } => Some(*at),
        Awaiting::Answer { until, .. } => Some(*until),
        Awaiting::Call { .. } => None,
    }
}

/// Every note once: a run that goes on says again what its beginning said.
fn dedup(notes: &mut Vec<TraceNote>) {
    let mut seen = BTreeSet::new();
    notes.retain(|note| seen.insert((note.code.clone(), note.text.clone())));
}
