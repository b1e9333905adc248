//! `GET|PUT|DELETE /api/v1/paused-threads` — threads in which a human answers, taking one over, and
//! handing it back to the automations.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use selfsame_runtime::db::Durability;
use selfsame_wire::ids::IgScopedId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::find_account;
use super::error::{ApiError, ErrorAnswer};
use super::page::{PageQuery, cut};
use super::request::{ApiJson, ApiQuery};
use crate::http::App;
use crate::store::threads::{self, PausedThread};

/// Threads in which a human answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PausedThreads {
    /// In the order of account and person.
    data: Vec<PausedThread>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A thread.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThreadReference {
    /// The account: a username or any id of it.
    account: String,
    /// The person's scoped id.
    person: String,
}

/// The threads in which a human answers.
#[utoipa::path(get, path = "/api/v1/paused-threads", params(PageQuery),
    responses((status = 200, body = PausedThreads), (status = "default", body = ErrorAnswer)))]
pub(super) async fn list_paused(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<PausedThreads>, ApiError> {
    let (now_ms, limit) = (app.world.now_ms(), query.limit());
    let after = query.after().unwrap_or_default().to_owned();
    let mut data = app
        .database
        .read(move |connection| {
            let (account, person) = after.split_once(':').unwrap_or((&after, ""));
            threads::list_paused(connection, now_ms, (account, person), limit + 1)
        })
        .await?;
    let next = cut(&mut data, limit, |thread| {
        format!("{}:{}", thread.account, thread.person)
    });
    Ok(Json(PausedThreads { data, next }))
}

/// A human takes a thread over, until it is handed back. The self thread cannot be taken over.
#[utoipa::path(put, path = "/api/v1/paused-threads", request_body = ThreadReference,
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(super) async fn take_over(
    State(app): State<App>,
    ApiJson(thread): ApiJson<ThreadReference>,
) -> Result<StatusCode, ApiError> {
    let account = find_account(&app, &thread.account).await?;
    let person = IgScopedId::new(thread.person);
    if account.self_igsid.as_ref() == Some(&person) {
        return Err(ApiError::bad_request(
            "self_thread",
            "automations in the self thread are never paused: there the owner's writing is what they answer",
            Some("person"),
        ));
    }
    app.database
        .write(Durability::Durable, move |tx| {
            threads::pause(tx, &account.ig_id, &person, "a human took this thread over", None)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hands a thread back to the automations.
#[utoipa::path(delete, path = "/api/v1/paused-threads", request_body = ThreadReference,
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(super) async fn hand_back(
    State(app): State<App>,
    ApiJson(thread): ApiJson<ThreadReference>,
) -> Result<StatusCode, ApiError> {
    let account = find_account(&app, &thread.account).await?;
    let person = IgScopedId::new(thread.person);
    let handed_back = app
        .database
        .write(Durability::Durable, move |tx| {
            threads::hand_back(tx, &account.ig_id, &person)
        })
        .await?;
    if handed_back {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found(
            "not_paused",
            "automations answer in this thread already",
            Some("person"),
        ))
    }
}
