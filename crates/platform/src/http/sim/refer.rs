//! `POST /_sim/refer` — a person opens an existing thread through a link or an ad.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::Refer;
use crate::http::App;

/// Where links of `ig.me` come from unless told otherwise.
const LINK_SOURCE: &str = "IGME-SOURCE-LINK";
/// What every link does.
const OPENS_THREAD: &str = "OPEN_THREAD";

/// Where a person came from: a link (`ref`), an ad (`ad_id`), or a shop (`product_id`).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferralRequest {
    /// What the link carried.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// Where the link stood.
    source: Option<String>,
    /// The ad.
    ad_id: Option<String>,
    /// Its title.
    ad_title: Option<String>,
    /// Its picture.
    photo_url: Option<String>,
    /// Its video.
    video_url: Option<String>,
    /// The product of a shop.
    product_id: Option<String>,
}

impl ReferralRequest {
    /// `referral` as in webhooks (contract: webhooks §4.5, §4.6).
    pub(super) fn into_value(self) -> Value {
        if let Some(id) = self.product_id {
            return json!({"product": {"id": id}});
        }
        let mut referral = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                referral.insert(name.to_owned(), value.into());
            }
        };
        let default_source = if self.ad_id.is_some() { "ADS" } else { LINK_SOURCE };
        put("ref", self.reference);
        put("ad_id", self.ad_id.clone());
        put("source", self.source.or_else(|| Some(default_source.to_owned())));
        put("type", Some(OPENS_THREAD.to_owned()));
        if self.ad_id.is_some() {
            let mut ad = Map::new();
            let named = [
                ("ad_title", self.ad_title),
                ("photo_url", self.photo_url),
                ("video_url", self.video_url),
            ];
            for (name, value) in named {
                if let Some(value) = value {
                    ad.insert(name.to_owned(), value.into());
                }
            }
            referral.insert("ads_context_data".to_owned(), Value::Object(ad));
        }
        Value::Object(referral)
    }
}

/// A way back into a thread.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferRequest {
    /// The person, with or without `@`.
    #[serde(rename = "as")]
    person: String,
    /// The professional account.
    to: String,
    /// Where she came from.
    referral: ReferralRequest,
}

/// What it brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferAnswer {
    /// The thread.
    thread_id: i64,
    /// Ids of the deliveries, suppressed ones included.
    notifications: Vec<i64>,
}

/// Opens an existing thread through a link or an ad.
#[utoipa::path(post, path = "/_sim/refer", request_body = ReferRequest,
    responses((status = 200, body = ReferAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn refer(
    State(app): State<App>,
    SimJson(request): SimJson<ReferRequest>,
) -> Result<Json<ReferAnswer>, SimError> {
    let refer = Refer {
        person: request.person,
        to: request.to,
        referral: request.referral.into_value(),
    };
    let referred = app.world.refer(refer).await?;
    Ok(Json(ReferAnswer {
        thread_id: referred.thread.0,
        notifications: referred.notifications.into_iter().map(|key| key.0).collect(),
    }))
}
