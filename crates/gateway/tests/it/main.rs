//! Tests of the gateway through its outside: webhooks in, calls out, the store read back.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod accounts;
mod automations;
mod book;
mod business;
mod checking;
mod forward;
mod graph;
mod graph_calls;
mod graph_passing;
mod instagram;
mod intake;
mod keeping;
mod killed;
mod ledger;
mod ledger_property;
mod mentions;
mod open;
mod pacing;
mod previews;
mod reconciling;
mod recorded;
mod restarts;
mod safety;
mod security;
mod self_messaging_rules;
