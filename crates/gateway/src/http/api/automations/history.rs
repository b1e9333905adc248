//! `GET /api/v1/automations/history` and `POST …/roll-back` — what was published, and back to it.

use axum::Json;
use axum::extract::State;
use selfsame_wire::ids::IgUserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::store::automations::{self, PublishedVersion};

/// The versions that are listed.
const LISTED: u32 = 100;

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct PublishedView {
    /// Its number.
    pub(in crate::http) id: i64,
    /// The digest of its text.
    pub(in crate::http) version: String,
    /// When, RFC 3339, world time.
    pub(in crate::http) published_at: String,
    /// `first_start`, `api`, `studio`, `roll_back` or `preview`.
    pub(in crate::http) published_by: String,
    /// Whether it is live.
    pub(in crate::http) is_live: bool,
    /// Its text.
    pub(in crate::http) text: String,
}

impl PublishedView {
    /// A version.
    pub(in crate::http) fn new(version: PublishedVersion, is_live: bool) -> Self {
        Self {
            id: version.id,
            version: version.version,
            published_at: version.published_at.to_string(),
            published_by: version.published_by,
            is_live,
            text: version.text,
        }
    }
}

/// Published versions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct HistoryPage {
    /// At most a hundred.
    pub(in crate::http) data: Vec<PublishedView>,
}

/// Which version to bring back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBackRequest {
    /// Its number.
    pub(crate) id: i64,
}

/// What was published for all accounts, newest first.
#[utoipa::path(get, path = "/api/v1/automations/history",
    responses((status = 200, body = HistoryPage), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn history(State(app): State<App>) -> Result<Json<HistoryPage>, ApiError> {
    Ok(Json(history_of(&app, None).await?))
}

/// Publishes an older version again.
#[utoipa::path(post, path = "/api/v1/automations/roll-back", request_body = RollBackRequest,
    responses((status = 200, body = PublishedView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn roll_back(
    State(app): State<App>,
    ApiJson(request): ApiJson<RollBackRequest>,
) -> Result<Json<PublishedView>, ApiError> {
    let version = app.lanes.roll_back(None, request.id).await?;
    Ok(Json(PublishedView::new(version, true)))
}

/// What was published for an account; `None`: for all.
pub(in crate::http) async fn history_of(app: &App, account: Option<IgUserId>) -> Result<HistoryPage, ApiError> {
    let versions = app
        .database
        .read(move |connection| automations::history(connection, account.as_ref(), LISTED))
        .await?;
    let data = versions
        .into_iter()
        .enumerate()
        .map(|(position, version)| PublishedView::new(version, position == 0))
        .collect();
    Ok(HistoryPage { data })
}
