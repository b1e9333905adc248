//! HTTP of the platform. `axum` stays below this module.

mod app;
mod route;
pub(crate) mod graph;
pub(crate) mod oauth;
pub(crate) mod sim;
pub(crate) mod ui;

pub(crate) use app::App;
pub(crate) use route::router;
