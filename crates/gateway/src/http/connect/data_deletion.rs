//! `POST /data-deletion` and `GET /data-deletion/{code}` — Meta asks for a person's data to be erased,
//! and the page where she can see that it was (contract, login §2.7).

use axum::Form;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db::Durability;
use selfsame_ui::maud::html;
use selfsame_ui::parts::{TimeFormat, Tone, callout, time};
use serde_json::json;

use super::address::public_base;
use super::deauthorize::SignedForm;
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::ui::{Page, PageError, frame};
use crate::inbox::split_once;
use crate::store::accounts::{self, Account};
use crate::store::{StoreError, automations, erasure};

/// The bytes of a confirmation code.
const CODE_BYTES: usize = 12;
/// Rounds of splitting before the erasure: more bodies than wait on any day.
const SPLITS_MAX: usize = 1_000;

/// Erases everything of the account: tokens, messages, raw bodies, its own automations.
pub(super) async fn delete_data(State(app): State<App>, headers: HeaderMap, Form(form): Form<SignedForm>) -> Response {
    let Some(user_id) = form.user_id(&app) else {
        return (StatusCode::FORBIDDEN, "the signed_request fits no app secret").into_response();
    };
    let code = app.random.hex(CODE_BYTES);
    match erase(&app, user_id, code.clone()).await {
        Ok(erased) => {
            for account in &erased {
                app.lanes.forget_account(&account.ig_id);
                // What it found missing is somebody's words too.
                app.reconciler.forget(&account.ig_id);
            }
            tracing::info!(accounts = erased.len(), "a person's data was erased");
            let url = format!("{}/data-deletion/{code}", public_base(&app, &headers));
            Json(json!({ "url": url, "confirmation_code": code })).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}

async fn erase(app: &App, user_id: String, code: String) -> Result<Vec<Account>, StoreError> {
    // A body that waits to be split may hold the events of others, so it is split first.
    for _ in 0..SPLITS_MAX {
        if split_once(&app.database, &app.metrics).await? == 0 {
            break;
        }
    }
    let wanted = user_id.clone();
    let bodies: Vec<(Account, Vec<i64>)> = app
        .database
        .read(move |connection| {
            let mut found = Vec::new();
            for account in accounts::find_by_signed_user_id(connection, &wanted)? {
                let bodies = erasure::bodies_of(connection, &account.ig_id)?;
                found.push((account, bodies));
            }
            Ok::<_, StoreError>(found)
        })
        .await
        .map_err(StoreError::from)?;
    let now = app.world.now();
    app.database
        .write(Durability::Durable, move |tx| {
            for (account, bodies) in &bodies {
                erasure::erase_account(tx, &account.ig_id, bodies)?;
                automations::forget_account(tx, &account.ig_id)?;
                accounts::disconnect(tx, &account.ig_id)?;
            }
            accounts::note_deletion(tx, &code, now)?;
            erasure::end_overwriting(tx)?;
            Ok::<_, StoreError>(bodies.into_iter().map(|(account, _)| account).collect())
        })
        .await
        .map_err(StoreError::from)
}

/// Says when it was done.
pub(super) async fn status(State(app): State<App>, Path(code): Path<String>) -> Result<Page, PageError> {
    let wanted = code.clone();
    let found = app
        .database
        .read(move |connection| accounts::find_deletion(connection, &wanted))
        .await
        .map_err(StoreError::from)?;
    let status = if found.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    let content = html! {
        header { h1 { "Deletion of your data" } p.lead { "Confirmation code " code { (code) } } }
        @match found {
            Some(at) => {
                (callout(Tone::Good, "Everything we had of you was erased.", ""))
                p { "Done on " (time(at, TimeFormat::Day)) "." }
            }
            None => (callout(Tone::Bad, "There is no request with this code.", "Compare it with the one that Instagram shows you.")),
        }
    };
    Ok(Page::new(frame("Deletion of your data", None, None).around(&content)).with_status(status))
}
