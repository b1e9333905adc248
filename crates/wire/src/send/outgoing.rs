//! What the gateway sends. Quick replies exist only towards other people: for the self thread they
//! cannot be written down.
//!
//! The serde form is the gateway's own, for its outbox; `to_body` is the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::request::{Button, Element, MediaKind, MediaSource, OutboundMedia, QuickReply, SenderAction};
use crate::ids::{CommentId, IgScopedId, MediaId};

/// A send of the gateway: to whom and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outgoing {
    /// Into the thread of the account with itself.
    ToSelf {
        /// The self IGSID.
        to: IgScopedId,
        /// What.
        message: OutgoingMessage,
    },
    /// To somebody else.
    ToPerson {
        /// The person, or the comment that is answered privately.
        to: PersonRecipient,
        /// What.
        message: OutgoingMessage,
        /// Choices under it.
        #[serde(default)]
        quick_replies: Vec<QuickReply>,
    },
}

/// Somebody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonRecipient {
    /// In her thread.
    Person(IgScopedId),
    /// By a private reply to her comment.
    Comment(CommentId),
}

/// Content that is allowed in every thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutgoingMessage {
    /// Plain text.
    Text {
        /// At most [`super::limits::TEXT_BYTES_MAX`] bytes.
        text: String,
    },
    /// Text with buttons (the button template).
    Buttons {
        /// Text above them.
        text: String,
        /// One to three.
        buttons: Vec<Button>,
    },
    /// One media attachment, or several images.
    Media {
        /// What.
        media: Vec<OutboundMedia>,
    },
    /// Cards.
    Generic {
        /// One to ten.
        elements: Vec<Element>,
    },
    /// The heart sticker.
    LikeHeart,
    /// A post of the account's own.
    MediaShare {
        /// The post.
        media_id: MediaId,
    },
}

impl OutgoingMessage {
    /// The text of the message as its echo will show it; none for kinds whose echo has no text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::Buttons { .. }
            | Self::Media { .. }
            | Self::Generic { .. }
            | Self::LikeHeart
            | Self::MediaShare { .. } => None,
        }
    }

    /// `image`, `audio`, `template`, …: the attachment type that its echo will show; none for text.
    pub fn attachment_kind(&self) -> Option<&'static str> {
        match self {
            Self::Text { .. } => None,
            Self::Buttons { .. } | Self::Generic { .. } => Some("template"),
            Self::Media { media } => media.first().map(|media| media.kind.name()),
            Self::LikeHeart => Some("like_heart"),
            Self::MediaShare { .. } => Some("share"),
        }
    }

    /// The value of `message`.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Text { text } => json!({ "text": text }),
            Self::Buttons { text, buttons } => template(&json!({
                "template_type": "button",
                "text": text,
                "buttons": buttons.iter().map(button).collect::<Vec<_>>(),
            })),
            Self::Media { media } => match media.as_slice() {
                [single] => json!({ "attachment": media_value(single) }),
                several => {
                    json!({ "attachments": several.iter().map(media_value).collect::<Vec<_>>() })
                }
            },
            Self::Generic { elements } => template(&json!({
                "template_type": "generic",
                "elements": elements.iter().map(element).collect::<Vec<_>>(),
            })),
            Self::LikeHeart => json!({ "attachment": { "type": "like_heart" } }),
            Self::MediaShare { media_id } => {
                json!({ "attachment": { "type": "MEDIA_SHARE", "payload": { "id": media_id } } })
            }
        }
    }
}

impl Outgoing {
    /// The message.
    pub const fn message(&self) -> &OutgoingMessage {
        match self {
            Self::ToSelf { message, .. } | Self::ToPerson { message, .. } => message,
        }
    }

    /// The body of the documented self form: `message` only, because the path names the recipient.
    /// For other people it is the standard body.
    pub fn to_path_form_body(&self) -> Value {
        match self {
            Self::ToSelf { message, .. } => json!({ "message": message.to_value() }),
            Self::ToPerson { .. } => self.to_standard_body(),
        }
    }

    /// The body of the standard form: `recipient` and `message`.
    pub fn to_standard_body(&self) -> Value {
        match self {
            Self::ToSelf { to, message } => {
                json!({ "recipient": { "id": to }, "message": message.to_value() })
            }
            Self::ToPerson {
                to,
                message,
                quick_replies,
            } => {
                let recipient = match to {
                    PersonRecipient::Person(id) => json!({ "id": id }),
                    PersonRecipient::Comment(comment_id) => json!({ "comment_id": comment_id }),
                };
                let mut message = message.to_value();
                if !quick_replies.is_empty()
                    && let Value::Object(members) = &mut message
                {
                    let choices = quick_replies.iter().map(quick_reply).collect();
                    members.insert("quick_replies".to_owned(), Value::Array(choices));
                }
                json!({ "recipient": recipient, "message": message })
            }
        }
    }
}

impl SenderAction {
    /// The standard body of an action towards a person.
    pub fn to_body(&self, to: &IgScopedId) -> Value {
        let recipient = json!({ "id": to });
        match self {
            Self::TypingOn => json!({ "recipient": recipient, "sender_action": "typing_on" }),
            Self::TypingOff => json!({ "recipient": recipient, "sender_action": "typing_off" }),
            Self::MarkSeen => json!({ "recipient": recipient, "sender_action": "mark_seen" }),
            Self::React { message_id, reaction } => json!({
                "recipient": recipient,
                "sender_action": "react",
                "payload": { "message_id": message_id, "reaction": reaction },
            }),
            Self::Unreact { message_id } => json!({
                "recipient": recipient,
                "sender_action": "unreact",
                "payload": { "message_id": message_id },
            }),
        }
    }
}

fn template(payload: &Value) -> Value {
    json!({ "attachment": { "type": "template", "payload": payload } })
}

fn button(button: &Button) -> Value {
    match button {
        Button::WebUrl { title, url } => json!({ "type": "web_url", "url": url, "title": title }),
        Button::Postback { title, payload } => {
            json!({ "type": "postback", "title": title, "payload": payload })
        }
    }
}

fn element(element: &Element) -> Value {
    let mut members = Map::new();
    members.insert("title".to_owned(), element.title.as_str().into());
    if let Some(subtitle) = &element.subtitle {
        members.insert("subtitle".to_owned(), subtitle.as_str().into());
    }
    if let Some(image_url) = &element.image_url {
        members.insert("image_url".to_owned(), image_url.as_str().into());
    }
    if let Some(url) = &element.default_action_url {
        members.insert("default_action".to_owned(), json!({ "type": "web_url", "url": url }));
    }
    if !element.buttons.is_empty() {
        let buttons = element.buttons.iter().map(button).collect();
        members.insert("buttons".to_owned(), Value::Array(buttons));
    }
    Value::Object(members)
}

fn quick_reply(choice: &QuickReply) -> Value {
    json!({ "content_type": "text", "title": choice.title, "payload": choice.payload })
}

fn media_value(media: &OutboundMedia) -> Value {
    let payload = match &media.source {
        MediaSource::Url(url) => json!({ "url": url }),
        MediaSource::Attachment(id) => json!({ "attachment_id": id }),
        MediaSource::Filedata => json!({}),
    };
    json!({ "type": MediaKind::name(media.kind), "payload": payload })
}
