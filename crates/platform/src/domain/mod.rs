//! The rules of Instagram, pure: they take values and `now`, and return values.
//!
//! Nothing here knows HTTP or the database. Rules that race (one private reply per comment) are checked again
//! as unique constraints inside the transaction that stores the plan.

pub mod identifiers;
pub mod keys;
pub mod account;
pub mod app;
pub mod caller;
pub mod connection;
pub mod message;
pub mod thread;
pub mod media;
pub mod delivery;
pub mod view;
