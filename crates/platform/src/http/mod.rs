//! HTTP of the platform. `axum` stays below this module.

mod app;
mod health;
mod chaos;
mod journal;
mod media_file;
mod public_base;
mod route;
mod walls;
pub(crate) mod graph;
pub(crate) mod oauth;
pub(crate) mod sim;
pub(crate) mod ui;

pub(crate) use app::App;
pub(crate) use journal::CallSubject;
pub(crate) use public_base::PublicBase;
pub(crate) use route::router;
pub(crate) use walls::walls;
