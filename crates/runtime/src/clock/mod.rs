//! The two clocks. *World time* can be moved and frozen: windows, tokens, due times, timestamps.
//! *Process time* is real and never moved: leases, time-outs, holds.
//!
//! This folder is the only place in the workspace that reads the machine's clock.

mod machine;
mod process;
mod world;

pub use process::{Elapsed, ProcessClock, ProcessTime};
pub use world::{ClockError, ClockStatus, KeptTime, WorldClock};
