//! `GET|PUT|DELETE /_sim/chaos` — faults on purpose.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::chaos::{ChaosState, Rule};
use crate::http::App;
use crate::store::{Durability, Failure, chaos};

/// Rules to set in place of those before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChaosRequest {
    /// Of the chance; the same seed and rules give the same faults. 0 unless given.
    seed: Option<u64>,
    /// Tried in this order; all that strike take effect.
    rules: Vec<Rule>,
}

/// The rules in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Chaos)]
pub(crate) struct ChaosAnswer {
    /// Of the chance.
    seed: u64,
    /// Deliveries and calls decided about since the rules were set.
    counter: u64,
    /// In the order in which they are tried.
    rules: Vec<Rule>,
    /// Beside `rules`: how often each may still strike; null: for ever.
    times_left: Vec<Option<u32>>,
}

impl From<ChaosState> for ChaosAnswer {
    fn from(state: ChaosState) -> Self {
        Self {
            seed: state.seed,
            counter: state.counter,
            rules: state.rules,
            times_left: state.times_left,
        }
    }
}

/// Reads the rules in force.
#[utoipa::path(get, path = "/_sim/chaos", responses((status = 200, body = ChaosAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_chaos(State(app): State<App>) -> Result<Json<ChaosAnswer>, SimError> {
    Ok(Json(app.world.store.read(chaos::state).await?.into()))
}

/// Sets rules in place of those before.
#[utoipa::path(put, path = "/_sim/chaos", request_body = ChaosRequest,
    responses((status = 200, body = ChaosAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn put_chaos(
    State(app): State<App>,
    SimJson(request): SimJson<ChaosRequest>,
) -> Result<Json<ChaosAnswer>, SimError> {
    for (index, rule) in request.rules.iter().enumerate() {
        rule.check().map_err(|error| {
            let field = format!("rules[{index}].{}", error.field);
            SimError::bad_request("invalid_value", error.to_string(), Some(&field))
        })?;
    }
    replace(&app, request.seed.unwrap_or(0), request.rules).await
}

/// Removes every rule.
#[utoipa::path(delete, path = "/_sim/chaos", responses((status = 200, body = ChaosAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn delete_chaos(State(app): State<App>) -> Result<Json<ChaosAnswer>, SimError> {
    replace(&app, 0, Vec::new()).await
}

async fn replace(app: &App, seed: u64, rules: Vec<Rule>) -> Result<Json<ChaosAnswer>, SimError> {
    let state = app
        .world
        .store
        .write(
            Durability::Durable,
            move |tx| -> Result<ChaosState, Failure<SimError>> {
                chaos::replace(tx, seed, &rules)?;
                Ok(chaos::state(tx)?)
            },
        )
        .await?;
    app.world.chaos.show(&state);
    Ok(Json(state.into()))
}
