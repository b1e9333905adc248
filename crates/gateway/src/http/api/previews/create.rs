//! `POST /api/v1/previews` — lets an owner meet her draft.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{PreviewView, view_of};
use crate::automation::Gesture;
use crate::http::App;
use crate::http::api::accounts::find_account;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::previews::NewPreview;
use crate::store::previews::PreviewMode;

/// How long a link works unless told otherwise, in seconds.
const DEFAULT_SECONDS: u32 = 24 * 3600;
/// How long a link works at most, in seconds: a month.
const MOST_SECONDS: u32 = 31 * 24 * 3600;

/// A preview to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRequest {
    /// The account: a username or any id of it.
    account: String,
    /// The name of an automation of the draft: the preview is about it.
    automation: Option<String>,
    /// The text of an automations file that is tried in place of the draft.
    file: Option<String>,
    /// What is done by itself. Absent: a simulation begins with what starts the automation, and a preview
    /// that is sent waits until the owner does something.
    trigger: Option<Gesture>,
    /// `simulate`: the engine alone, nothing is sent. `send`: the answers go to the owner's own thread.
    mode: PreviewMode,
    /// Whether the page has a *publish* button.
    #[serde(default)]
    allow_publish: bool,
    /// Whether the draft's public replies are posted on a real account too.
    #[serde(default)]
    post_replies: bool,
    /// How long the link works, in seconds of real time; a day when absent, a month at most.
    expires_in_s: Option<u32>,
}

/// Makes a preview.
#[utoipa::path(post, path = "/api/v1/previews", request_body = PreviewRequest,
    responses((status = 201, body = PreviewView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn create_preview(
    State(app): State<App>,
    headers: HeaderMap,
    ApiJson(request): ApiJson<PreviewRequest>,
) -> Result<(StatusCode, Json<PreviewView>), ApiError> {
    let account = find_account(&app, &request.account).await?;
    let seconds = request.expires_in_s.unwrap_or(DEFAULT_SECONDS);
    if !(1..=MOST_SECONDS).contains(&seconds) {
        let message = format!("`expires_in_s` is between 1 and {MOST_SECONDS}, not {seconds}");
        return Err(ApiError::bad_request("invalid_value", message, Some("expires_in_s")));
    }
    let row = app
        .previews
        .create(NewPreview {
            account,
            mode: request.mode,
            text: request.file,
            automation: request.automation,
            gesture: request.trigger,
            allow_publish: request.allow_publish,
            post_replies: request.post_replies,
            lasts_ms: i64::from(seconds).saturating_mul(1000),
        })
        .await?;
    let view = view_of(&app, &headers, &row.id).await?;
    Ok((StatusCode::CREATED, Json(view)))
}
