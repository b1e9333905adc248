//! `GET /_sim/calls` — the journal of Graph and OAuth calls.

#![expect(
    unused_qualifications,
    reason = "the macro that documents a handler writes whole paths"
)]

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::{ErrorAnswer, SimError};
use super::list::{List, limit, without_at};
use super::request::SimQuery;
use crate::domain::view::CallView;
use crate::http::App;
use crate::store::calls::{self, CallFilter};

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallsQuery {
    /// HTTP method.
    method: Option<String>,
    /// The whole path, or its end: `/me/messages` finds every version.
    path: Option<String>,
    /// HTTP status.
    status: Option<u16>,
    /// App name.
    app: Option<String>,
    /// Account, with or without `@`.
    account: Option<String>,
    /// Calls made after the call with this id.
    after: Option<i64>,
    /// At most so many; 1000 unless given, at most 10000.
    limit: Option<i64>,
}

/// Lists calls, oldest first.
#[utoipa::path(get, path = "/_sim/calls", params(CallsQuery),
    responses((status = 200, body = List<CallView>), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn calls(
    State(app): State<App>,
    SimQuery(query): SimQuery<CallsQuery>,
) -> Result<Json<List<CallView>>, SimError> {
    let filter = CallFilter {
        after: query.after.unwrap_or(0),
        limit: limit(query.limit)?,
        method: query.method.map(|method| method.to_ascii_uppercase()),
        path: query.path,
        status: query.status,
        app: query.app,
        account: query.account.map(|account| without_at(&account).to_owned()),
    };
    app.journal.flush(&app.world.store).await?;
    let data = app
        .world
        .store
        .read(move |connection| calls::views(connection, &filter))
        .await?;
    Ok(Json(List { data }))
}
