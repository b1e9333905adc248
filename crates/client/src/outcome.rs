//! What became of a send: the four answers that the outbox keeps apart.

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use selfsame_wire::graph_error::{ErrorClass, GraphError};

use crate::transport::TransportError;
use crate::usage::Usage;

/// What became of something that must not happen twice.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<Id> {
    /// It happened, and this is its id.
    Sent {
        /// The id that Graph gave.
        id: Id,
        /// Graph's clock, from the `Date` header.
        date: Option<Timestamp>,
        /// How much of the allowances is used up.
        usage: Usage,
    },
    /// Graph refused: it did not happen. [`GraphError::classify`] says what to do.
    Refused {
        /// The error.
        error: GraphError,
        /// Graph's clock.
        date: Option<Timestamp>,
        /// How much of the allowances is used up.
        usage: Usage,
    },
    /// The request was not written: it did not happen, and trying again is safe.
    NotSent {
        /// What happened, for people.
        cause: String,
    },
    /// Nobody knows. It must not be tried again by itself.
    InDoubt {
        /// Why nobody knows.
        cause: InDoubtCause,
        /// Graph's clock, if there was an answer.
        date: Option<Timestamp>,
    },
}

/// Why nobody knows whether something was sent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InDoubtCause {
    /// No answer in time.
    #[error("no answer within the time-out")]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Cut(String),
    /// A 200 that says nothing.
    #[error("HTTP {status} with an answer that is not readable as a send response")]
    UnreadableAnswer {
        /// HTTP status.
        status: u16,
    },
    /// A failing server, without a Graph error.
    #[error("HTTP {status} without a Graph error")]
    ServerFailure {
        /// HTTP status.
        status: u16,
    },
    /// 1/1357046: Graph says that the message went out and does not tell its id.
    #[error("Graph says that the message was sent although its answer is broken")]
    SaidToBeSent(GraphError),
}

impl<Id> Outcome<Id> {
    /// Reads what came back from a send; `read_id` finds the id in the body of a success.
    pub(crate) fn read(
        answer: Result<Response<Bytes>, TransportError>,
        read_id: impl FnOnce(&[u8]) -> Option<Id>,
    ) -> Self {
        let response = match answer {
            Ok(response) => response,
            Err(TransportError::NotSent { cause }) => return Self::NotSent { cause },
            Err(TransportError::TimedOut) => return Self::in_doubt(InDoubtCause::TimedOut, None),
            Err(TransportError::Cut { cause }) => {
                return Self::in_doubt(InDoubtCause::Cut(cause), None);
            }
            Err(error @ TransportError::TooLarge { .. }) => {
                return Self::in_doubt(InDoubtCause::Cut(error.to_string()), None);
            }
        };
        let status = response.status();
        let date = read_date(&response);
        let usage = Usage::read(response.headers());
        if status.is_success()
            && let Some(id) = read_id(response.body())
        {
            return Self::Sent { id, date, usage };
        }
        if let Some(error) = GraphError::parse(response.body(), status.as_u16()) {
            return match error.classify() {
                ErrorClass::AlreadySent => Self::in_doubt(InDoubtCause::SaidToBeSent(error), date),
                ErrorClass::Retry | ErrorClass::Reauth | ErrorClass::Permanent => Self::Refused { error, date, usage },
            };
        }
        let code = status.as_u16();
        if status.is_success() {
            Self::in_doubt(InDoubtCause::UnreadableAnswer { status: code }, date)
        } else if status.is_redirection() || (status.is_client_error() && code != 408) {
            Self::Refused {
                error: refusal_without_body(code),
                date,
                usage,
            }
        } else {
            Self::in_doubt(InDoubtCause::ServerFailure { status: code }, date)
        }
    }

    const fn in_doubt(cause: InDoubtCause, date: Option<Timestamp>) -> Self {
        Self::InDoubt { cause, date }
    }
}

/// A redirect or a 4xx of something in between: Graph has not seen the request, or not accepted it.
fn refusal_without_body(status: u16) -> GraphError {
    let mut error = GraphError::new("", 0, format!("HTTP {status} without a Graph error"));
    error.http_status = status;
    error.is_transient = Some(status == 429);
    error
}

/// The `Date` header.
pub(crate) fn read_date(response: &Response<Bytes>) -> Option<Timestamp> {
    let text = response.headers().get(http::header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use selfsame_wire::send::SendResponse;

    use super::*;

    fn read(status: u16, body: &'static str) -> Outcome<String> {
        let response = Response::builder()
            .status(status)
            .header("date", "Sun, 22 Nov 2026 19:20:00 GMT")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        Outcome::read(Ok(response), |body| {
            SendResponse::parse(body)?
                .message_id()
                .map(|mid| mid.as_str().to_owned())
        })
    }

    const DATE: Option<Timestamp> = Some(Timestamp::constant(1_795_375_200, 0));

    #[test]
    fn either_success_shape_is_sent_and_carries_the_date_of_graph() {
        assert_eq!(
            read(200, r#"{"id":"m"}"#),
            Outcome::Sent {
                id: "m".to_owned(),
                date: DATE,
                usage: Usage::default(),
            }
        );
        let standard = read(200, r#"{"recipient_id":"1","message_id":"m"}"#);
        assert_eq!(
            standard,
            Outcome::Sent {
                id: "m".to_owned(),
                date: DATE,
                usage: Usage::default(),
            }
        );
    }

    #[test]
    fn a_graph_error_is_a_refusal_even_with_status_500_or_200() {
        for status in [200, 400, 403, 500, 503] {
            let outcome = read(status, r#"{"error":{"message":"x","code":2}}"#);
            assert!(matches!(outcome, Outcome::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn what_graph_says_it_sent_is_in_doubt() {
        let outcome = read(500, r#"{"error":{"message":"x","code":1,"error_subcode":1357046}}"#);
        assert!(matches!(
            outcome,
            Outcome::InDoubt {
                cause: InDoubtCause::SaidToBeSent(_),
                ..
            }
        ));
    }

    #[test]
    fn an_unreadable_200_and_a_5xx_without_graph_body_are_in_doubt() {
        for (status, body) in [(200, "<html>"), (200, ""), (200, r#"{"recipient_id":"1"}"#), (204, "")] {
            let outcome = read(status, body);
            let expected = InDoubtCause::UnreadableAnswer { status };
            assert_eq!(
                outcome,
                Outcome::InDoubt {
                    cause: expected,
                    date: DATE
                },
                "{status} {body}"
            );
        }
        for status in [500, 502, 503, 504, 408] {
            let outcome = read(status, "<html>");
            assert_eq!(
                outcome,
                Outcome::InDoubt {
                    cause: InDoubtCause::ServerFailure { status },
                    date: DATE
                }
            );
        }
    }

    #[test]
    fn a_refusal_by_something_in_between_did_not_send() {
        for status in [301, 307, 401, 404, 413, 429] {
            let Outcome::Refused { error, .. } = read(status, "<html>") else {
                panic!("{status}")
            };
            assert_eq!(error.http_status, status);
            let expected = if status == 429 {
                ErrorClass::Retry
            } else {
                ErrorClass::Permanent
            };
            assert_eq!(error.classify(), expected, "{status}");
        }
    }

    #[test]
    fn transport_errors_keep_their_meaning() {
        let read = |error| Outcome::<String>::read(Err(error), |_| None);
        assert!(matches!(
            read(TransportError::NotSent { cause: String::new() }),
            Outcome::NotSent { .. }
        ));
        for error in [
            TransportError::TimedOut,
            TransportError::Cut { cause: String::new() },
            TransportError::TooLarge { limit_bytes: 1 },
        ] {
            assert!(matches!(read(error), Outcome::InDoubt { .. }));
        }
    }
}
