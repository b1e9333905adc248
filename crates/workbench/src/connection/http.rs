//! One HTTP call of the workbench, and how it may fail.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use url::Url;

/// A connection that is not answered by then will not be.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A whole world is written to disk at one end and read at the other.
const TRANSFER_TIMEOUT: Duration = Duration::from_mins(10);
/// A stream has no end of its own; whoever listens for longer begins again where it ended.
const STREAM_TIMEOUT: Duration = Duration::from_hours(24);
/// The longest call is a `wait` of a minute; every other one is far quicker.
const CALL_TIMEOUT: Duration = Duration::from_secs(90);
/// An error page longer than this is cut when it is quoted.
const QUOTED_BYTES: usize = 500;

/// One half of a house: its base URL, the key if one is known, and a client with its limits.
#[derive(Debug, Clone)]
pub struct Endpoint {
    base: Url,
    admin_token: Option<String>,
    http: Client,
}

/// Why a call brought no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nobody listens there.
    #[error("nothing answers at {url} (`selfsame start` starts a house)")]
    Unreachable {
        /// Where it was expected.
        url: Box<Url>,
        /// What the connection said.
        #[source]
        source: reqwest::Error,
    },
    /// The call began and was cut, or took too long.
    #[error("{method} {url} broke off")]
    Broken {
        /// The method of the call.
        method: Method,
        /// The address of the call.
        url: Box<Url>,
        /// What the connection said.
        #[source]
        source: reqwest::Error,
    },
    /// It answered that it will not.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// It answered 200 with something else than expected.
    #[error("{url} answered what this version does not understand: {reason}")]
    Unreadable {
        /// The address of the call.
        url: Box<Url>,
        /// What was expected.
        reason: String,
    },
}

/// An answer that says no.
#[derive(Debug, thiserror::Error)]
#[error("{}", sentence(self))]
pub struct Refusal {
    /// HTTP status of the answer.
    pub status: u16,
    /// The stable code of the error, when the answer has one.
    pub code: Option<String>,
    /// The error in words.
    pub message: String,
    /// The field of the request that it is about.
    pub field: Option<String>,
    /// The platform's cause and remedy (`X-Selfsame-Why`).
    pub why: Option<String>,
    /// The whole answer.
    pub body: Value,
}

impl Endpoint {
    /// One half of a house at `base`.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(base: Url, admin_token: Option<String>) -> Result<Self, reqwest::Error> {
        // Another part of the process may have installed the same provider already; that is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // A house is reached directly: a proxy of the surroundings would add `Via`, which its walls refuse.
            .no_proxy()
            .build()?;
        Ok(Self {
            base,
            admin_token,
            http,
        })
    }

    /// The base URL.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// `GET path?query`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, CallError> {
        self.call(Method::GET, path, query, None).await
    }

    /// `POST path` with `body` as JSON.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// `PUT path` with `body` as JSON.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.call(Method::PUT, path, &[], Some(body)).await
    }

    /// `PATCH path` with `body` as JSON.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, CallError> {
        self.call(Method::PATCH, path, &[], Some(body)).await
    }

    /// `DELETE path`, with `body` as JSON where what goes is named there.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn delete(&self, path: &str, body: Option<&Value>) -> Result<Value, CallError> {
        self.call(Method::DELETE, path, &[], body).await
    }

    /// The same half, addressed with an access token instead of the house's key: how an app calls the Graph API.
    #[must_use]
    pub fn with_bearer(&self, token: String) -> Self {
        Self {
            base: self.base.clone(),
            admin_token: Some(token),
            http: self.http.clone(),
        }
    }

    /// Opens server-sent events, which are read as they come.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn open_stream(&self, path: &str, last_event_id: Option<&str>) -> Result<reqwest::Response, CallError> {
        let url = self.address(path)?;
        let mut request = self
            .http
            .get(url.clone())
            .header("accept", "text/event-stream")
            .timeout(STREAM_TIMEOUT);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        self.open(request, url).await
    }

    /// Opens a long answer that is read as it comes.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn download(&self, path: &str) -> Result<reqwest::Response, CallError> {
        let url = self.address(path)?;
        let request = self.http.get(url.clone()).timeout(TRANSFER_TIMEOUT);
        self.open(request, url).await
    }

    /// `POST path` with the content of a file, read as it is sent.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn upload(&self, path: &str, file: std::fs::File) -> Result<Value, CallError> {
        let url = self.address(path)?;
        let request = self
            .http
            .post(url.clone())
            .timeout(TRANSFER_TIMEOUT)
            .header("content-type", "application/json")
            .body(tokio::fs::File::from_std(file));
        let response = self.send(request, Method::POST, &url).await?;
        read_answer(response, &url).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let mut url = self.address(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method.clone(), url.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.send(request, method, &url).await?;
        read_answer(response, &url).await
    }

    /// The answer to a `GET`, its body unread, unless it is a refusal.
    async fn open(&self, request: RequestBuilder, url: Url) -> Result<reqwest::Response, CallError> {
        let response = self.send(request, Method::GET, &url).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let refused = read_answer(response, &url).await.err();
        Err(refused.unwrap_or_else(|| CallError::Unreadable {
            url: Box::new(url),
            reason: "an answer that is read as it comes was expected".to_owned(),
        }))
    }

    async fn send(&self, request: RequestBuilder, method: Method, url: &Url) -> Result<reqwest::Response, CallError> {
        let request = match &self.admin_token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.map_err(|source| broken(method, url, source))
    }

    fn address(&self, path: &str) -> Result<Url, CallError> {
        let joined = format!(
            "{}/{}",
            self.base.as_str().trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        Url::parse(&joined).map_err(|error| CallError::Unreadable {
            url: Box::new(self.base.clone()),
            reason: error.to_string(),
        })
    }
}

fn broken(method: Method, url: &Url, source: reqwest::Error) -> CallError {
    if source.is_connect() {
        CallError::Unreachable {
            url: Box::new(url.clone()),
            source,
        }
    } else {
        CallError::Broken {
            method,
            url: Box::new(url.clone()),
            source,
        }
    }
}

async fn read_answer(response: reqwest::Response, url: &Url) -> Result<Value, CallError> {
    let status = response.status();
    let why = response
        .headers()
        .get("x-selfsame-why")
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let bytes = response.bytes().await.map_err(|source| CallError::Broken {
        method: Method::GET,
        url: Box::new(url.clone()),
        source,
    })?;
    let body = serde_json::from_slice::<Value>(&bytes);
    if status.is_success() {
        return match body {
            Ok(body) => Ok(body),
            Err(_) if bytes.is_empty() => Ok(Value::Null),
            Err(_) => Ok(Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        };
    }
    let body = body.unwrap_or_else(|_| {
        let quoted = bytes.get(..QUOTED_BYTES.min(bytes.len())).unwrap_or_default();
        Value::String(String::from_utf8_lossy(quoted).into_owned())
    });
    let error = body.get("error").unwrap_or(&body);
    let code = match (error.get("code"), error.get("error_subcode")) {
        (Some(Value::String(code)), _) => Some(code.clone()),
        (Some(code), Some(subcode)) => Some(format!("{code}/{subcode}")),
        (Some(code), None) => Some(code.to_string()),
        (None, _) => None,
    };
    let message = match error.get("message") {
        Some(Value::String(message)) => message.clone(),
        _ => error.as_str().map_or_else(|| body.to_string(), ToOwned::to_owned),
    };
    let field = error.get("field").and_then(Value::as_str).map(ToOwned::to_owned);
    Err(CallError::Refused(Box::new(Refusal {
        status: status.as_u16(),
        code,
        message,
        field,
        why,
        body,
    })))
}

/// One line for a person, and a second one for the cause and remedy.
fn sentence(refusal: &Refusal) -> String {
    let mut sentence = format!("refused ({}", refusal.status);
    if let Some(code) = &refusal.code {
        sentence.push_str(", ");
        sentence.push_str(code);
    }
    sentence.push_str("): ");
    sentence.push_str(refusal.message.trim());
    if let Some(field) = &refusal.field {
        sentence.push_str(" [");
        sentence.push_str(field);
        sentence.push(']');
    }
    if let Some(why) = &refusal.why {
        sentence.push_str("\n  why: ");
        sentence.push_str(why);
    }
    sentence
}
