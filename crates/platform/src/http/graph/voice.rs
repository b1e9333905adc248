//! The voice in which a request is answered before it reached the door: dialect of its host or token, version of its path.

use axum::extract::Request;
use axum::response::Response;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::LoginFlow;

use super::answer::Answer;
use super::authenticate::dialect;
use super::host::flow_of_request;
use super::path::GraphPath;
use super::refusal::GraphRefusal;
use crate::switches::Switches;

/// How to answer one request.
#[derive(Debug, Clone)]
pub(in crate::http) struct Voice {
    /// Whose dialect.
    pub(in crate::http) flow: LoginFlow,
    version: String,
}

impl Voice {
    /// The voice for a request and the token that it shows in header or query.
    pub(in crate::http) fn of(request: &Request, token: Option<&str>) -> Self {
        Self {
            flow: dialect(flow_of_request(request), token),
            version: GraphPath::parse(request.uri().path()).version,
        }
    }

    /// Refuses in this voice, as the door would.
    pub(in crate::http) fn refuse(&self, refusal: GraphRefusal, switches: &Switches, random: &Random) -> Response {
        Answer::refusal(refusal, self.flow, switches, random).into_response(self.flow, &self.version)
    }
}
