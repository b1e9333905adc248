//! `…/accounts/{id}/reconciliation` — what Instagram has and what never arrived, and bringing it in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::find_account;
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::reconciler::{
    GapReplayError, LOOK_BACK_HOURS, LOOK_BACK_HOURS_MAX, ReconcileReport, ReplayedGaps as Replayed,
};

/// How far to look back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconcileRequest {
    /// Hours, 24 unless told, at most 168.
    hours: Option<u32>,
}

/// What to bring in.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayRequest {
    /// Mids and comment ids of the report; absent: everything that can be.
    ids: Option<Vec<String>>,
}

/// What was brought in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayedGaps {
    /// Mids and comment ids that are decided now.
    queued: Vec<String>,
    /// Those of which too little is known, or that were brought in before, or that arrived meanwhile.
    skipped: Vec<String>,
}

/// The newest comparison of an account.
#[utoipa::path(get, path = "/api/v1/accounts/{id}/reconciliation", params(("id" = String, Path)),
    responses((status = 200, body = ReconcileReport), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_reconciliation(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<ReconcileReport>, ApiError> {
    let account = find_account(&app, &id).await?;
    app.reconciler
        .report(&account.ig_id)
        .await?
        .map(Json)
        .ok_or_else(not_reconciled)
}

/// Compares an account with Instagram: conversations and comments, at most two calls a second.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/reconciliation", params(("id" = String, Path)),
    request_body = ReconcileRequest,
    responses((status = 202, body = ReconcileReport), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn reconcile_account(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiJson(request): ApiJson<ReconcileRequest>,
) -> Result<(StatusCode, Json<ReconcileReport>), ApiError> {
    let account = find_account(&app, &id).await?;
    let hours = request.hours.unwrap_or(LOOK_BACK_HOURS);
    if !(1..=LOOK_BACK_HOURS_MAX).contains(&hours) {
        let message = format!("`hours` is between 1 and {LOOK_BACK_HOURS_MAX}");
        return Err(ApiError::bad_request("invalid_value", message, Some("hours")));
    }
    let report = app.reconciler.request(&account.ig_id, hours).await?.ok_or_else(|| {
        ApiError::conflict(
            "too_many_reconciliations",
            "too many comparisons wait already; try again when some are over",
        )
    })?;
    Ok((StatusCode::ACCEPTED, Json(report)))
}

/// Ends a comparison; what was found until then stays in the report.
#[utoipa::path(delete, path = "/api/v1/accounts/{id}/reconciliation", params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn interrupt_reconciliation(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let account = find_account(&app, &id).await?;
    if app.reconciler.interrupt(&account.ig_id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_reconciled())
    }
}

/// Brings in what never arrived, as if Instagram had delivered it now: it is decided, and perhaps
/// answered. What arrives by itself later is decided once.
#[utoipa::path(post, path = "/api/v1/accounts/{id}/reconciliation/replay", params(("id" = String, Path)),
    request_body = ReplayRequest,
    responses((status = 202, body = ReplayedGaps), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn replay_gaps(
    State(app): State<App>,
    Path(id): Path<String>,
    ApiJson(request): ApiJson<ReplayRequest>,
) -> Result<(StatusCode, Json<ReplayedGaps>), ApiError> {
    let account = find_account(&app, &id).await?;
    let now_ms = app.process.now().as_millis();
    let Replayed { queued, skipped } = match app.reconciler.replay(&account, request.ids, now_ms).await {
        Ok(replayed) => replayed,
        Err(GapReplayError::NotReconciled) => return Err(not_reconciled()),
        Err(GapReplayError::NotOver) => {
            return Err(ApiError::conflict(
                "reconciliation_running",
                "the comparison is not over yet; bring in what is missing when it is",
            ));
        }
        Err(GapReplayError::Store(error)) => return Err(error.into()),
    };
    app.split_bell.ring();
    Ok((StatusCode::ACCEPTED, Json(ReplayedGaps { queued, skipped })))
}

fn not_reconciled() -> ApiError {
    ApiError::not_found(
        "not_reconciled",
        "this account was not compared, or the comparison is over",
        Some("id"),
    )
}
