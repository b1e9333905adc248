//! The routes of onboarding.

use axum::Router;
use axum::routing::{get, post};

use super::{account, callback, choose_page, data_deletion, deauthorize, start};
use crate::http::App;

/// What people open in their browser.
pub fn router() -> Router<App> {
    Router::new()
        .route("/connect", get(start::connect))
        .route("/connect/instagram", get(start::connect_instagram))
        .route("/connect/facebook", get(start::connect_facebook))
        .route("/connect/instagram/callback", get(callback::instagram))
        .route("/connect/facebook/callback", get(callback::facebook))
        .route("/connect/facebook/page", post(choose_page::choose_page))
        .route("/connect/accounts/{id}", get(account::account))
        .route("/connect/accounts/{id}/live", get(account::live))
        .route("/connect/accounts/{id}/webhooks", post(account::install_webhooks))
        .route("/connect/accounts/{id}/modes", post(account::change_modes))
        .route("/connect/accounts/{id}/disconnect", post(account::disconnect_account))
}

/// What Meta calls, and the page that it sends people to afterwards: the signature decides, not who
/// calls from where.
pub fn called_by_meta() -> Router<App> {
    Router::new()
        .route("/deauthorize", post(deauthorize::deauthorize))
        .route("/data-deletion", post(data_deletion::delete_data))
        .route("/data-deletion/{code}", get(data_deletion::status))
}
