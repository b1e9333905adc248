//! Checks an automations file and compiles it.

mod compiler;
mod conditions;
mod extent;
mod lint;
mod source;
mod steps;

pub use compiler::version_of;
