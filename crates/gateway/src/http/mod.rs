//! Everything the gateway answers over HTTP. The only place that knows axum.

pub mod api;
pub mod connect;
pub mod graph;
pub mod preview;
pub mod ui;
pub mod webhook;

mod app;
mod health;

pub use app::{App, router};
pub use graph::{Room as GraphRoom, UPLOAD_BYTES_MAX};
