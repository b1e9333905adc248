//! `POST /_sim/deliveries/{id}/resend` — the same bytes once more, signed rightly or on purpose wrongly.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::{SimJson, SimPath};
use crate::domain::keys::DeliveryKey;
use crate::domain::view::DeliveryView;
use crate::http::App;
use crate::store::delivery_jobs::{DeliveryJob, Signing};
use crate::store::{Durability, Failure, deliveries, delivery_jobs};

/// How to sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendRequest {
    /// `missing` or `invalid`; rightly unless given.
    signature: Option<WrongSignature>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WrongSignature {
    Missing,
    Invalid,
}

/// Sends a delivery again, byte for byte; suppressed ones too, if their app has a callback.
#[utoipa::path(post, path = "/_sim/deliveries/{id}/resend", params(("id" = i64, Path, description = "Delivery id")),
    request_body = ResendRequest, responses((status = 200, body = DeliveryView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn resend_delivery(
    State(app): State<App>,
    SimPath(id): SimPath<i64>,
    SimJson(request): SimJson<ResendRequest>,
) -> Result<Json<DeliveryView>, SimError> {
    let signing = match request.signature {
        None => Signing::Right,
        Some(WrongSignature::Missing) => Signing::Missing,
        Some(WrongSignature::Invalid) => Signing::Invalid,
    };
    let now_ms = app.world.clock.now_ms();
    let view = app
        .world
        .store
        .write(Durability::Durable, move |tx| {
            let key = DeliveryKey(id);
            let Some(view) = deliveries::view(tx, key)? else {
                let words = format!("there is no delivery {id}");
                return Err(Failure::Refused(SimError::not_found(
                    "unknown_delivery",
                    words,
                    Some("id"),
                )));
            };
            if deliveries::due(tx, key)?.is_none() {
                let words = format!("delivery {id} has no app to be sent to: the account was connected to none");
                return Err(Failure::Refused(SimError::conflict("no_app", words, Some("id"))));
            }
            deliveries::resend_begins(tx, key)?;
            delivery_jobs::enqueue(
                tx,
                DeliveryJob {
                    delivery: key,
                    signing,
                    resent: true,
                },
                None,
                now_ms,
            )?;
            Ok(view)
        })
        .await?;
    app.world.deliveries.ring();
    Ok(Json(view))
}
