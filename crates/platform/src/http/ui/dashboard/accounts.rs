//! `POST /dashboard/accounts/{account}` — what an owner can switch in Instagram's settings.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{answer, setup_error};
use crate::actions::ChangeAccount;
use crate::domain::account::AccountKind;
use crate::http::App;
use crate::http::ui::fields::Fields;

/// Saves kind, visibility and message access.
pub(in crate::http::ui) async fn save_account(
    State(app): State<App>,
    Path(username): Path<String>,
    fields: Fields,
) -> Response {
    let change = ChangeAccount {
        kind: fields.get("kind").as_deref().and_then(AccountKind::parse),
        is_public: Some(fields.filled("is_public").is_some()),
        message_access: Some(fields.filled("message_access").is_some()),
        ..ChangeAccount::default()
    };
    let outcome = app
        .world
        .change_account(username, change)
        .await
        .map(drop)
        .map_err(setup_error);
    answer(&app, &fields, outcome).await
}
