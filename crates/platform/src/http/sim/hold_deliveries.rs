//! `POST /_sim/deliveries/hold` — deliveries made from now on wait for their release.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::HOLD_SETTING;
use crate::http::App;
use crate::store::{Durability, Failure, deliveries, settings};

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldRequest {}

/// What is held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HoldAnswer {
    /// Whether new deliveries are held.
    pub(super) holding: bool,
    /// Deliveries held now, in the order in which they were made.
    pub(super) held: Vec<i64>,
}

/// Holds deliveries made from now on; those under way are not touched.
#[utoipa::path(post, path = "/_sim/deliveries/hold", request_body = HoldRequest,
    responses((status = 200, body = HoldAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn hold_deliveries(
    State(app): State<App>,
    SimJson(HoldRequest {}): SimJson<HoldRequest>,
) -> Result<Json<HoldAnswer>, SimError> {
    let held = app
        .world
        .store
        .write(Durability::Durable, |tx| -> Result<_, Failure<SimError>> {
            settings::put(tx, HOLD_SETTING, "true")?;
            Ok(deliveries::held(tx)?)
        })
        .await?;
    Ok(Json(HoldAnswer {
        holding: true,
        held: held.into_iter().map(|key| key.0).collect(),
    }))
}
