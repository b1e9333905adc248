//! The error form of `/_sim`: `{"error":{"code","message","field"}}` (design §6).

use std::error::Error;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::{GestureRefusal, SetupRefusal};
use crate::store::{Failure, StoreError};

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SimError {
    status: StatusCode,
    code: &'static str,
    message: String,
    field: Option<String>,
}

/// What a refused request is answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorAnswer {
    /// The error.
    error: ErrorObject,
}

/// One error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorObject)]
pub(crate) struct ErrorObject {
    /// Stable name of the error.
    code: String,
    /// What is wrong and what to do.
    message: String,
    /// The input at fault.
    #[schema(required)]
    field: Option<String>,
}

impl SimError {
    /// A request that does not make sense.
    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>, field: Option<&str>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
            field: field.map(str::to_owned),
        }
    }

    /// Something that does not exist.
    pub(crate) fn not_found(code: &'static str, message: impl Into<String>, field: Option<&str>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::bad_request(code, message, field)
        }
    }

    /// Something that cannot be done as things stand.
    pub(crate) fn conflict(code: &'static str, message: impl Into<String>, field: Option<&str>) -> Self {
        Self {
            status: StatusCode::CONFLICT,
            ..Self::bad_request(code, message, field)
        }
    }

    /// Another status with the same form.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<StoreError> for SimError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn Error, "the store failed");
        let status = match error {
            StoreError::Corrupt { .. } | StoreError::Sqlite(_) | StoreError::Queue(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            StoreError::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self {
            status,
            code: "store_failed",
            message: "the world could not be read or written; nothing was changed (see the log)".to_owned(),
            field: None,
        }
    }
}

impl From<GestureRefusal> for SimError {
    fn from(refusal: GestureRefusal) -> Self {
        let status = if refusal.is_not_found() {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::BAD_REQUEST
        };
        Self {
            status,
            code: refusal.code(),
            message: refusal.to_string(),
            field: refusal.field().map(str::to_owned),
        }
    }
}

impl From<SetupRefusal> for SimError {
    fn from(refusal: SetupRefusal) -> Self {
        let status = if refusal.is_not_found() {
            StatusCode::NOT_FOUND
        } else if refusal.is_conflict() {
            StatusCode::CONFLICT
        } else {
            StatusCode::BAD_REQUEST
        };
        Self {
            status,
            code: refusal.code(),
            message: refusal.to_string(),
            field: refusal.field().map(str::to_owned),
        }
    }
}

impl<E: Into<Self>> From<Failure<E>> for SimError {
    fn from(failure: Failure<E>) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for SimError {
    fn into_response(self) -> Response {
        let answer = ErrorAnswer {
            error: ErrorObject {
                code: self.code.to_owned(),
                message: self.message,
                field: self.field,
            },
        };
        (self.status, Json(answer)).into_response()
    }
}
