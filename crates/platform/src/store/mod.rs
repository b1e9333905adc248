//! The database of the platform. SQL lives here (and in `queue`) and nowhere else.
//!
//! Functions take a connection (reads) or a [`Tx`] (writes), so that a caller composes several of them in one
//! transaction; rows, delivery jobs and stream rows of one gesture commit together.

pub mod accounts;
pub mod apps;
pub mod assets;
pub mod authorization_codes;
pub mod blocks;
mod caller_cache;
pub mod calls;
pub mod chaos;
pub mod comments;
pub mod connections;
pub mod containers;
mod database;
pub mod deliveries;
pub mod delivery_jobs;
pub mod grants;
pub mod likes;
pub mod media;
pub mod messages;
pub mod messenger_profiles;
#[cfg(test)]
mod plans;
pub mod rate_levels;
pub mod receipts;
pub mod retention;
pub mod roles;
pub mod settings;
mod slice;
pub mod stream;
pub mod taps;
pub mod thread_owners;
pub mod threads;
pub mod transfer;

pub use database::{Durability, Failure, Store, StoreError, Tx};
pub use slice::Slice;
