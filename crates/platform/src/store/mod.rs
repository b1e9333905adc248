//! The database of the platform. SQL lives here (and in `queue`) and nowhere else.
//!
//! Functions take a connection (reads) or a [`Tx`] (writes), so that a caller composes several of them in one
//! transaction; rows, delivery jobs and stream rows of one gesture commit together.

mod caller_cache;
mod database;
pub mod settings;
pub mod apps;
pub mod accounts;
pub mod grants;
pub mod authorization_codes;
pub mod roles;
pub mod connections;
pub mod threads;
pub mod messages;
pub mod media;
pub mod comments;
pub mod blocks;
pub mod deliveries;
pub mod receipts;
pub mod delivery_jobs;
pub mod messenger_profiles;
pub mod assets;
pub mod stream;
pub mod taps;
pub mod calls;
pub mod chaos;

pub use database::{Durability, Failure, Store, StoreError, Tx};
