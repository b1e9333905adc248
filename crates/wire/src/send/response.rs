//! The two shapes of a successful send, and that of an action.

use serde_json::{Map, Value};

use crate::ids::{MessageId, ParticipantId};
use crate::lenient;

/// What the platform answers to a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendResponse {
    /// `{"id"}`: the self form `/{SELF_IGSID}/messages` without `recipient`.
    SelfForm {
        /// The message.
        id: MessageId,
    },
    /// `{"recipient_id","message_id"}`: every other send.
    Standard {
        /// The person.
        recipient_id: ParticipantId,
        /// The message.
        message_id: MessageId,
    },
    /// `{"recipient_id"}`: sender actions.
    Action {
        /// The person.
        recipient_id: ParticipantId,
    },
}

impl SendResponse {
    /// The body, keys in documented order.
    pub fn to_body(&self) -> Value {
        let mut body = Map::new();
        match self {
            Self::SelfForm { id } => {
                body.insert("id".to_owned(), id.as_str().into());
            }
            Self::Standard {
                recipient_id,
                message_id,
            } => {
                body.insert("recipient_id".to_owned(), recipient_id.as_str().into());
                body.insert("message_id".to_owned(), message_id.as_str().into());
            }
            Self::Action { recipient_id } => {
                body.insert("recipient_id".to_owned(), recipient_id.as_str().into());
            }
        }
        Value::Object(body)
    }

    /// Reads the body of a 200. None when it is no such body: then the send is in doubt.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |name| {
            lenient::member(&body, name)
                .and_then(lenient::text)
                .filter(|id| !id.is_empty())
        };
        let recipient_id = text("recipient_id").map(ParticipantId::new);
        match (text("message_id"), text("id"), recipient_id) {
            (Some(message_id), _, Some(recipient_id)) => Some(Self::Standard {
                recipient_id,
                message_id: MessageId::new(message_id),
            }),
            (Some(id), _, None) | (None, Some(id), _) => Some(Self::SelfForm { id: MessageId::new(id) }),
            (None, None, Some(recipient_id)) => Some(Self::Action { recipient_id }),
            (None, None, None) => None,
        }
    }

    /// The message: `message_id`, else `id`. None for actions.
    pub const fn message_id(&self) -> Option<&MessageId> {
        match self {
            Self::SelfForm { id } => Some(id),
            Self::Standard { message_id, .. } => Some(message_id),
            Self::Action { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_documented_shapes_give_the_message_id() {
        let parse = |body: &str| SendResponse::parse(body.as_bytes());
        let mid = |body| parse(body).and_then(|response| response.message_id().cloned());
        assert_eq!(mid(r#"{"id":"m1"}"#), Some(MessageId::new("m1")));
        assert_eq!(
            mid(r#"{"recipient_id":"1","message_id":"m2"}"#),
            Some(MessageId::new("m2"))
        );
        assert_eq!(mid(r#"{"recipient_id":"1"}"#), None);
        assert_eq!(parse("{}"), None);
        assert_eq!(parse("<html>"), None);
        assert_eq!(parse(r#"{"id":""}"#), None);
    }

    #[test]
    fn bodies_are_written_in_documented_order() {
        let standard = SendResponse::Standard {
            recipient_id: ParticipantId::new("1"),
            message_id: MessageId::new("m"),
        };
        assert_eq!(
            standard.to_body().to_string(),
            r#"{"recipient_id":"1","message_id":"m"}"#
        );
        let self_form = SendResponse::SelfForm {
            id: MessageId::new("m"),
        };
        assert_eq!(self_form.to_body().to_string(), r#"{"id":"m"}"#);
    }
}
