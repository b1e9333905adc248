//! `POST /_sim/trigger` — any documented event, without a gesture behind it.

use axum::Json;
use axum::extract::State;
use selfsame_wire::flow::LoginFlow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::actions::{DashboardTest, Trigger};
use crate::http::App;

/// An event to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriggerRequest {
    /// Name of a documented sample (`self_echo`, `message_image`, `story_insights`, …), or of a webhook field.
    event: String,
    /// The person, with or without `@`.
    #[serde(rename = "as")]
    person: Option<String>,
    /// The professional account; the only one unless given.
    to: Option<String>,
    /// Values by dotted path: `message.text` in the event, `entry.0.id` in the body. What is not there is added.
    #[serde(rename = "override", default)]
    #[schema(value_type = Option<Object>)]
    changes: Map<String, Value>,
    /// Dotted paths to remove.
    #[serde(default)]
    remove: Vec<String>,
    /// The whole body in place of the sample: JSON, or a text that is sent as it is.
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
    /// In the shape and with the ids of the App Dashboard's Test button. It needs no install and no published app.
    #[serde(default)]
    dashboard: bool,
    /// Which app the dashboard belongs to; every app with a callback unless given.
    app: Option<String>,
    /// Whose shape the dashboard sends, `instagram` (the default) or `facebook`.
    #[schema(value_type = Option<String>)]
    flow: Option<LoginFlow>,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TriggerAnswer {
    /// Ids of the deliveries, suppressed ones included.
    notifications: Vec<i64>,
}

/// Sends any documented event.
#[utoipa::path(post, path = "/_sim/trigger", request_body = TriggerRequest,
    responses((status = 200, body = TriggerAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn trigger(
    State(app): State<App>,
    SimJson(request): SimJson<TriggerRequest>,
) -> Result<Json<TriggerAnswer>, SimError> {
    let trigger = Trigger {
        event: request.event,
        person: request.person,
        to: request.to,
        changes: request.changes,
        removals: request.remove,
        raw: request.raw,
        dashboard: request.dashboard.then_some(DashboardTest {
            app: request.app,
            flow: request.flow.unwrap_or(LoginFlow::Instagram),
        }),
    };
    let made = app.world.trigger(trigger).await?;
    Ok(Json(TriggerAnswer {
        notifications: made.into_iter().map(|key| key.0).collect(),
    }))
}
