//! One file per command, or per family of commands: call a library, print what came of it.

mod accounts;
mod automations;
mod blocks;
mod chaos;
mod clock;
mod comment;
mod completions;
mod dead_letters;
mod dispatch;
mod dm;
mod doctor;
mod env;
mod events;
mod export;
mod house;
mod import;
mod keys;
mod listen;
mod man;
mod message_gestures;
mod readyz;
mod reconcile;
mod reset;
mod roles;
mod send;
mod silence;
mod status;
mod switches;
mod tap;
mod trigger;
mod whoami;
mod world;

pub(crate) use dispatch::run;
