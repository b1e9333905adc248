//! `…/accounts/{id}/automations` — a draft, published versions and their history of one account only.

use axum::Json;
use axum::extract::{Path, State};

use super::view::find_account;
use crate::http::App;
use crate::http::api::automations::{HistoryPage, LanesView, PublishedView, RollBackRequest, history_of, lanes_of};
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::page::PageQuery;
use crate::http::api::request::{ApiJson, ApiQuery, ApiText};

/// The account's own automations; where it has none, those for all run.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/automations", params(("id" = String, Path)),
    responses((status = 200, body = LanesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_account_automations(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<LanesView>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(lanes_of(&app, Some(&account.ig_id))))
}

/// Replaces the draft of one account; the body is YAML. Errors change nothing.
#[utoipa::path(put, path = "/api/v1/accounts/{id}/automations/draft", params(("id" = String, Path)),
    request_body(content = String, content_type = "application/yaml"),
    responses((status = 200, body = LanesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn replace_account_draft(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiText(text): ApiText,
) -> Result<Json<LanesView>, ApiError> {
    let account = find_account(&app, &id).await?;
    app.lanes.replace_draft(&account.ig_id, text).await?;
    Ok(Json(lanes_of(&app, Some(&account.ig_id))))
}

/// Publishes the account's draft, for it only.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/automations/publish", params(("id" = String, Path)),
    responses((status = 200, body = PublishedView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn publish_account_automations(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<PublishedView>, ApiError> {
    let account = find_account(&app, &id).await?;
    let version = app.lanes.publish(Some(&account.ig_id), "api").await?;
    Ok(Json(PublishedView::new(version, true)))
}

/// What was published for the account only, newest first.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/automations/history", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = HistoryPage), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn account_automations_history(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<HistoryPage>, ApiError> {
    let account = find_account(&app, &id).await?;
    Ok(Json(history_of(&app, Some(account.ig_id), &query).await?))
}

/// Publishes an older version of the account again.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/automations/roll-back", params(("id" = String, Path)),
    request_body = RollBackRequest,
    responses((status = 200, body = PublishedView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn roll_back_account_automations(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiJson(request): ApiJson<RollBackRequest>,
) -> Result<Json<PublishedView>, ApiError> {
    let account = find_account(&app, &id).await?;
    let version = app.lanes.roll_back(Some(&account.ig_id), request.id).await?;
    Ok(Json(PublishedView::new(version, true)))
}
