//! Compares what Instagram has with what arrived: messages of persons on the conversations edge, and
//! comments under the newest posts. Reports what is missing, and brings it in by request, through the
//! same door and with the same identity as a webhook, so that what comes twice is decided once.
//!
//! It never sees the self thread: the conversations edge does not list it, and what Instagram does not
//! deliver there is lost (design §4.3, "Outside it").

mod replay;
mod report;
mod run;

pub use replay::body_of;
pub use report::{Gap, GapKind, ReconcileReport, ReconcileState};
pub use run::{LOOK_BACK_HOURS, LOOK_BACK_HOURS_MAX, Reconciler};
