//! Routes of this surface. `routes!` registers a handler and documents it in one step.

use axum::Router;
use http::{Method, Uri};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::SimError;
use super::{
    blocks, calls, change_account, change_app, chaos, clock, comment, create_account, create_app, deliveries, dm, edit,
    end_live, export, get_media, grant, hold_deliveries, import, like, openapi, publish_media, react, refer,
    release_deliveries, resend_delivery, reset, revoke_grant, roles, seen, stream, switches, tap, threads, trigger,
    unsend, wait, world,
};
use crate::http::App;
use crate::http::nearest::nearest;

/// The routes.
pub(crate) fn router() -> Router<App> {
    let (router, _) = documented().split_for_parts();
    // Everything below our own segment is ours, unknown paths included: they never reach Graph.
    router
        .route("/_sim", axum::routing::any(unknown))
        .route("/_sim/{*rest}", axum::routing::any(unknown))
        .method_not_allowed_fallback(wrong_method)
}

/// The description of the routes.
pub(crate) fn document() -> OpenApi {
    documented().into_openapi()
}

fn documented() -> OpenApiRouter<App> {
    let info = InfoBuilder::new()
        .title("selfsame /_sim")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The remote control of the local Instagram: people, gestures, deliveries, time and faults.",
        ))
        .build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(world::world))
        .routes(routes!(create_app::create_app))
        .routes(routes!(change_app::change_app))
        .routes(routes!(create_account::create_account))
        .routes(routes!(change_account::change_account))
        .routes(routes!(roles::list_roles, roles::give_role, roles::remove_role))
        .routes(routes!(roles::accept_role))
        .routes(routes!(blocks::list_blocks, blocks::block, blocks::unblock))
        .routes(routes!(publish_media::publish_media))
        .routes(routes!(get_media::get_media))
        .routes(routes!(end_live::end_live))
        .routes(routes!(grant::grant, revoke_grant::revoke_grant))
        .routes(routes!(dm::dm))
        .routes(routes!(tap::tap))
        .routes(routes!(comment::comment))
        .routes(routes!(like::like))
        .routes(routes!(react::react))
        .routes(routes!(refer::refer))
        .routes(routes!(seen::seen))
        .routes(routes!(edit::edit))
        .routes(routes!(unsend::unsend))
        .routes(routes!(trigger::trigger))
        .routes(routes!(threads::threads))
        .routes(routes!(deliveries::deliveries))
        .routes(routes!(resend_delivery::resend_delivery))
        .routes(routes!(hold_deliveries::hold_deliveries))
        .routes(routes!(release_deliveries::release_deliveries))
        .routes(routes!(calls::calls))
        .routes(routes!(wait::wait))
        .routes(routes!(stream::stream))
        .routes(routes!(clock::get_clock, clock::move_clock))
        .routes(routes!(switches::get_switches, switches::put_switches))
        .routes(routes!(chaos::get_chaos, chaos::put_chaos, chaos::delete_chaos))
        .routes(routes!(export::export))
        .routes(routes!(import::import))
        .routes(routes!(reset::reset))
        .routes(routes!(openapi::openapi))
}

async fn unknown(method: Method, uri: Uri) -> SimError {
    let document = document();
    let paths: Vec<&String> = document.paths.paths.keys().collect();
    let guess = nearest(uri.path(), &paths, |path| path.as_str())
        .map(|path| format!("; did you mean {path}?"))
        .unwrap_or_default();
    let words = format!("there is no {method} {}{guess}; see /_sim/openapi.json", uri.path());
    SimError::not_found("unknown_path", words, None)
}

async fn wrong_method(method: Method, uri: Uri) -> SimError {
    let words = format!("{} does not take {method}; see /_sim/openapi.json", uri.path());
    SimError::bad_request("wrong_method", words, None).with_status(http::StatusCode::METHOD_NOT_ALLOWED)
}
