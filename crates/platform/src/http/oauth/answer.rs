//! Answers of the token endpoints: Graph's envelope on both hosts, the flat legacy one for the Instagram code exchange.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::oauth::OAuthError;
use serde_json::Value;

use crate::domain::keys::{AccountKey, AppKey};
use crate::http::graph::{Answer, GraphRefusal, Parameters, login_of_request, why_header};
use crate::http::{App, CallSubject};
use crate::store::{Failure, StoreError};

/// Largest body of a token request.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Version of unversioned token paths, as Graph answers it.
const VERSION: &str = "v25.0";

/// A token endpoint's refusal, in one of its two envelopes.
#[derive(Debug)]
pub(super) enum Refusal {
    /// `{"error_type","code","error_message"}`.
    Flat {
        /// The body.
        error: OAuthError,
        /// Cause and remedy.
        why: String,
    },
    /// `{"error":{…}}`.
    Graph(GraphRefusal),
}

impl Refusal {
    /// A flat refusal.
    pub(super) fn flat(error: OAuthError, why: impl Into<String>) -> Self {
        Self::Flat { error, why: why.into() }
    }

    /// A refusal in Graph's envelope.
    pub(super) fn graph(error: GraphError, why: impl Into<String>) -> Self {
        Self::Graph(GraphRefusal::new(error, why))
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Graph(error.into())
    }
}

impl From<Failure<Self>> for Refusal {
    fn from(failure: Failure<Self>) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal,
            Failure::Store(error) => error.into(),
        }
    }
}

/// What a token endpoint answers, and whose call it was.
pub(super) struct Answered {
    /// The body, or why there is none.
    pub(super) outcome: Result<Value, Refusal>,
    /// The app, once known.
    pub(super) app: Option<AppKey>,
    /// The account, once known.
    pub(super) account: Option<AccountKey>,
}

impl Answered {
    /// Writes the answer in the dialect of a login.
    pub(super) fn write(self, app: &App, flow: LoginFlow) -> Response {
        let mut response = match self.outcome {
            Ok(body) => Answer::ok(body).into_response(flow, VERSION),
            Err(Refusal::Graph(refusal)) => {
                let switches = app.world.switches.current();
                Answer::refusal(refusal, flow, &switches, &app.world.random).into_response(flow, VERSION)
            }
            Err(Refusal::Flat { error, why }) => {
                let mut response = (StatusCode::BAD_REQUEST, Json(error.to_body())).into_response();
                response.headers_mut().extend(why_header(&why));
                response
            }
        };
        response.extensions_mut().insert(CallSubject {
            app: self.app,
            account: self.account,
        });
        response
    }
}

/// A token request, read.
pub(super) struct TokenRequest {
    /// Head.
    pub(super) parts: Parts,
    /// Parameters of query and body.
    pub(super) parameters: Parameters,
    /// The login that the host stands for.
    pub(super) host: Option<LoginFlow>,
}

/// Reads a token request.
pub(super) async fn read(request: Request) -> Result<TokenRequest, Refusal> {
    let host = login_of_request(&request);
    let (parts, body) = request.into_parts();
    let unreadable = |why: String| {
        let flow = host.unwrap_or(LoginFlow::Facebook);
        Refusal::graph(GraphError::invalid_parameter(flow, "Invalid request body"), why)
    };
    let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|error| unreadable(error.to_string()))?;
    let parameters = Parameters::read(&parts, bytes)
        .await
        .map_err(|error| unreadable(error.to_string()))?;
    Ok(TokenRequest {
        parts,
        parameters,
        host,
    })
}
