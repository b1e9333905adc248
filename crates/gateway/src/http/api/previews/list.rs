//! `GET /api/v1/previews` — the newest previews.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::PreviewView;
use crate::http::App;
use crate::http::api::accounts::find_account;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiQuery;
use crate::store::previews;

/// The previews that are listed.
const LISTED: u32 = 50;

/// Which previews.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// Only those of this account: a username or any id of it.
    account: Option<String>,
}

/// Previews, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewPage {
    /// At most fifty.
    data: Vec<PreviewView>,
}

/// The newest previews.
#[utoipa::path(get, path = "/api/v1/previews", params(ListQuery),
    responses((status = 200, body = PreviewPage), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn list_previews(
    State(app): State<App>,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<PreviewPage>, ApiError> {
    let account = match &query.account {
        Some(name) => Some(find_account(&app, name).await?.ig_id.into_string()),
        None => None,
    };
    let rows = app
        .database
        .read(move |connection| previews::list(connection, account.as_deref(), LISTED))
        .await?;
    let mut data = Vec::new();
    for row in rows {
        if let Some(look) = app.previews.look(&row.id).await? {
            data.push(PreviewView::new(&app, &headers, look));
        }
    }
    Ok(Json(PreviewPage { data }))
}
