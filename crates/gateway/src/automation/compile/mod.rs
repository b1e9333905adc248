//! Checks an automations file and compiles it.

mod compiler;
mod conditions;
mod lint;
mod source;
mod steps;
