//! A refusal on the Graph surface: Meta's error, and our cause and remedy.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;

use crate::domain::sending::SendRuleBroken;
use crate::store::{Failure, StoreError};

/// What the caller gets, and why.
#[derive(Debug, Clone)]
pub(crate) struct GraphRefusal {
    /// Meta's answer.
    pub(crate) error: Box<GraphError>,
    /// Cause and remedy, for `X-Selfsame-Why` and the log.
    pub(crate) why: String,
}

impl GraphRefusal {
    /// A refusal with its why.
    pub(crate) fn new(error: GraphError, why: impl Into<String>) -> Self {
        Self {
            error: Box::new(error),
            why: why.into(),
        }
    }

    /// A send that breaks a rule of its thread.
    pub(super) fn of_send(flow: LoginFlow, failure: Failure<SendRuleBroken>) -> Self {
        match failure {
            Failure::Refused(broken) => Self::new(broken.to_graph_error(flow), broken.why()),
            Failure::Store(error) => error.into(),
        }
    }

    /// No such object, or none that this token may see.
    pub(in crate::http) fn unsupported(
        flow: LoginFlow,
        method: &http::Method,
        id: &str,
        why: impl Into<String>,
    ) -> Self {
        Self::new(
            GraphError::unsupported_request(flow, &method.as_str().to_ascii_lowercase(), id),
            why,
        )
    }
}

impl From<StoreError> for GraphRefusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a Graph call failed in the store"
        );
        Self::new(
            GraphError::temporary(),
            "the platform's own store failed or is full; its log says more. Retry later.",
        )
    }
}
