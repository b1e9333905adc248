//! The error envelope, in documented key order.

use serde_json::{Map, Value};

use crate::lenient;

/// One Graph error. `message`, `type`, `code` and `fbtrace_id` are always written.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphError {
    /// What is wrong, in English. Meta localises it: never match on it.
    pub message: String,
    /// `OAuthException`, `IGApiException`, `GraphMethodException`, …
    pub kind: String,
    /// The code that clients key on.
    pub code: i64,
    /// The finer code.
    pub subcode: Option<i64>,
    /// Whether trying again may help, when Graph says so.
    pub is_transient: Option<bool>,
    /// Title for end users.
    pub user_title: Option<String>,
    /// Text for end users.
    pub user_message: Option<String>,
    /// Further data.
    pub data: Option<Value>,
    /// Trace id for support; set by the HTTP layer with [`GraphError::with_trace`].
    pub trace_id: String,
    /// HTTP status of the answer; not part of the body.
    pub http_status: u16,
    /// The word of the `www-authenticate` header; not part of the body.
    pub challenge: Challenge,
}

/// Second word of `www-authenticate: OAuth "Facebook Platform" "<word>" "<message>"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// `invalid_token`
    InvalidToken,
    /// `invalid_request`
    InvalidRequest,
    /// `insufficient_scope`
    InsufficientScope,
    /// `invalid_code`
    InvalidCode,
}

impl Challenge {
    const fn word(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::InvalidRequest => "invalid_request",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidCode => "invalid_code",
        }
    }
}

impl GraphError {
    /// An error with the given essentials, status 400, no subcode.
    pub fn new(kind: &str, code: i64, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: kind.to_owned(),
            code,
            subcode: None,
            is_transient: None,
            user_title: None,
            user_message: None,
            data: None,
            trace_id: String::new(),
            http_status: 400,
            challenge: Challenge::InvalidRequest,
        }
    }

    /// Adds the finer code.
    #[must_use]
    pub fn with_subcode(mut self, subcode: i64) -> Self {
        self.subcode = Some(subcode);
        self
    }

    /// Sets the HTTP status.
    #[must_use]
    pub const fn with_status(mut self, http_status: u16) -> Self {
        self.http_status = http_status;
        self
    }

    /// Sets the trace id, which the HTTP layer makes (randomness is not ours).
    #[must_use]
    pub fn with_trace(mut self, trace_id: impl Into<String>) -> Self {
        self.trace_id = trace_id.into();
        self
    }

    /// The body: `{"error":{…}}`.
    pub fn to_body(&self) -> Value {
        let mut error = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                error.insert(name.to_owned(), value);
            }
        };
        put("message", Some(self.message.as_str().into()));
        put("type", Some(self.kind.as_str().into()));
        put("code", Some(self.code.into()));
        put("error_subcode", self.subcode.map(Value::from));
        put("is_transient", self.is_transient.map(Value::from));
        put("error_user_title", self.user_title.as_deref().map(Value::from));
        put("error_user_msg", self.user_message.as_deref().map(Value::from));
        put("error_data", self.data.clone());
        put("fbtrace_id", Some(self.trace_id.as_str().into()));
        let mut body = Map::new();
        body.insert("error".to_owned(), Value::Object(error));
        Value::Object(body)
    }

    /// Value of the `www-authenticate` header that Graph sends with errors, fit for a header: quotes
    /// and characters outside printable ASCII are replaced.
    pub fn www_authenticate(&self) -> String {
        let message: String = self
            .message
            .chars()
            .map(|character| match character {
                '"' => '\'',
                ' '..='~' => character,
                _ => '?',
            })
            .collect();
        format!(
            "OAuth \"Facebook Platform\" \"{}\" \"{message}\"",
            self.challenge.word()
        )
    }

    /// Reads the body of a refusal. None when it is no Graph error: then nobody knows what happened.
    pub fn parse(body: &[u8], http_status: u16) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let error = lenient::member(&body, "error")?;
        let text = |name| lenient::member(error, name).and_then(lenient::text);
        let integer = |name| lenient::member(error, name).and_then(lenient::integer);
        Some(Self {
            message: text("message").unwrap_or_default(),
            kind: text("type").unwrap_or_default(),
            code: integer("code")?,
            subcode: integer("error_subcode"),
            is_transient: lenient::member(error, "is_transient").and_then(lenient::boolean),
            user_title: text("error_user_title"),
            user_message: text("error_user_msg"),
            data: lenient::member(error, "error_data").cloned(),
            trace_id: text("fbtrace_id").unwrap_or_default(),
            http_status,
            challenge: Challenge::InvalidRequest,
        })
    }
}

impl std::fmt::Display for GraphError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.kind, self.code)?;
        if let Some(subcode) = self.subcode {
            write!(formatter, "/{subcode}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl std::error::Error for GraphError {}
