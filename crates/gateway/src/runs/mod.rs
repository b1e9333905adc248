//! Automations that take longer than a moment: what a thread remembers between two events, and what
//! waits for a time, an answer or another program.
//!
//! Reading order: `situation` is read before a decision, `apply` writes what it changes in the
//! transaction of its answers, [`Runs`] takes up what has waited long enough.

mod apply;
mod call;
mod situation;
mod worker;

pub use apply::{OWNER_PAUSE, apply, pause_for_owner};
pub use call::{CallRules, Outcalls};
pub use situation::{silenced_account, situation};
pub use worker::Runs;
