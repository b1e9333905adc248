//! Errors of the Graph API: written by the platform, read and classified by the client
//! (contract "Errors").

mod answers;
mod classify;
mod envelope;
mod recorded;

pub use classify::ErrorClass;
pub use envelope::{Challenge, GraphError};
pub use recorded::{Dialect, RECORDED, Recorded};
