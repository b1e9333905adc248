//! `/api/v1`: the gateway's own API (design §5). Errors are `{"error":{"code","message","field"}}`;
//! their codes are stable and described in `docs/errors/`.

mod error;
mod guard;
mod openapi;
pub(in crate::http) mod page;
mod request;
mod route;

mod accounts;
pub(in crate::http) mod automations;
mod checks;
pub(in crate::http) mod deliveries;
pub(in crate::http) mod keys;
pub(in crate::http) mod kill_switch;
pub(in crate::http) mod messages;
mod previews;
mod signature_lab;
mod status;
mod threads;

pub(in crate::http) use accounts::{
    disconnect, find_account, health_of_account, install_webhooks_of, live_health_of_account, view_of_account,
};
pub(crate) use error::ApiError;
pub(in crate::http) use guard::note_use;
pub(in crate::http) use messages::{IDEMPOTENCY_KEY, idempotency_key};
pub use route::router;
