//! The client: a way to the hosts, their base URLs, and how requests are built.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::oauth::OAuthError;
use selfsame_wire::secret::AccessToken;
use serde_json::Value;
use url::Url;

use crate::base_urls::{API_VERSION, BaseUrls, join};
use crate::failure::CallFailure;
use crate::transport::{Transport, TransportError};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// On whose behalf a call is made. The flow decides the host, so that a token cannot reach the other
/// one.
#[derive(Debug, Clone)]
pub struct Caller {
    /// How the account was connected.
    pub flow: LoginFlow,
    /// Instagram user token, or Page token.
    pub token: AccessToken,
}

/// A client of both Graph hosts. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct GraphClient {
    transport: Transport,
    base_urls: BaseUrls,
}

/// The body of a request.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    None,
    Json(&'a Value),
    Form(&'a [(&'a str, &'a str)]),
}

impl GraphClient {
    /// A client over that transport.
    pub const fn new(transport: Transport, base_urls: BaseUrls) -> Self {
        Self { transport, base_urls }
    }

    /// Where the hosts are.
    pub const fn base_urls(&self) -> &BaseUrls {
        &self.base_urls
    }

    /// The URL of a versioned Graph path.
    pub(crate) fn graph_url(&self, flow: LoginFlow, segments: &[&str]) -> Url {
        join(&join(self.base_urls.graph(flow), &[API_VERSION]), segments)
    }

    /// Makes a call in the name of a caller.
    pub(crate) async fn call(
        &self,
        caller: &Caller,
        method: Method,
        url: Url,
        body: Body<'_>,
    ) -> Result<Response<Bytes>, TransportError> {
        self.exchange(method, &url, Some(&caller.token), body).await
    }

    /// Makes a call whose credentials stand in its parameters.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        url: &Url,
        token: Option<&AccessToken>,
        body: Body<'_>,
    ) -> Result<Response<Bytes>, TransportError> {
        let request = build(method, url, token, body).map_err(|error| TransportError::NotSent {
            cause: error.to_string(),
        })?;
        self.transport.exchange(request).await
    }
}

fn build(
    method: Method,
    url: &Url,
    token: Option<&AccessToken>,
    body: Body<'_>,
) -> Result<Request<Bytes>, http::Error> {
    let mut request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::ACCEPT, JSON);
    if let Some(token) = token {
        let mut value = header::HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    match body {
        Body::None => request.body(Bytes::new()),
        Body::Json(value) => request
            .header(header::CONTENT_TYPE, JSON)
            .body(Bytes::from(value.to_string())),
        Body::Form(fields) => {
            let form = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            request.header(header::CONTENT_TYPE, FORM).body(Bytes::from(form))
        }
    }
}

/// Reads the answer of a call that sends no message.
pub(crate) fn read<T>(
    answer: Result<Response<Bytes>, TransportError>,
    expected: &'static str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, CallFailure> {
    let response = answer?;
    let (status, body) = (response.status(), response.body());
    if status.is_success()
        && let Some(read) = parse(body)
    {
        return Ok(read);
    }
    if let Some(error) = GraphError::parse(body, status.as_u16()) {
        return Err(CallFailure::Graph(Box::new(error)));
    }
    if let Some(error) = OAuthError::parse(body) {
        return Err(CallFailure::OAuth(error));
    }
    Err(CallFailure::Unreadable {
        status: status.as_u16(),
        expected,
    })
}
