//! Answers in Meta's form, and our cause and remedy beside a refusal.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use serde_json::Value;

use crate::store::StoreError;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
const WHY_HEADER: HeaderName = HeaderName::from_static("x-selfsame-why");
/// Bytes of randomness in a trace id; as many characters as Meta's come of it.
const TRACE_BYTES: usize = 8;

/// A refused call.
#[derive(Debug)]
pub(super) struct Refusal {
    error: Box<GraphError>,
    why: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// An answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// The gateway's own, in Meta's form.
    Ours(Value),
    /// Instagram's, be it a refusal.
    Instagrams(Passed),
}

/// An answer of Instagram's, with nothing in it that callers must not see.
#[derive(Debug)]
pub(super) struct Passed {
    /// Its status.
    pub(super) status: StatusCode,
    /// Those of its headers that callers get.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Its body.
    pub(super) body: Value,
}

impl Passed {
    /// The same, where it is the end of another call.
    pub(super) fn into_refusal(self, flow: LoginFlow) -> Refusal {
        let error = GraphError::parse(self.body.to_string().as_bytes(), self.status.as_u16())
            .unwrap_or_else(|| GraphError::invalid_message_data(flow));
        Refusal::new(error, "Instagram did not take the file")
    }
}

/// What a call came to.
pub(super) type Outcome = Result<Answer, Refusal>;

impl Refusal {
    /// Meta's error with our why.
    pub(super) fn new(error: GraphError, why: impl Into<String>) -> Self {
        Self {
            error: Box::new(error),
            why: why.into(),
            headers: Vec::new(),
        }
    }

    /// The same, with headers that Instagram's refusal had.
    pub(super) fn with_headers(self, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        Self { headers, ..self }
    }

    /// Status and body, as they stand in the answer to a batch.
    pub(super) fn to_item(&self, random: &Random) -> (u16, Value) {
        let error = traced((*self.error).clone(), random);
        (error.http_status, error.to_body())
    }

    /// No such object or no such call on it.
    pub(super) fn unsupported(flow: LoginFlow, method: &str, id: &str, why: impl Into<String>) -> Self {
        Self::new(
            GraphError::unsupported_request(flow, &method.to_ascii_lowercase(), id),
            why,
        )
    }
}

impl<E: Into<StoreError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error: StoreError = error.into();
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a Graph-shaped call failed in the store"
        );
        Self::new(
            GraphError::temporary(),
            "the gateway's own store failed or is full; its log says more. Nothing was sent: try again later",
        )
    }
}

/// Writes an answer.
pub(super) fn write(outcome: Outcome, flow: LoginFlow, version: &str, random: &Random) -> Response {
    let mut response = match outcome {
        Ok(Answer::Ours(body)) => Response::new(Body::from(body.to_string())),
        Ok(Answer::Instagrams(Passed { status, headers, body })) => {
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = status;
            response.headers_mut().extend(headers);
            response
        }
        Err(Refusal { error, why, headers }) => {
            let (code, subcode) = (error.code, error.subcode.unwrap_or_default());
            tracing::info!(target: "selfsame::refusal", code, subcode, why, "refused");
            let mut response = refuse(*error, &why, random);
            response.headers_mut().extend(headers);
            response
        }
    };
    name_version(response.headers_mut(), flow, version);
    response
}

/// Says which version answered, unless Instagram has said it.
fn name_version(headers: &mut HeaderMap, flow: LoginFlow, version: &str) {
    headers.insert(header::CONTENT_TYPE, JSON);
    let name = match flow {
        LoginFlow::Instagram => HeaderName::from_static("instagram-api-version"),
        LoginFlow::Facebook => HeaderName::from_static("facebook-api-version"),
    };
    if let (false, Ok(version)) = (headers.contains_key(&name), HeaderValue::try_from(version)) {
        headers.insert(name, version);
    }
}

fn traced(error: GraphError, random: &Random) -> GraphError {
    if error.trace_id.is_empty() {
        error.with_trace(random.base64url(TRACE_BYTES))
    } else {
        error
    }
}

fn refuse(error: GraphError, why: &str, random: &Random) -> Response {
    let error = traced(error, random);
    let mut response = Response::new(Body::from(error.to_body().to_string()));
    *response.status_mut() = StatusCode::from_u16(error.http_status).unwrap_or(StatusCode::BAD_REQUEST);
    let challenge = HeaderValue::try_from(error.www_authenticate());
    if let Ok(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    // Header values carry printable ASCII only.
    let printable: String = why
        .chars()
        .map(|character| if matches!(character, ' '..='~') { character } else { '?' })
        .collect();
    if let Ok(why) = HeaderValue::try_from(printable) {
        response.headers_mut().insert(WHY_HEADER, why);
    }
    response
}
