//! Why a call that sends no message failed. Repeating such a call is harmless.

use selfsame_wire::graph_error::{ErrorClass, GraphError};
use selfsame_wire::oauth::OAuthError;

use crate::transport::TransportError;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// There is no answer.
    #[error("the host was not reached")]
    Transport(#[from] TransportError),
    /// Graph refused.
    #[error("Graph refused the call")]
    Graph(#[source] Box<GraphError>),
    /// The token endpoint of Instagram login refused.
    #[error("the login refused the call")]
    OAuth(#[source] OAuthError),
    /// The answer is not what the documents say.
    #[error("HTTP {status} with an answer that is not readable as {expected}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was expected.
        expected: &'static str,
    },
}

impl CallFailure {
    /// What to do about it. No answer, or an unreadable one of the server's side, is worth another try.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Transport(_) => ErrorClass::Retry,
            Self::Graph(error) => error.classify(),
            Self::Unreadable { status, .. } if *status >= 500 || *status == 429 => ErrorClass::Retry,
            Self::OAuth(_) | Self::Unreadable { .. } => ErrorClass::Permanent,
        }
    }

    /// The Graph error, if it is one.
    pub fn graph_error(&self) -> Option<&GraphError> {
        match self {
            Self::Graph(error) => Some(error),
            Self::Transport(_) | Self::OAuth(_) | Self::Unreadable { .. } => None,
        }
    }
}
