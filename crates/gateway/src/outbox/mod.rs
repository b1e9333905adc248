//! The ledger of everything we say: sends, their calls and what became of them (design §4.3).
//!
//! Reading order: `plan` records what was decided; `worker` leases it by a durable commit and makes
//! the call; `record` writes down how the call ended; `settle` and `look` end doubts; `release` is
//! what people can ask for.

pub mod limits;
pub mod pace;
pub mod plan;
pub mod release;
pub mod state;

mod call;
mod look;
mod record;
mod requested;
pub(crate) mod settle;
mod waiting;
mod worker;

pub use call::Ended;
pub use release::{ReleaseError, decide_again, send_again};
pub use requested::{RequestedSend, RequestedSendError, dismiss_event, dismiss_send, record_request};
pub use waiting::{Waiter, Waiting, withdraw};
pub use worker::{Outbox, Turn, outbox_once};
