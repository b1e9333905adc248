//! The routes of preview pages.

use axum::Router;
use axum::routing::{get, post};

use super::{change, conversation, page};
use crate::http::App;

/// What a link opens: its signature decides, not who calls from where.
pub fn router() -> Router<App> {
    Router::new()
        .route("/preview/{token}", get(page::page))
        .route("/preview/{token}/live", get(page::live))
        .route("/preview/{token}/send", post(conversation::send))
        .route("/preview/{token}/tap", post(conversation::tap))
        .route("/preview/{token}/comment", post(conversation::comment))
        .route("/preview/{token}/wait", post(conversation::wait))
        .route("/preview/{token}/restart", post(conversation::restart))
        .route("/preview/{token}/publish", post(change::publish))
        .route("/preview/{token}/end", post(change::end))
}
