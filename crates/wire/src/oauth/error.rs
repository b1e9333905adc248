//! The flat error of `api.instagram.com/oauth/access_token` (contract "Code to short-lived token").

use serde_json::{Value, json};

use crate::lenient;

/// `{"error_type","code","error_message"}`, always with HTTP 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {code}: {message}")]
pub struct OAuthError {
    /// `OAuthException`
    pub kind: String,
    /// 400
    pub code: i64,
    /// What is wrong.
    pub message: String,
}

impl OAuthError {
    /// An error with that message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            kind: "OAuthException".to_owned(),
            code: 400,
            message: message.into(),
        }
    }

    /// A code that is unknown, used or expired.
    pub fn code_not_found() -> Self {
        Self::new("Matching code was not found or was already used")
    }

    /// `redirect_uri` is not the one of the dialog.
    pub fn redirect_uri_mismatch() -> Self {
        Self::new(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        )
    }

    /// `client_id` is unknown.
    pub fn invalid_platform_app() -> Self {
        Self::new("Invalid platform app")
    }

    /// `client_secret` is wrong.
    pub fn invalid_client_secret() -> Self {
        Self::new("Error validating client secret.")
    }

    /// The body, keys in documented order.
    pub fn to_body(&self) -> Value {
        json!({ "error_type": self.kind, "code": self.code, "error_message": self.message })
    }

    /// Reads the flat form. The Graph form is read by [`crate::graph_error::GraphError::parse`].
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let message = lenient::member(&body, "error_message").and_then(lenient::text)?;
        Some(Self {
            kind: lenient::member(&body, "error_type")
                .and_then(lenient::text)
                .unwrap_or_default(),
            code: lenient::member(&body, "code").and_then(lenient::integer).unwrap_or(400),
            message,
        })
    }
}
