//! One port for everything (design §5 "One port"): Meta's Graph names and their `*.localhost` twins mean Graph alone; on any other
//! name our own first segments win and the rest is Graph. `/` is Graph when it carries a batch, `ids` or a token.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use http::Method;
use selfsame_runtime::http::Surface;
use tower::{ServiceExt as _, service_fn};

use super::chaos::strike_call;
use super::journal::record_call;
use super::{App, graph, health, lost, media_file, oauth, picture, sim, ui};

/// Every route of the platform, each behind its walls.
pub(crate) fn router(app: App) -> Router {
    let private = app.walls.around(
        Surface::Private,
        sim::router().merge(ui::router()).merge(health::metrics()),
    );
    // Dialogs are drawn with the same style sheet, under Meta's names too.
    let dialogs = app.walls.around(Surface::Dialog, oauth::dialogs().merge(ui::assets()));
    let tokens = oauth::tokens().layer(from_fn_with_state(app.clone(), record_call));
    let graph = graph::router()
        .layer(from_fn_with_state(app.clone(), strike_call))
        .layer(from_fn_with_state(app.clone(), record_call));
    // Under Meta's names too, because what the API answers there leads there; of media of messages the signature is the wall.
    let files = media_file::router().merge(picture::router());
    let probes = app.walls.around(Surface::Machine, health::probes());
    // Clients also open the dialog on api.instagram.com.
    let graph_alone = dialogs
        .clone()
        .merge(tokens.clone())
        .merge(graph.clone())
        .merge(files.clone())
        .with_state(app.clone());
    let graph: Router = graph.with_state(app.clone());
    let unclaimed = service_fn(move |request: Request| {
        let graph = graph.clone();
        async move {
            match lost::served(request.uri().path()) {
                Some(served) => Ok(lost::answer(&request, served)),
                None => answer(graph, request).await,
            }
        }
    });
    let everything = private
        .merge(probes)
        .merge(files)
        .merge(dialogs)
        .merge(tokens)
        .fallback_service(unclaimed)
        .with_state(app);
    Router::new().fallback_service(service_fn(move |request: Request| {
        let router = if is_graph(&request) {
            graph_alone.clone()
        } else {
            everything.clone()
        };
        answer(router, request)
    }))
}

async fn answer(router: Router, request: Request) -> Result<Response, Infallible> {
    router.oneshot(request).await
}

/// Whether a request is Graph's whatever its path says.
fn is_graph(request: &Request) -> bool {
    let (parts_host, path) = (graph::flow_of_request(request), request.uri().path());
    if parts_host.is_some() {
        return true;
    }
    let names_a_call = |query: &str| {
        form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| matches!(name.as_ref(), "ids" | "access_token" | "batch"))
    };
    path == "/" && (request.method() == Method::POST || request.uri().query().is_some_and(names_a_call))
}
