//! `POST /api/v1/signature-lab` — why does a webhook's signature fit, or not?
//!
//! It shows signatures for any body, so whoever may ask could forge webhooks: it needs the scope
//! `admin`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER};
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ApiError, ErrorAnswer};
use super::request::ApiJson;
use crate::http::App;
use crate::signature_lab::{LabReport, Specimen, examine};

/// A webhook as it was received.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LabRequest {
    /// The raw body, as text.
    body: Option<String>,
    /// The raw body in base64, where it is not text, or where every byte matters.
    body_base64: Option<String>,
    /// The headers that came with it; `X-Hub-Signature-256` and `X-Hub-Signature` are looked at.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// Examines a webhook's signature.
#[utoipa::path(post, path = "/api/v1/signature-lab", request_body = LabRequest,
    responses((status = 200, body = LabReport), (status = "default", body = ErrorAnswer)))]
pub(super) async fn examine_signature(
    State(app): State<App>,
    ApiJson(request): ApiJson<LabRequest>,
) -> Result<Json<LabReport>, ApiError> {
    let body = match (request.body, request.body_base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(encoded)) => STANDARD.decode(encoded.trim()).map_err(|error| {
            ApiError::bad_request(
                "invalid_value",
                format!("`body_base64` is not base64: {error}"),
                Some("body_base64"),
            )
        })?,
        _ => {
            let message = "give the raw body as `body` or as `body_base64`, one of them";
            return Err(ApiError::bad_request("invalid_value", message, Some("body")));
        }
    };
    let header = |name: &str| {
        let mut found = request
            .headers
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim())
    };
    let specimen = Specimen {
        body: &body,
        sha256: header(SIGNATURE_256_HEADER),
        sha1: header(SIGNATURE_1_HEADER),
    };
    Ok(Json(examine(specimen, &app.webhook_secrets, &app.secret_names)))
}
