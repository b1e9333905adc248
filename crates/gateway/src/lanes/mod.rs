//! The two lanes of the automations while the gateway runs: the draft, which follows its file, and
//! what is published, which changes only when somebody publishes.

mod draft_file;
mod publish;
mod save;
mod state;

pub use publish::PublishError;
pub use save::SaveError;
pub use state::{DraftState, Lanes, LiveState};
