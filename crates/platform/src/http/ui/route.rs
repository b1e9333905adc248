//! Routes of the pages.

use axum::Router;
use axum::routing::{get, post};

use super::{asset, dashboard, inspector, phone, start};
use crate::http::App;

/// Style sheet, script and icon.
pub(crate) fn assets() -> Router<App> {
    Router::new().route("/assets/{file}", get(asset::asset))
}

/// The pages.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(start::start))
        .route("/start/live", get(start::start_live))
        .route("/phone", get(phone::choose))
        .route("/phone/live", get(phone::choose_live))
        .route("/phone/{me}", get(phone::profile))
        .route("/phone/{me}/live", get(phone::profile_live))
        .route("/phone/{me}/apps", get(phone::connected_apps).post(phone::remove_app))
        .route("/phone/{me}/settings", get(phone::settings).post(phone::save_settings))
        .route("/phone/{me}/t/{other}", get(phone::thread))
        .route("/phone/{me}/t/{other}/live", get(phone::thread_live))
        .route("/phone/{me}/t/{other}/send", post(phone::send))
        .route("/phone/{me}/t/{other}/tap", post(phone::tap))
        .route("/phone/{me}/t/{other}/react", post(phone::react))
        .route("/phone/{me}/t/{other}/seen", post(phone::seen))
        .route("/phone/{me}/t/{other}/edit", post(phone::edit))
        .route("/phone/{me}/t/{other}/unsend", post(phone::unsend))
        .route("/phone/{me}/p/{media}", get(phone::post_page))
        .route("/phone/{me}/p/{media}/live", get(phone::post_live))
        .route("/phone/{me}/p/{media}/comment", post(phone::comment))
        .route("/inspector", get(inspector::deliveries))
        .route("/inspector/live", get(inspector::deliveries_live))
        .route("/inspector/deliveries/{id}", get(inspector::delivery))
        .route("/inspector/deliveries/{id}/live", get(inspector::delivery_live))
        .route("/inspector/calls", get(inspector::calls))
        .route("/inspector/calls/live", get(inspector::calls_live))
        .route("/inspector/calls/{id}", get(inspector::call))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/dashboard/live", get(dashboard::dashboard_live))
        .route("/dashboard/apps/{app}/webhook", post(dashboard::save_webhook))
        .route("/dashboard/apps/{app}/mode", post(dashboard::save_mode))
        .route("/dashboard/apps/{app}/login", post(dashboard::save_login))
        .route("/dashboard/apps/{app}/test", post(dashboard::send_test))
        .route("/dashboard/accounts/{account}", post(dashboard::save_account))
        .route("/dashboard/apps/{app}/access", post(dashboard::save_access))
        .route("/dashboard/apps/{app}/roles", post(dashboard::save_role))
        .route("/dashboard/blocks", post(dashboard::save_block))
        .route("/dashboard/switches", post(dashboard::save_switches))
}
