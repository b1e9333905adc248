//! Tests of the gateway through its outside: webhooks in, calls out, the store read back.

mod book;
mod instagram;
mod intake;
mod ledger;
mod ledger_property;
mod open;
