//! Routes of this surface: with and without version, with and without trailing slash.

use axum::Router;
use axum::routing::{any, get};

use super::access_token::access_token;
use super::debug_token::debug_token;
use super::dialog::{answer_facebook, answer_instagram, ask_facebook, ask_instagram};
use super::instagram_tokens::{exchange_token, refresh_token};
use crate::http::App;

/// Dialogs, for people.
pub(crate) fn dialogs() -> Router<App> {
    let mut router = Router::new();
    for path in [
        "/oauth/authorize",
        "/oauth/authorize/",
        "/{version}/oauth/authorize",
        "/{version}/oauth/authorize/",
    ] {
        router = router.route(path, get(ask_instagram).post(answer_instagram));
    }
    for path in [
        "/dialog/oauth",
        "/dialog/oauth/",
        "/{version}/dialog/oauth",
        "/{version}/dialog/oauth/",
    ] {
        router = router.route(path, get(ask_facebook).post(answer_facebook));
    }
    router
}

/// Token endpoints, for machines.
pub(crate) fn tokens() -> Router<App> {
    let mut router = Router::new();
    for path in [
        "/oauth/access_token",
        "/oauth/access_token/",
        "/{version}/oauth/access_token",
        "/{version}/oauth/access_token/",
    ] {
        router = router.route(path, any(access_token));
    }
    for path in [
        "/access_token",
        "/access_token/",
        "/{version}/access_token",
        "/{version}/access_token/",
    ] {
        router = router.route(path, any(exchange_token));
    }
    for path in [
        "/refresh_access_token",
        "/refresh_access_token/",
        "/{version}/refresh_access_token",
        "/{version}/refresh_access_token/",
    ] {
        router = router.route(path, any(refresh_token));
    }
    for path in [
        "/debug_token",
        "/debug_token/",
        "/{version}/debug_token",
        "/{version}/debug_token/",
    ] {
        router = router.route(path, any(debug_token));
    }
    router
}
