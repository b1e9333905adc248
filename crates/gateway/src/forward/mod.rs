//! Somebody's own engine behind the gateway: verified, deduplicated, ordered events go to its address
//! in place of the automations, and its answers come back through the Graph-shaped calls of
//! [`crate::http`], which write the ledger first. So the loop guard serves bots in any language.
//!
//! Reading order: [`target()`] says where the events of an account go; the inbox puts a job into the queue in
//! the transaction that decides the event; [`Forwarder`] posts it, signed as Meta signs, in order per
//! thread, until it is taken or buried; `slots` keeps one engine that hangs from delaying others; `shape` is how a self message becomes an ordinary one.
//!
//! An event is handed over at least once: when the process dies between the engine's answer and our
//! commit, the same event comes again, with the same `X-Selfsame-Event`.

mod job;
mod shape;
mod slots;
mod target;
mod worker;

pub use job::{ForwardJob, Handover};
pub use shape::present;
pub use slots::{OFFERS_PER_ENGINE, Slots};
pub use target::{SetBy, Shape, Target, target};
pub use worker::{Forwarder, MOST_ATTEMPTS, forward_once};
