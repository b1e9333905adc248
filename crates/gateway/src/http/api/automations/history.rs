//! `GET /api/v1/automations/history` and `POST …/roll-back` — what was published, and back to it.

use axum::Json;
use axum::extract::State;
use selfsame_wire::ids::IgUserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::page::{PageQuery, cut};
use crate::http::api::request::{ApiJson, ApiQuery};
use crate::store::automations::{self, PublishedVersion};

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
    /// The versions.
    pub(in crate::http) data: Vec<PublishedView>,
    /// The `after` of the next page, which holds older ones; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) next: Option<String>,
}

/// Which version to bring back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBackRequest {
    /// Its number.
    pub(crate) id: i64,
}

/// What was published for all accounts, newest first.
#[utoipa::path(get, path = "/api/v1/automations/history", params(PageQuery),
    responses((status = 200, body = HistoryPage), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn history(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<HistoryPage>, ApiError> {
    Ok(Json(history_of(&app, None, &query).await?))
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

/// A page of what was published for an account; `None`: for all.
pub(in crate::http) async fn history_of(
    app: &App,
    account: Option<IgUserId>,
    page: &PageQuery,
) -> Result<HistoryPage, ApiError> {
    let (before, limit) = (page.before_number()?, page.limit());
    let mut versions = app
        .database
        .read(move |connection| automations::history(connection, account.as_ref(), before, limit + 1))
        .await?;
    let next = cut(&mut versions, limit, |version| version.id.to_string());
    let is_first_page = page.after().is_none();
    let data = versions
        .into_iter()
        .enumerate()
        .map(|(position, version)| PublishedView::new(version, is_first_page && position == 0))
        .collect();
    Ok(HistoryPage { data, next })
}
