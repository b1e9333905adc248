//! The client: a way to the hosts, their base URLs, and how requests are built.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::oauth::OAuthError;
use selfsame_wire::secret::{AccessToken, AppSecret};
use serde_json::Value;
use url::Url;

use crate::base_urls::{API_VERSION, BaseUrls, join};
use crate::failure::CallFailure;
use crate::proofs::Proofs;
use crate::transport::{AnswerWithin, Transport, TransportError, UPLOAD_TIMEOUT};

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
    proofs: Proofs,
}

/// The body of a request.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    None,
    Json(&'a Value),
    Form(&'a [(&'a str, &'a str)]),
    /// Of any type; its answer may take as long as an upload does.
    Upload {
        content_type: &'a HeaderValue,
        bytes: &'a Bytes,
    },
}

impl GraphClient {
    /// A client over that transport. It knows no app secret, so its calls carry no `appsecret_proof`.
    pub fn new(transport: Transport, base_urls: BaseUrls) -> Self {
        Self {
            transport,
            base_urls,
            proofs: Proofs::default(),
        }
    }

    /// The same, and every call with a token of a user or a Page carries its `appsecret_proof`, by the
    /// secret of the token's flow: Meta's "Require App Secret" refuses calls without (contract, Facebook
    /// login §3.5).
    #[must_use]
    pub fn with_app_secrets(mut self, instagram: AppSecret, facebook: AppSecret) -> Self {
        self.proofs = Proofs::by_secrets(instagram, facebook);
        self
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
        self.exchange_proven(method, url, caller, Some(&caller.token), body)
            .await
    }

    /// Makes a call with the proof of the caller's token; `bearer` is the token unless its parameters carry it.
    ///
    /// Where Graph does not accept the proof, the token is of another app than the secret, as one that was
    /// imported may be: the call, which did not happen, is made without, and so are those that follow.
    pub(crate) async fn exchange_proven(
        &self,
        method: Method,
        url: Url,
        caller: &Caller,
        bearer: Option<&AccessToken>,
        body: Body<'_>,
    ) -> Result<Response<Bytes>, TransportError> {
        let Some(proof) = self.proofs.of(caller) else {
            return self.exchange(method, &url, bearer, body).await;
        };
        let mut proven = url.clone();
        proven.query_pairs_mut().append_pair("appsecret_proof", &proof);
        let answer = self.exchange(method.clone(), &proven, bearer, body).await;
        if !answer.as_ref().is_ok_and(refuses_proof) {
            return answer;
        }
        self.proofs.give_up(caller);
        self.exchange(method, &url, bearer, body).await
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
        let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
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
        Body::Upload { content_type, bytes } => request
            .header(header::CONTENT_TYPE, content_type)
            .extension(AnswerWithin(UPLOAD_TIMEOUT))
            .body(bytes.clone()),
    }
}

/// Whether Graph says that the proof is not one of this token.
fn refuses_proof(answer: &Response<Bytes>) -> bool {
    !answer.status().is_success()
        && GraphError::parse(answer.body(), answer.status().as_u16())
            .is_some_and(|error| error.refuses_appsecret_proof())
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
