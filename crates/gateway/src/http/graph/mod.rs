//! `/graph`: the Graph API for somebody's own engine behind the gateway, as far as a bot needs it.
//!
//! Paths, bodies and answers are Meta's, so that a bot changes its base URL and its access token and nothing
//! else. What it sends goes through the outbox: the ledger is written before Instagram is called, which
//! is what keeps the bot's own words from coming back to it as the owner's. What it reads, uploads and
//! changes goes on to Instagram with the account's own token, which it never sees (`pass`, `conceal`).
//!
//! Every refusal carries `X-Selfsame-Why`: the cause, and what to do.

mod answer;
mod authenticate;
mod batch;
mod body;
mod comments;
mod conceal;
mod door;
mod ending;
mod messages;
mod parameters;
mod pass;
mod room;
mod upload;

use axum::Router;
use axum::routing::any;

use super::App;

pub use authenticate::digest_of_key;
pub use body::UPLOAD_BYTES_MAX;
pub use room::Room;

/// The routes of this surface.
pub fn router() -> Router<App> {
    Router::new()
        .route("/graph", any(door::answer))
        .route("/graph/{*path}", any(door::answer))
}
