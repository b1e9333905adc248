//! The error form of `/api/v1`.

use std::error::Error;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db;
use serde::Serialize;
use utoipa::ToSchema;

use crate::automation::{Problem, RehearsalError};
use crate::lanes::PublishError;
use crate::onboarding::{OnboardError, PageChoice};
use crate::previews::PreviewError;
use crate::store::StoreError;

/// A refused request.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    body: ErrorObject,
}

/// What a refused request is answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorAnswer {
    /// The error.
    error: ErrorObject,
}

/// One error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorObject {
    /// Stable name of the error.
    code: &'static str,
    /// What is wrong and what to do.
    message: String,
    /// The input at fault.
    #[schema(required)]
    field: Option<&'static str>,
    /// For automations: every problem, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
    /// For Facebook logins: the Pages to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pages: Vec<PageChoice>,
}

impl ApiError {
    /// A request that makes no sense.
    pub(super) fn bad_request(code: &'static str, message: impl Into<String>, field: Option<&'static str>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: ErrorObject {
                code,
                message: message.into(),
                field,
                problems: Vec::new(),
                pages: Vec::new(),
            },
        }
    }

    /// Something that does not exist.
    pub(super) fn not_found(code: &'static str, message: impl Into<String>, field: Option<&'static str>) -> Self {
        Self::bad_request(code, message, field).with_status(StatusCode::NOT_FOUND)
    }

    /// Something that cannot be done as things stand.
    pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::bad_request(code, message, None).with_status(StatusCode::CONFLICT)
    }

    /// The same error with another status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The sentence for people.
    pub(in crate::http) fn message(&self) -> &str {
        &self.body.message
    }

    /// Its HTTP status.
    pub(in crate::http) const fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn Error, "the store failed");
        Self::bad_request(
            "store_failed",
            "the store failed; nothing was changed (see the log)",
            None,
        )
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl From<db::WriteError<StoreError>> for ApiError {
    fn from(error: db::WriteError<StoreError>) -> Self {
        StoreError::from(error).into()
    }
}

impl From<db::ReadError<StoreError>> for ApiError {
    fn from(error: db::ReadError<StoreError>) -> Self {
        StoreError::from(error).into()
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::DraftHasErrors(problems) => {
                let message = format!("{problems}");
                let mut error = Self::bad_request("automations_invalid", message, None)
                    .with_status(StatusCode::UNPROCESSABLE_ENTITY);
                error.body.problems = problems.0;
                error
            }
            PublishError::NoDraft => Self::conflict(
                "no_draft",
                "there is no draft to publish; write the automations file first",
            ),
            PublishError::UnknownVersion(id) => Self::not_found(
                "unknown_version",
                format!("there is no published version {id}; see the history"),
                Some("id"),
            ),
            PublishError::Store(error) => error.into(),
        }
    }
}

impl From<PreviewError> for ApiError {
    fn from(error: PreviewError) -> Self {
        let message = error.to_string();
        match error {
            PreviewError::Unknown(_) => Self::not_found(
                "unknown_preview",
                format!("{message}; see GET /api/v1/previews"),
                Some("id"),
            ),
            PreviewError::Ended => {
                Self::conflict("preview_ended", format!("{message}; make a new one")).with_status(StatusCode::GONE)
            }
            PreviewError::UnknownAutomation(_) => Self::not_found("unknown_automation", message, Some("automation")),
            PreviewError::Invalid(problems) => {
                let message = format!("{message}: {problems}");
                let mut error = Self::bad_request("automations_invalid", message, Some("file"))
                    .with_status(StatusCode::UNPROCESSABLE_ENTITY);
                error.body.problems = problems.0;
                error
            }
            PreviewError::Gesture(_) => Self::bad_request("invalid_value", message, Some("trigger")),
            PreviewError::SelfOff => Self::conflict(
                "self_mode_off",
                format!("{message}; set its self_mode to session or always"),
            ),
            PreviewError::TooMany => Self::conflict("too_many_previews", format!("{message}; end some of them")),
            PreviewError::NotMadeUp => Self::conflict("not_simulated", message),
            PreviewError::Rehearsal(RehearsalError::TooLong) => Self::conflict("preview_too_long", message),
            PreviewError::Rehearsal(RehearsalError::NothingWaits) => Self::conflict("nothing_waits", message),
            PreviewError::MayNotPublish => {
                Self::conflict("may_not_publish", message).with_status(StatusCode::FORBIDDEN)
            }
            PreviewError::Publish(error) => error.into(),
            PreviewError::Store(error) => error.into(),
        }
    }
}

impl From<OnboardError> for ApiError {
    fn from(error: OnboardError) -> Self {
        let message = error.to_string();
        match error {
            OnboardError::TokenRefused { .. } => Self::bad_request("token_refused", message, Some("access_token")),
            OnboardError::NoInstagramAccount { .. } => {
                Self::bad_request("no_instagram_account", message, Some("access_token"))
            }
            OnboardError::NoPage => Self::bad_request("no_page", message, Some("access_token")),
            OnboardError::UnknownPage(_) => Self::bad_request("unknown_page", message, Some("page_id")),
            OnboardError::ChoosePage { pages } => {
                let mut error = Self::conflict("choose_page", message);
                error.body.field = Some("page_id");
                error.body.pages = pages;
                error
            }
            OnboardError::Call(_) => {
                Self::bad_request("instagram_failed", message, None).with_status(StatusCode::BAD_GATEWAY)
            }
            OnboardError::Sealing(error) => {
                tracing::error!(error = &error as &dyn Error, "a token cannot be sealed");
                Self::bad_request("sealing_failed", "the token cannot be kept (see the log)", None)
                    .with_status(StatusCode::INTERNAL_SERVER_ERROR)
            }
            OnboardError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(ErrorAnswer { error: self.body })).into_response()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use selfsame_runtime::http::Refusal;

    /// The codes that stand in the sources of this API: the first argument of its constructors, and
    /// those of the table of unreadable bodies.
    fn codes_in(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes_in(&path, codes);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            // Not this test's own words.
            let source = source.split("#[cfg(test)]").next().unwrap();
            let constructors = ["bad_request(", "not_found(", "conflict("];
            for start in constructors.iter().flat_map(|name| {
                source
                    .match_indices(name)
                    .map(|(position, found)| position + found.len())
            }) {
                let argument = source[start..].trim_start();
                if let Some(code) = argument.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                    codes.insert(code.to_owned());
                }
            }
            for (_, rest) in source
                .match_indices("JsonRejection::")
                .map(|(at, _)| source.split_at(at))
            {
                if let Some(code) = rest.split("=> \"").nth(1).and_then(|rest| rest.split('"').next()) {
                    codes.insert(code.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_code_has_a_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut codes = BTreeSet::new();
        codes_in(&root.join("src/http/api"), &mut codes);
        assert!(codes.len() > 25, "the sources were not understood: {codes:?}");
        // What that table answers for everything else.
        codes.insert("unreadable_body".to_owned());
        // What the walls around this API answer in its form.
        for refusal in [
            Refusal::NoHost,
            Refusal::NotUnderMetaName,
            Refusal::HostNotAllowed,
            Refusal::OriginNotAllowed,
            Refusal::KeyNeeded,
        ] {
            codes.insert(refusal.code().to_owned());
        }
        let pages = root.join("../../docs/errors");
        let pageless: Vec<_> = std::fs::read_dir(&pages)
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|page| page != "README" && !codes.contains(page))
            .collect();
        assert!(pageless.is_empty(), "{pageless:?} are described and never answered");
        let missing: Vec<_> = codes
            .iter()
            .filter(|code| !pages.join(format!("{code}.md")).exists())
            .collect();
        assert!(missing.is_empty(), "{missing:?} have no page in docs/errors");
    }
}
