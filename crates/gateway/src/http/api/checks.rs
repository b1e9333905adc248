//! `GET /api/v1/checks` — is everything in order, and what to do where it is not? `selfsame doctor` asks
//! it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::error::{ApiError, ErrorAnswer};
use super::request::ApiQuery;
use crate::checks::{CheckReport, check};
use crate::http::App;

/// How thoroughly to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ChecksQuery {
    /// Whether to go out too: call the callback by its public address, compare clocks, ask the app for
    /// its callback, and try the tokens. Takes some seconds.
    #[serde(default)]
    live: bool,
}

/// Looks at everything that answering depends on.
#[utoipa::path(get, path = "/api/v1/checks", params(ChecksQuery),
    responses((status = 200, body = CheckReport), (status = "default", body = ErrorAnswer)))]
pub(super) async fn get_checks(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<ChecksQuery>,
) -> Result<Json<CheckReport>, ApiError> {
    Ok(Json(check(app.checker(), query.live).await?))
}
