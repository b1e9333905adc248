//! Faults on purpose: rules say what may go wrong, a pure function of rules, seed and counter says what does.
//!
//! The same rules and seed give the same faults in the same order. Rules, seed and counter are rows, so a restart goes on
//! where the last process stopped.

mod board;
mod engine;
mod magic;
mod rule;

pub use board::{ChaosBoard, ChaosState};
pub use engine::{Fault, Struck, strike};
pub use magic::{Magic, answer_rule, commands};
pub use rule::{FaultKind, Match, Params, Rule, RuleError, Subject, Target};

pub(crate) use rule::BATCH_MAX;
