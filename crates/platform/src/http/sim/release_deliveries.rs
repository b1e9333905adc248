//! `POST /_sim/deliveries/release` — held deliveries go out, in the order asked for.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::HOLD_SETTING;
use crate::domain::keys::DeliveryKey;
use crate::http::App;
use crate::store::delivery_jobs::DeliveryJob;
use crate::store::{Durability, Failure, deliveries, delivery_jobs, settings};

/// All released deliveries stand in one line, so that the order holds across apps and accounts.
const LINE: &str = "released";

/// In which order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseRequest {
    /// `sent` (the default), `reverse`, or a list of delivery ids. A list releases only those and keeps holding.
    #[schema(value_type = Option<Object>)]
    order: Option<Order>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
enum Order {
    Sent,
    Reverse,
    These(Vec<i64>),
}

impl TryFrom<Value> for Order {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        const RULE: &str = "an order is \"sent\", \"reverse\" or a list of delivery ids";
        match value {
            Value::String(name) if name == "sent" => Ok(Self::Sent),
            Value::String(name) if name == "reverse" => Ok(Self::Reverse),
            Value::Array(ids) => ids
                .iter()
                .map(Value::as_i64)
                .collect::<Option<_>>()
                .map(Self::These)
                .ok_or(RULE),
            _ => Err(RULE),
        }
    }
}

/// What was released.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReleaseAnswer {
    /// Whether new deliveries are still held.
    holding: bool,
    /// In the order in which they go out.
    released: Vec<i64>,
}

/// Releases held deliveries. Their first attempts are made one after the other.
#[utoipa::path(post, path = "/_sim/deliveries/release", request_body = ReleaseRequest,
    responses((status = 200, body = ReleaseAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn release_deliveries(
    State(app): State<App>,
    SimJson(request): SimJson<ReleaseRequest>,
) -> Result<Json<ReleaseAnswer>, SimError> {
    let now_ms = app.world.clock.now_ms();
    let answer = app
        .world
        .store
        .write(Durability::Durable, move |tx| {
            let mut keys = deliveries::held(tx)?;
            let mut holding = false;
            match request.order.unwrap_or(Order::Sent) {
                Order::Sent => {}
                Order::Reverse => keys.reverse(),
                Order::These(ids) => {
                    if let Some(id) = ids.iter().find(|id| !keys.contains(&DeliveryKey(**id))) {
                        let words = format!("delivery {id} is not held");
                        return Err(Failure::Refused(SimError::not_found("not_held", words, Some("order"))));
                    }
                    keys = ids.into_iter().map(DeliveryKey).collect();
                    holding = settings::get(tx, HOLD_SETTING)?.is_some();
                }
            }
            if !holding {
                settings::delete(tx, HOLD_SETTING)?;
            }
            let mut released = Vec::new();
            for key in keys {
                if deliveries::release(tx, key, now_ms)? {
                    delivery_jobs::enqueue(tx, DeliveryJob::first(key), Some(LINE), now_ms)?;
                    released.push(key.0);
                }
            }
            Ok(ReleaseAnswer { holding, released })
        })
        .await?;
    app.world.deliveries.ring();
    Ok(Json(answer))
}
