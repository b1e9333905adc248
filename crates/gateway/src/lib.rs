//! The business half of the house: it takes Instagram's webhooks in without losing one, knows which
//! self messages the owner typed and which it sent itself, lets the automations decide, and sends.
//!
//! What it does not do: it never depends on the platform half and has no special case for it. Against
//! the local platform and against Meta's hosts it runs the same code, told apart by configuration.
//!
//! The straight line of an event, in reading order: [`http`] commits the raw body and answers 200;
//! [`inbox`] splits it, recognises who spoke and asks [`automation`] what to do; [`outbox`] sends.
//! [`store`] is the only place that speaks SQL.

pub mod account_book;
pub mod api_key;
pub mod automation;
pub mod checks;
pub mod config;
pub mod forward;
pub mod http;
pub mod inbox;
pub mod lanes;
pub mod metrics;
pub mod onboarding;
pub mod outbox;
pub mod previews;
pub mod reconciler;
pub mod runs;
pub mod sealing;
pub mod shelf;
pub mod signature_lab;
pub mod store;
pub mod world_time;

mod gateway;
mod workers;

pub use config::Config;
pub use gateway::{Gateway, OpenError};
