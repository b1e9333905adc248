//! `/api/v1/accounts/{id}/forward` — your own engine behind one account, in place of the automations.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use selfsame_runtime::db::Durability;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::find_account;
use crate::forward::{self, SetBy, Shape};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::http::graph::digest_of_key;
use crate::store::accounts::Account;
use crate::store::forwards::ForwardRow;
use crate::store::{StoreError, engine_keys, forwards};

/// The longest address.
const URL_LIMIT_BYTES: usize = 2_048;
/// What keys of ours begin with, so that one in a log or a repository is recognised.
const KEY_PREFIX: &str = "selfsame-engine-";
/// Bytes of randomness in a key.
const KEY_BYTES: usize = 32;

/// Where the events of an account go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForwardView {
    /// Your engine's address; null: nowhere, the automations answer.
    #[schema(required)]
    url: Option<String>,
    /// How events are presented: `meta` as Instagram sent them, `inbound` with self messages as ordinary
    /// ones.
    shape: Shape,
    /// Who said so: `account` (this call) or `gateway` (`--forward-to`); null: nobody did.
    #[schema(required)]
    set_by: Option<SetBy>,
    /// When the account's engine key was made, RFC 3339; null: it has none.
    #[schema(required)]
    key_made_at: Option<String>,
}

/// Where events shall go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForwardChange {
    /// Your engine's address; null: nowhere, even if the gateway has one for every account.
    #[schema(required)]
    url: Option<String>,
    /// How events are presented; `meta` unless told.
    #[serde(default)]
    shape: Shape,
}

/// A key, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineKey {
    /// The access token for the Graph-shaped calls under `/graph`. It cannot be shown again.
    access_token: String,
    /// The base in place of `https://graph.instagram.com`.
    graph_path: &'static str,
}

/// Where the events of an account go.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/forward", params(("id" = String, Path)),
    responses((status = 200, body = ForwardView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_forward(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ForwardView>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(view(&app, account).await?))
}

/// Sends the events of an account to your engine; its automations are off then.
#[utoipa::path(put, path = "/api/v1/accounts/{id}/forward", params(("id" = String, Path)),
    request_body = ForwardChange,
    responses((status = 200, body = ForwardView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn put_forward(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiJson(change): ApiJson<ForwardChange>,
) -> Result<Json<ForwardView>, ApiError> {
    let account = find_account(&app, &id).await?;
    if let Some(url) = &change.url {
        check(&app, url)?;
    }
    let row = ForwardRow {
        url: change.url,
        shape: change.shape,
    };
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Durable, move |tx| forwards::set(tx, &ig_id, &row))
        .await?;
    Ok(Json(view(&app, account).await?))
}

/// Takes back what was said for this account: it goes by the gateway's own setting again.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/forward", params(("id" = String, Path)),
    responses((status = 200, body = ForwardView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn delete_forward(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ForwardView>, ApiError> {
    let account = find_account(&app, &id).await?;
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Durable, move |tx| forwards::clear(tx, &ig_id))
        .await?;
    Ok(Json(view(&app, account).await?))
}

/// Makes the key with which your engine answers as this account. An older key stops working.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/forward/key", params(("id" = String, Path)),
    responses((status = 201, body = EngineKey), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn make_engine_key(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<EngineKey>), ApiError> {
    let account = find_account(&app, &id).await?;
    let access_token = format!("{KEY_PREFIX}{}", app.random.base64url(KEY_BYTES));
    let digest = digest_of_key(&access_token);
    let now_world_ms = app.world.now_ms();
    app.database
        .write(Durability::Durable, move |tx| {
            engine_keys::replace(tx, &account.ig_id, &digest, now_world_ms)
        })
        .await?;
    let key = EngineKey {
        access_token,
        graph_path: "/graph",
    };
    Ok((StatusCode::CREATED, Json(key)))
}

/// Takes the key of an account away: its engine can say nothing more.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/forward/key", params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn revoke_engine_key(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let account = find_account(&app, &id).await?;
    app.database
        .write(Durability::Durable, move |tx| engine_keys::revoke(tx, &account.ig_id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(app: &App, url: &str) -> Result<(), ApiError> {
    if url.len() > URL_LIMIT_BYTES {
        let message = format!("an address has at most {URL_LIMIT_BYTES} bytes");
        return Err(ApiError::bad_request("invalid_forward_url", message, Some("url")));
    }
    match app.call_rules.check(url) {
        Ok(_) => Ok(()),
        Err(reason) => Err(ApiError::bad_request("invalid_forward_url", reason, Some("url"))),
    }
}

async fn view(app: &App, account: Account) -> Result<ForwardView, ApiError> {
    let of_gateway = app.config.forward.clone();
    let (target, row, key_made_at_ms) = app
        .database
        .read(move |connection| {
            let ig_id = &account.ig_id;
            Ok::<_, StoreError>((
                forward::target(connection, ig_id, of_gateway.as_ref())?,
                forwards::find(connection, ig_id)?,
                engine_keys::created_at_ms(connection, ig_id)?,
            ))
        })
        .await?;
    let key_made_at = key_made_at_ms
        .and_then(|at_ms| jiff::Timestamp::from_millisecond(at_ms).ok())
        .map(|at| at.to_string());
    Ok(match target {
        Some(target) => ForwardView {
            url: Some(target.url),
            shape: target.shape,
            set_by: Some(target.set_by),
            key_made_at,
        },
        None => ForwardView {
            url: None,
            shape: row.as_ref().map_or(Shape::default(), |row| row.shape),
            set_by: row.map(|_| SetBy::Account),
            key_made_at,
        },
    })
}
