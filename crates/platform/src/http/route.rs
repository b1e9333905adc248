//! One port for everything: our own first segments win, the rest is Graph (design §5 "One port").

use axum::Router;
use axum::middleware::from_fn_with_state;
use selfsame_runtime::http::Surface;

use super::chaos::strike_call;
use super::journal::record_call;
use super::{App, graph, health, oauth, sim, ui};

/// Every route of the platform, each behind its walls.
pub(crate) fn router(app: App) -> Router {
    let private = app.walls.around(Surface::Private, sim::router().merge(ui::router()).merge(health::metrics()));
    let dialogs = app.walls.around(Surface::Dialog, oauth::dialogs());
    let tokens = oauth::tokens().layer(from_fn_with_state(app.clone(), record_call));
    let graph = graph::router()
        .layer(from_fn_with_state(app.clone(), strike_call))
        .layer(from_fn_with_state(app.clone(), record_call));
    let probes = app.walls.around(Surface::Machine, health::probes());
    private.merge(probes).merge(dialogs).merge(tokens).merge(graph).with_state(app)
}
