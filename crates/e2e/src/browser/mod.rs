//! A real Chromium, for tests and for the picture in the README.
//!
//! Waiting is done inside the page, on its changes; nothing here sleeps.

mod driver;
mod tab;

pub use driver::{Browser, Screen};
pub use tab::Tab;
