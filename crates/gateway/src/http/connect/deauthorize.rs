//! `POST /deauthorize` — Meta says that an owner removed the app (contract, login §2.7).

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db::Durability;
use selfsame_wire::oauth::SignedRequest;
use serde::Deserialize;

use crate::http::App;
use crate::http::api::ApiError;
use crate::store::StoreError;
use crate::store::accounts;

/// What Meta sends.
#[derive(Debug, Deserialize)]
pub(super) struct SignedForm {
    signed_request: String,
}

impl SignedForm {
    /// Whom it is about, if one of our app secrets signed it.
    pub(super) fn user_id(&self, app: &App) -> Option<String> {
        match SignedRequest::verify(&self.signed_request, &app.webhook_secrets) {
            Ok(request) => Some(request.user_id),
            Err(error) => {
                tracing::warn!(%error, "a signed request was refused");
                None
            }
        }
    }
}

/// Marks the tokens of the account as dead. What it was connected for stays: she may come back.
pub(super) async fn deauthorize(State(app): State<App>, Form(form): Form<SignedForm>) -> Response {
    let Some(user_id) = form.user_id(&app) else {
        return (StatusCode::FORBIDDEN, "the signed_request fits no app secret").into_response();
    };
    let written = app
        .database
        .write(Durability::Durable, move |tx| {
            let mut broken = 0;
            for account in accounts::find_by_signed_user_id(tx, &user_id)? {
                for token in accounts::tokens(tx, &account.ig_id)? {
                    let reason = "the owner removed the app on Instagram";
                    if accounts::break_token(tx, &account.ig_id, token.flow, reason)? {
                        broken += 1;
                    }
                }
            }
            Ok::<_, StoreError>(broken)
        })
        .await;
    match written {
        Ok(tokens) => {
            tracing::info!(tokens, "an owner removed the app");
            StatusCode::OK.into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}
