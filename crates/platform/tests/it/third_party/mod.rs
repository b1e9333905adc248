//! Crates that nobody here wrote read what the platform says: an OAuth client, a webhook receiver, a model of Graph errors.

mod errors;
mod login;
mod webhooks;
