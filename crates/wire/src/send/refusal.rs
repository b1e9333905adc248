//! Why a send request is refused before anybody looks at the thread.

use crate::flow::LoginFlow;
use crate::graph_error::GraphError;

use super::limits;

/// A broken rule of the request itself. `Display` is the cause and remedy in the caller's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    /// Neither `message` nor `sender_action`.
    #[error("the request has neither message nor sender_action; send exactly one of them")]
    NothingToSend,
    /// Both of them.
    #[error("message and sender_action stand in one request; send them one after the other")]
    MessageWithAction,
    /// `message` has neither text nor attachment.
    #[error("message has neither text nor attachment")]
    EmptyMessage,
    /// A parameter is of the wrong type.
    #[error("{name} should be {expected}")]
    WrongType {
        /// The parameter.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A parameter is missing.
    #[error("{name} is missing")]
    Missing {
        /// The parameter.
        name: &'static str,
    },
    /// An enum value that is not documented.
    #[error("{name} \"{value}\" is not known; use one of {known}")]
    UnknownValue {
        /// The parameter.
        name: &'static str,
        /// What was sent.
        value: String,
        /// What is known.
        known: &'static str,
    },
    /// `recipient` without `id` and without `comment_id`.
    #[error("recipient needs id (an IGSID) or comment_id")]
    RecipientWithoutId,
    /// `recipient` names a thread.
    #[error("recipient names a thread_id, which is no recipient; write to the person by recipient.id, her IGSID")]
    RecipientIsThread,
    /// Text longer than [`limits::TEXT_BYTES_MAX`].
    #[error("text has {bytes} bytes in UTF-8; at most {max} are allowed", max = limits::TEXT_BYTES_MAX)]
    TextTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// More of something than allowed.
    #[error("{name} has {count} items; at most {max} are allowed")]
    TooMany {
        /// The parameter.
        name: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// Fewer than one of something.
    #[error("{name} is empty; at least one is needed")]
    NoneGiven {
        /// The parameter.
        name: &'static str,
    },
    /// A text within a template is too long.
    #[error("{name} has {chars} characters; at most {max} are allowed")]
    TooLong {
        /// The parameter.
        name: &'static str,
        /// Its length in characters.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// An element with nothing but a title.
    #[error("an element of a generic template needs at least one property besides title")]
    BareElement,
    /// Text and an attachment in one message.
    #[error("text and an attachment stand in one message; send them one after the other")]
    TextWithAttachment,
    /// Quick replies under something that is not text.
    #[error("quick_replies go with text only")]
    QuickRepliesWithoutText,
    /// Several attachments of which one is not an image.
    #[error("several attachments in one message must all be images")]
    MixedAttachments,
}

impl SendRefusal {
    /// The error that the platform answers.
    pub fn to_graph_error(&self, flow: LoginFlow) -> GraphError {
        match self {
            Self::NothingToSend => GraphError::parameter_required(flow, "message"),
            Self::MessageWithAction => GraphError::message_with_sender_action(flow),
            Self::EmptyMessage => GraphError::invalid_parameter(flow, "Message must contain text or an attachment."),
            Self::Missing { name } => GraphError::parameter_required(flow, name),
            Self::WrongType { name, expected } => {
                GraphError::invalid_parameter(flow, &format!("Param {name} must be {expected}."))
            }
            Self::UnknownValue { name, value, known } => GraphError::invalid_parameter(
                flow,
                &format!("Param {name} must be one of {{{known}}} - got unexpected value \"{value}\""),
            ),
            Self::RecipientWithoutId => GraphError::parameter_required(flow, "recipient"),
            Self::RecipientIsThread => GraphError::no_matching_user(flow),
            Self::TextTooLong { .. }
            | Self::TooMany { .. }
            | Self::NoneGiven { .. }
            | Self::TooLong { .. }
            | Self::BareElement
            | Self::TextWithAttachment
            | Self::QuickRepliesWithoutText
            | Self::MixedAttachments => GraphError::invalid_message_data(flow),
        }
    }
}
