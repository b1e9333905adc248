//! `POST /api/v1/automations/validate` and `GET …/schema` — before anything runs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::get::AutomationView;
use crate::automation::{self, Library, Problem, Problems};
use crate::http::App;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiText;

/// What is to be said about a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Validation {
    /// Whether it can be used.
    valid: bool,
    /// What is wrong, with line and column; warnings do not make it invalid.
    problems: Vec<Problem>,
    /// Its automations, when it can be used.
    automations: Vec<AutomationView>,
}

/// Checks automations without using them; the body is YAML. An empty body checks the draft's file.
#[utoipa::path(post, path = "/api/v1/automations/validate",
    request_body(content = String, content_type = "application/yaml"),
    responses((status = 200, body = Validation), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn validate(State(app): State<App>, ApiText(text): ApiText) -> Result<Json<Validation>, ApiError> {
    let text = if text.is_empty() {
        app.lanes.draft(None).map(|draft| draft.text).unwrap_or_default()
    } else {
        text
    };
    // Compiling a large file takes a while.
    let compiled = tokio::task::spawn_blocking(move || Library::compile(&text))
        .await
        .map_err(|_panicked| {
            ApiError::bad_request("validation_failed", "the file could not be checked (see the log)", None)
                .with_status(StatusCode::INTERNAL_SERVER_ERROR)
        })?;
    Ok(Json(match compiled {
        Ok(library) => Validation {
            valid: true,
            problems: library.warnings().to_vec(),
            automations: library
                .automations()
                .into_iter()
                .map(|automation| AutomationView {
                    name: automation.name,
                    line: automation.line,
                    when: automation.condition,
                    accounts: automation.accounts,
                })
                .collect(),
        },
        Err(Problems(problems)) => Validation {
            valid: false,
            problems,
            automations: Vec::new(),
        },
    }))
}

/// The JSON Schema of an automations file, for editors.
#[utoipa::path(get, path = "/api/v1/automations/schema", responses((status = 200, body = Object)))]
pub(crate) async fn schema() -> Json<Value> {
    Json(automation::schema())
}
