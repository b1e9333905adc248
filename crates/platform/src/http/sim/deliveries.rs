//! `GET /_sim/deliveries` — the delivery log, suppressed deliveries included.

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
use crate::domain::delivery::DeliveryStatus;
use crate::domain::view::DeliveryView;
use crate::http::App;
use crate::store::deliveries::{self, DeliveryFilter};

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveriesQuery {
    /// `pending`, `delivered`, `failed`, `dead` or `suppressed`.
    status: Option<String>,
    /// App name.
    app: Option<String>,
    /// Account, with or without `@`.
    account: Option<String>,
    /// Webhook field.
    field: Option<String>,
    /// Message it is about.
    mid: Option<String>,
    /// Deliveries made after the delivery with this id.
    after: Option<i64>,
    /// At most so many; 1000 unless given, at most 10000.
    limit: Option<i64>,
}

/// Lists deliveries, oldest first.
#[utoipa::path(get, path = "/_sim/deliveries", params(DeliveriesQuery),
    responses((status = 200, body = List<DeliveryView>), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn deliveries(
    State(app): State<App>,
    SimQuery(query): SimQuery<DeliveriesQuery>,
) -> Result<Json<List<DeliveryView>>, SimError> {
    let filter = DeliveryFilter {
        after: query.after.unwrap_or(0),
        limit: limit(query.limit)?,
        status: status(query.status)?,
        app: query.app,
        account: query.account.map(|account| without_at(&account).to_owned()),
        field: query.field,
        mid: query.mid,
    };
    let data = app
        .world
        .store
        .read(move |connection| deliveries::views(connection, &filter))
        .await?;
    Ok(Json(List { data }))
}

/// Refuses a status that no delivery ever has.
pub(super) fn status(asked: Option<String>) -> Result<Option<String>, SimError> {
    match asked {
        Some(name) if DeliveryStatus::parse(&name).is_none() => Err(SimError::bad_request(
            "invalid_value",
            format!("{name:?} is no status; there are pending, delivered, failed, dead and suppressed"),
            Some("status"),
        )),
        known => Ok(known),
    }
}
