//! From raw bodies to decided events: splitting, recognising who spoke, deciding.
//!
//! Reading order: the splitter cuts raw bodies into one job per event; the worker leases the heads of
//! all lines, and decides each event in one transaction with everything that follows from it.

pub mod recognise;

mod desk;
mod echo;
mod held;
mod job;
mod keys;
mod replay;
mod splitter;
mod trigger;
mod worker;

pub use desk::{Handled, IgnoredBecause};
pub use held::HeldEvents;
pub use job::{EventJob, Origin};
pub use keys::{account_of_line, comments_place, lane, mentions_place, thread_place};
pub use replay::{ReplayError, Replayed, replay};
pub use splitter::split_once;
pub use worker::{Inbox, inbox_once};
