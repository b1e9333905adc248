//! Answers of Graph as HTTP: bodies, version header, trace id, `www-authenticate`, why.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;
use serde_json::Value;

use super::refusal::GraphRefusal;
use crate::domain::identifiers;
use crate::switches::Switches;

/// Content type of every answer.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
/// Cause and remedy of a refusal.
const WHY_HEADER: HeaderName = HeaderName::from_static("x-selfsame-why");

/// An answer before it is written.
#[derive(Debug, Clone)]
pub(in crate::http) struct Answer {
    /// HTTP status.
    pub(in crate::http) status: StatusCode,
    /// Headers beside content type and version.
    pub(in crate::http) headers: Vec<(HeaderName, HeaderValue)>,
    /// JSON body.
    pub(in crate::http) body: Value,
}

impl Answer {
    /// 200 with a body.
    pub(in crate::http) const fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            body,
        }
    }

    /// A refusal, traced and explained.
    pub(in crate::http) fn refusal(
        refusal: GraphRefusal,
        flow: LoginFlow,
        switches: &Switches,
        random: &Random,
    ) -> Self {
        let GraphRefusal { error, why } = refusal;
        let mut error = (*error).with_trace(identifiers::trace_id(random));
        if error.code == 190 && flow == LoginFlow::Facebook {
            error.http_status = switches.errors_facebook_token_status;
        }
        let mut headers = Vec::new();
        if let Ok(value) = HeaderValue::try_from(error.www_authenticate()) {
            headers.push((header::WWW_AUTHENTICATE, value));
        }
        headers.extend(why_header(&why));
        let status = StatusCode::from_u16(error.http_status).unwrap_or(StatusCode::BAD_REQUEST);
        Self {
            status,
            headers,
            body: error.to_body(),
        }
    }

    /// Writes the answer.
    pub(in crate::http) fn into_response(self, flow: LoginFlow, version: &str) -> Response {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, JSON);
        if let Ok(version) = HeaderValue::try_from(version) {
            let name = match flow {
                LoginFlow::Instagram => HeaderName::from_static("instagram-api-version"),
                LoginFlow::Facebook => HeaderName::from_static("facebook-api-version"),
            };
            headers.insert(name, version);
        }
        headers.extend(self.headers);
        response
    }
}

/// The header that says why; header values carry printable ASCII only, so everything else becomes `?`.
pub(in crate::http) fn why_header(why: &str) -> Option<(HeaderName, HeaderValue)> {
    Some((WHY_HEADER, HeaderValue::try_from(printable(why)).ok()?))
}

fn printable(text: &str) -> String {
    text.chars()
        .map(|character| if matches!(character, ' '..='~') { character } else { '?' })
        .collect()
}
