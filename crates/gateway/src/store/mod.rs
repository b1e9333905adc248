//! The database of the gateway. SQL lives here and nowhere else.

pub mod accounts;
pub mod api_keys;
pub mod arrivals;
pub mod automations;
pub mod engine_keys;
pub mod erasure;
pub mod events;
pub mod failed_signatures;
pub mod forwards;
pub mod ledger_accounts;
pub mod messages;
pub mod people;
pub mod previews;
pub mod queues;
pub mod raw_deliveries;
pub mod reconciliations;
pub mod retention;
pub mod runs;
pub mod schema;
pub mod sends;
pub mod settings;
pub mod status;
pub mod threads;
pub mod world_time;

mod error;

pub use error::StoreError;
