//! The dashboard: apps with their webhook configuration, access and roles, accounts' settings, switches.

mod access;
mod accounts;
mod apps;
mod show;
mod switches;

pub(super) use access::{how_of, save_access, save_block, save_role};
pub(super) use accounts::save_account;
pub(super) use apps::{save_login, save_mode, save_webhook, send_test};
pub(super) use show::{dashboard, dashboard_live};
pub(super) use switches::save_switches;

use axum::response::Response;

use super::fields::Fields;
use super::page::{PageError, done};
use crate::actions::SetupRefusal;
use crate::http::App;
use crate::store::Failure;

/// Answers a form of the dashboard.
async fn answer(app: &App, fields: &Fields, outcome: Result<(), PageError>) -> Response {
    match outcome {
        Ok(()) => done(fields.stays_on_page, "/dashboard"),
        Err(PageError::Refused(why)) if !fields.stays_on_page => show::refused_page(app, &why).await,
        Err(error) => error.answer(fields.stays_on_page),
    }
}

fn setup_error(failure: Failure<SetupRefusal>) -> PageError {
    match failure {
        Failure::Refused(refusal) => PageError::refused(refusal.to_string()),
        Failure::Store(error) => PageError::Store(error),
    }
}
