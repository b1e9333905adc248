//! `…/accounts/{id}/reconciliation` — what Instagram has and what never arrived, and bringing it in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use selfsame_runtime::db::Durability;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::find_account;
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::reconciler::{LOOK_BACK_HOURS, LOOK_BACK_HOURS_MAX, ReconcileReport, body_of};
use crate::store::StoreError;
use crate::store::raw_deliveries;

/// What the raw bodies of the reconciler are signed with.
const SIGNED_WITH: &str = "reconciler";

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
    /// Those of which too little is known, or that were brought in before.
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
    let report = app.reconciler.request(&account.ig_id, hours).ok_or_else(|| {
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
    if app.reconciler.interrupt(&account.ig_id) {
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
    let report = app.reconciler.report(&account.ig_id).ok_or_else(not_reconciled)?;
    let now_world_ms = app.world.now_ms();
    let mut replayed = ReplayedGaps {
        queued: Vec::new(),
        skipped: Vec::new(),
    };
    let mut bodies = Vec::new();
    let is_wanted = |id: &String| request.ids.as_ref().is_none_or(|ids| ids.contains(id));
    for gap in report.gaps.iter().filter(|gap| is_wanted(&gap.id)) {
        match body_of(&account.ig_id, gap, now_world_ms).filter(|_| gap.replayable && !gap.replayed) {
            Some(body) => {
                bodies.push(body);
                replayed.queued.push(gap.id.clone());
            }
            None => replayed.skipped.push(gap.id.clone()),
        }
    }
    let now_ms = app.process.now().as_millis();
    app.database
        .write(Durability::Durable, move |tx| {
            for body in &bodies {
                raw_deliveries::append(tx, now_ms, now_world_ms, SIGNED_WITH, body)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    app.reconciler.mark_replayed(&account.ig_id, &replayed.queued);
    app.split_bell.ring();
    Ok((StatusCode::ACCEPTED, Json(replayed)))
}

fn not_reconciled() -> ApiError {
    ApiError::not_found(
        "not_reconciled",
        "this account was not compared since the gateway started, or the comparison is over",
        Some("id"),
    )
}
