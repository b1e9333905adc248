//! One port for everything: our own first segments win, the rest is Graph (design §5 "One port").

use axum::Router;

use super::{App, graph, oauth, sim, ui};

/// Every route of the platform.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .merge(sim::router())
        .merge(oauth::router())
        .merge(ui::router())
        .merge(graph::router())
        .with_state(app)
}
