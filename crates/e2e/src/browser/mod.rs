//! A real Chromium and the real program, for tests and for the picture in the README.
//!
//! Waiting is done inside the page, on its changes; nothing here sleeps.

mod driver;
mod program;
mod tab;

pub use driver::{Browser, Screen};
pub use program::Program;
pub use tab::Tab;
