//! `/api/v1/deliveries` and `/api/v1/failed-signatures` — what came in over the webhook, what could not
//! be decided, and deciding it again from the raw bytes.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, ErrorAnswer};
use super::page::{PageQuery, cut, number_after};
use super::request::ApiQuery;
use crate::http::App;
use crate::inbox::{ReplayError, Replayed, replay};
use crate::store::StoreError;
use crate::store::events::{self, EventOfDelivery};
use crate::store::failed_signatures;
use crate::store::raw_deliveries::{self, DeliverySummary};

/// Rows of a page unless told otherwise.
const LIMIT: u32 = 100;
/// Rows of a page at most.
const LIMIT_MAX: u32 = 1_000;

/// Which deliveries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveryQuery {
    /// Only dead letters: deliveries with an event that could not be carried out, or that belongs to no
    /// connected account, or that cannot be read.
    #[serde(default)]
    dead: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// Rows of a page, 100 unless told, at most 1000.
    limit: Option<u32>,
}

/// A webhook that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DeliveryView {
    /// Its number.
    pub(in crate::http) id: String,
    /// When it came in, world time, RFC 3339.
    pub(in crate::http) received_at: String,
    /// The name of the app secret that signed it; `reconciler`: asked for by the reconciler.
    pub(in crate::http) signed_with: String,
    /// The length of its body.
    pub(in crate::http) length_bytes: i64,
    /// Whether it was split into events.
    pub(in crate::http) is_split: bool,
    /// What became of its events. Events that repeat one before have no row.
    pub(in crate::http) events: Vec<DeliveryEventView>,
}

/// An event of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DeliveryEventView {
    /// Its number, `e…`, as in `/api/v1/messages`.
    pub(in crate::http) id: String,
    /// Which event of the body, from 0.
    pub(in crate::http) position: i64,
    /// `message`, `postback`, `comment`, …
    pub(in crate::http) kind: String,
    /// `answered`, `no_rule`, `parked`, `failed`, `ours`, `ignored` or `unknown_account`.
    pub(in crate::http) state: String,
    /// Why, for people.
    pub(in crate::http) reason: Option<String>,
}

/// A page of deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryPage {
    /// Oldest first, as long as they are kept.
    data: Vec<DeliveryView>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A delivery with its bytes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryDetail {
    /// The delivery.
    delivery: DeliveryView,
    /// The raw body in base64: the exact bytes.
    body_base64: String,
    /// The raw body as text, where it is text.
    body: Option<String>,
}

/// What a replay came to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReplayAnswer {
    /// Events that are decided again.
    queued: usize,
    /// Events that had been decided already, or have no identity by which a repetition could be told.
    skipped: usize,
}

/// A webhook that was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedSignatureView {
    /// Its number.
    id: String,
    /// When, RFC 3339.
    received_at: String,
    /// The length of its body.
    length_bytes: i64,
    /// The first bytes of its body.
    head: String,
    /// What was wrong.
    reason: String,
    /// The names of the secrets that were tried.
    secrets_tried: Vec<String>,
}

/// A page of refused webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FailedSignaturePage {
    /// Oldest first. At most five a second are recorded, and a thousand are kept.
    data: Vec<FailedSignatureView>,
    /// The `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl DeliveryView {
    /// A delivery with its events.
    pub(in crate::http) fn new(summary: DeliverySummary, events: Vec<EventOfDelivery>) -> Self {
        Self {
            id: summary.id.to_string(),
            received_at: rfc3339(summary.received_world_ms),
            signed_with: summary.signed_with,
            length_bytes: summary.length_bytes,
            is_split: summary.is_split,
            events: events
                .into_iter()
                .map(|event| DeliveryEventView {
                    id: format!("e{}", event.id),
                    position: event.position,
                    kind: event.kind,
                    state: event.state,
                    reason: event.reason,
                })
                .collect(),
        }
    }
}

/// The webhooks that were taken in.
#[utoipa::path(get, path = "/api/v1/deliveries", params(DeliveryQuery),
    responses((status = 200, body = DeliveryPage), (status = "default", body = ErrorAnswer)))]
pub(super) async fn list_deliveries(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<DeliveryQuery>,
) -> Result<Json<DeliveryPage>, ApiError> {
    let limit = query.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let after = number_after(query.after.as_deref())?;
    let mut data = deliveries(&app, after, limit + 1, query.dead).await?;
    let next = cut(&mut data, limit, |delivery| delivery.id.clone());
    Ok(Json(DeliveryPage { data, next }))
}

/// One webhook with its raw bytes.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", params(("id" = String, Path)),
    responses((status = 200, body = DeliveryDetail), (status = "default", body = ErrorAnswer)))]
pub(super) async fn get_delivery(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, ApiError> {
    let number = number_of(&id)?;
    let found = app
        .database
        .read(move |connection| {
            let Some(summary) = raw_deliveries::find_summary(connection, number)? else {
                return Ok(None);
            };
            let body = raw_deliveries::find(connection, number)?.map(|delivery| delivery.body);
            let events = events::of_delivery(connection, number)?;
            Ok::<_, StoreError>(Some((summary, events, body.unwrap_or_default())))
        })
        .await?;
    let (summary, events, body) = found.ok_or_else(|| unknown(&id))?;
    Ok(Json(DeliveryDetail {
        delivery: DeliveryView::new(summary, events),
        body_base64: STANDARD.encode(&body),
        body: String::from_utf8(body).ok(),
    }))
}

/// Decides again what nobody has decided of a delivery: dead letters, and what was lost.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/replay", params(("id" = String, Path)),
    responses((status = 202, body = ReplayAnswer), (status = "default", body = ErrorAnswer)))]
pub(super) async fn replay_delivery(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<ReplayAnswer>), ApiError> {
    let Replayed { queued, skipped } = replay_one(&app, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(ReplayAnswer { queued, skipped })))
}

/// The webhooks whose signature fitted none of the app secrets.
#[utoipa::path(get, path = "/api/v1/failed-signatures", params(PageQuery),
    responses((status = 200, body = FailedSignaturePage), (status = "default", body = ErrorAnswer)))]
pub(super) async fn list_failed_signatures(
    State(app): State<App>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> Result<Json<FailedSignaturePage>, ApiError> {
    let (limit, after) = (query.limit(), query.after_number()?);
    let mut rows = app
        .database
        .read(move |connection| failed_signatures::list_after(connection, after, limit + 1))
        .await?;
    let next = cut(&mut rows, limit, |row| row.id.to_string());
    let data = rows.into_iter().map(|row| FailedSignatureView {
        id: row.id.to_string(),
        received_at: rfc3339(row.received_at_ms),
        length_bytes: row.length_bytes,
        head: row.head,
        reason: row.reason,
        secrets_tried: row.secrets_tried.split(',').map(str::to_owned).collect(),
    });
    Ok(Json(FailedSignaturePage {
        data: data.collect(),
        next,
    }))
}

/// Deliveries with their events.
pub(in crate::http) async fn deliveries(
    app: &App,
    after: i64,
    limit: u32,
    dead: bool,
) -> Result<Vec<DeliveryView>, ApiError> {
    let listed = app
        .database
        .read(move |connection| {
            let mut views = Vec::new();
            for summary in raw_deliveries::list_summaries(connection, after, limit, dead)? {
                let events = events::of_delivery(connection, summary.id)?;
                views.push(DeliveryView::new(summary, events));
            }
            Ok::<_, StoreError>(views)
        })
        .await?;
    Ok(listed)
}

/// Decides a delivery again.
pub(in crate::http) async fn replay_one(app: &App, id: &str) -> Result<Replayed, ApiError> {
    let number = number_of(id)?;
    let replayed = replay(&app.database, number, app.process.now().as_millis()).await;
    match replayed {
        Ok(replayed) => {
            app.inbox_bell.ring();
            Ok(replayed)
        }
        Err(ReplayError::Unknown) => Err(unknown(id)),
        Err(ReplayError::NotSplitYet) => Err(ApiError::conflict(
            "not_decided_yet",
            format!("the delivery {id} is about to be decided; there is nothing to replay"),
        )),
        Err(ReplayError::Store(error)) => Err(error.into()),
    }
}

fn number_of(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_not_a_number| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let message = format!("there is no delivery {id}; raw bodies are kept for a while only");
    ApiError::not_found("unknown_delivery", message, Some("id"))
}

fn rfc3339(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}
