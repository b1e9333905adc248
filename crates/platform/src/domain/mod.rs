//! The rules of Instagram, pure: they take values and `now`, and return values.
//!
//! Nothing here knows HTTP or the database. Rules that race (one private reply per comment) are checked again
//! as unique constraints inside the transaction that stores the plan.

pub mod access;
pub mod account;
pub mod app;
pub mod authorization;
pub mod caller;
pub mod commenting;
pub mod connection;
pub mod container;
pub mod content;
pub mod delivery;
pub mod identifiers;
pub mod keys;
pub mod limits;
pub mod media;
pub mod media_rules;
pub mod message;
pub mod messaging;
pub mod messenger_profile;
pub mod notification;
pub mod private_reply;
pub mod reactions;
pub mod requirements;
pub mod retries;
pub mod sample;
pub mod sending;
pub mod thread;
pub mod view;
pub mod windows;
