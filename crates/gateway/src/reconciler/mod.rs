//! Compares what Instagram has with what arrived: messages of persons on the conversations edge, and
//! comments under the newest posts. Reports what is missing, and brings it in by request, through the
//! same door and with the same identity as a webhook, so that what comes twice is decided once.
//!
//! What the business wrote itself is compared too: it comes in as an echo, so the ledger says whether it was us.
//! The self thread is compared where Instagram lists it among the conversations, which by default it does not:
//! what is not delivered there is lost then (design §4.3, "Outside it").

mod replay;
mod report;
mod run;

pub use replay::body_of;
pub use report::{Gap, GapKind, ReconcileReport, ReconcileState};
pub use run::{GapReplayError, LOOK_BACK_HOURS, LOOK_BACK_HOURS_MAX, Reconciler, ReplayedGaps};
