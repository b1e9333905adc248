//! What every handler shares, and the router over all surfaces.

use std::sync::Arc;

use axum::Router;

use crate::config::Config;

use super::{api, connect, ui, webhook};

/// State of every handler. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct App {
    /// The configuration the gateway was opened with.
    pub config: Arc<Config>,
}

/// The routes of all surfaces.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(webhook::router())
        .merge(connect::router())
        .merge(ui::router())
        .merge(api::router())
        .with_state(app)
}
