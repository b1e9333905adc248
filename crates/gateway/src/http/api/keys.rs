//! `/api/v1/keys` — keys of this API: made once, shown once, listed with their last use, revoked.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db::Durability;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorAnswer};
use super::page::{PageQuery, cut};
use super::request::{ApiJson, ApiQuery};
use crate::api_key::{ApiKey, Scope};
use crate::http::App;
use crate::store::api_keys::{self, ApiKeyRow, KEYS_MAX, NewApiKey};

/// The longest name of a key, in characters.
const NAME_MAX: usize = 100;

/// A key, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct KeyView {
    /// Its number.
    pub(in crate::http) id: String,
    /// What it is for.
    pub(in crate::http) name: String,
    /// Its first characters.
    pub(in crate::http) hint: String,
    /// What it may do.
    pub(in crate::http) scopes: Vec<Scope>,
    /// When it was made, world time, RFC 3339.
    pub(in crate::http) created_at: String,
    /// When it was last used, to the minute; null: never.
    pub(in crate::http) last_used_at: Option<String>,
    /// When it was revoked; null: it works.
    pub(in crate::http) revoked_at: Option<String>,
}

/// A page of keys.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyPage {
    /// Oldest first.
    data: Vec<KeyView>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it is for, in a few words.
    name: String,
    /// What it may do. Scopes do not imply each other, but `admin` implies all.
    scopes: Vec<Scope>,
}

/// A key that was made. No `Debug`: it holds the key.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeKey {
    /// Its number.
    id: String,
    /// What it is for.
    name: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// The key. It is shown this once.
    key: String,
}

impl KeyView {
    pub(in crate::http) fn new(row: ApiKeyRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            hint: format!("{}…", row.hint),
            scopes: row.scopes,
            created_at: row.created_at.to_string(),
            last_used_at: row.last_used_at.map(|at| at.to_string()),
            revoked_at: row.revoked_at.map(|at| at.to_string()),
        }
    }
}

/// The keys, revoked ones included.
#[utoipa::path(get, path = "/api/v1/keys", params(PageQuery),
    responses((status = 200, body = KeyPage), (status = "default", body = ErrorAnswer)))]
pub(super) async fn list_keys(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<KeyPage>, ApiError> {
    let (limit, after) = (query.limit(), query.after_number()?);
    let mut rows = app
        .database
        .read(move |connection| api_keys::list(connection, after, limit + 1))
        .await?;
    let next = cut(&mut rows, limit, |row| row.id.to_string());
    Ok(Json(KeyPage {
        data: rows.into_iter().map(KeyView::new).collect(),
        next,
    }))
}

/// Makes a key. The answer is the only place where it is ever shown.
#[utoipa::path(post, path = "/api/v1/keys", request_body = NewKey,
    responses((status = 201, body = MadeKey), (status = "default", body = ErrorAnswer)))]
pub(super) async fn make_key(State(app): State<App>, ApiJson(wanted): ApiJson<NewKey>) -> Result<Response, ApiError> {
    let (id, key) = make(&app, &wanted.name, &wanted.scopes).await?;
    let made = MadeKey {
        id: id.to_string(),
        name: wanted.name.trim().to_owned(),
        scopes: wanted.scopes,
        key: key.expose().to_owned(),
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, no_store, Json(made)).into_response())
}

/// Revokes a key at once. It stays listed.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(super) async fn revoke_key(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    revoke(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a key.
pub(in crate::http) async fn make(app: &App, name: &str, scopes: &[Scope]) -> Result<(i64, ApiKey), ApiError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        let message = format!("a key needs a name of 1 to {NAME_MAX} characters: what is it for?");
        return Err(ApiError::bad_request("invalid_value", message, Some("name")));
    }
    if scopes.is_empty() {
        let message = "a key needs at least one scope: read, send, automations, accounts or admin";
        return Err(ApiError::bad_request("invalid_value", message, Some("scopes")));
    }
    let key = ApiKey::generate(&app.random);
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    let new = NewApiKey {
        name: name.to_owned(),
        hint: key.hint(),
        digest: key.digest(),
        scopes,
        created_at_ms: app.world.now_ms(),
    };
    let id = app
        .database
        .write(Durability::Durable, move |tx| api_keys::insert(tx, &new))
        .await?;
    let id = id.ok_or_else(|| ApiError::conflict("too_many_keys", format!("there are {KEYS_MAX} keys already")))?;
    tracing::info!(key.id = id, key.name = name, "a key was made");
    Ok((id, key))
}

/// Revokes a key.
pub(in crate::http) async fn revoke(app: &App, id: &str) -> Result<(), ApiError> {
    let unknown = || ApiError::not_found("unknown_key", format!("there is no key {id} that works"), Some("id"));
    let number: i64 = id.parse().map_err(|_not_a_number| unknown())?;
    let now_ms = app.world.now_ms();
    let revoked = app
        .database
        .write(Durability::Durable, move |tx| api_keys::revoke(tx, number, now_ms))
        .await?;
    if !revoked {
        return Err(unknown());
    }
    tracing::info!(key.id = number, "a key was revoked");
    Ok(())
}
