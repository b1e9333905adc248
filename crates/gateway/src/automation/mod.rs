//! Automations: what a person did in, what the business answers out.
//!
//! Pure: no web server, no database, no HTTP client, no clock. Everything here takes values and
//! `now` and returns values, so that previews, tests and both lanes run the very same engine.
//!
//! Reading order: a file is read ([`Library::compile`]), a [`PersonEvent`] comes in, [`decide()`]
//! finds the automation and runs it, a [`Decision`] goes out.

mod decision;
mod event;
mod situation;

mod document;
mod problem;
mod read;
mod schema;

mod compile;
mod fold;
mod index;
mod library;
mod program;
mod texts;

mod answer;
mod decide;
mod gesture;
mod message;
mod rehearsal;
mod run;
mod why_not;

pub use compile::version_of;
pub use decide::{decide, resume};
pub use decision::{Decision, Outcome, PlannedStep, RelayTo, RuleReference, Trace, TraceNote};
pub use event::{
    AccountFacts, CommentFacts, Lane, MentionFacts, MessageFacts, PersonEvent, PersonFacts, PostbackFacts, Trigger,
};
pub use gesture::{GESTURE_LIMIT_CHARS, Gesture};
pub use library::{AutomationSummary, Library};
pub use message::{Fitted, OutgoingDraft, fit_message};
pub use problem::{Problem, Problems, Severity};
pub use read::FILE_LIMIT_BYTES;
pub(crate) use rehearsal::made_up;
pub use rehearsal::{Rehearsal, RehearsalError, TURN_LIMIT, Turn};
pub use run::{AskedQuestion, Awaiting, PlannedCall, Resumption, Run, RunContext};
pub use schema::schema;
pub use situation::{Changes, Situation};

/// The automations of the demo world (design §5).
pub const DEMO: &str = include_str!("demo.yaml");

#[cfg(test)]
mod tests;
