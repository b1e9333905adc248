//! HTTP of the platform. `axum` stays below this module.

mod app;
mod chaos;
pub(crate) mod graph;
mod health;
mod journal;
mod lost;
mod media_file;
mod nearest;
pub(crate) mod oauth;
mod picture;
mod public_base;
mod route;
pub(crate) mod sim;
pub(crate) mod ui;
mod walls;

pub(crate) use app::App;
pub(crate) use journal::CallSubject;
pub(crate) use public_base::PublicBase;
pub(crate) use route::router;
pub(crate) use sim::IMPORT_BODY;
pub(crate) use walls::walls;
