//! From the parameters of a call to a [`SendRequest`].
//!
//! Real clients write `null` for absent, `recipient`, `message` and `payload` as strings of JSON,
//! `attachments` as one object or many, and enum values in either case.

use serde_json::Value;

use super::limits;
use super::refusal::SendRefusal;
use super::request::{
    Button, Element, MediaKind, MediaSource, MessageContent, OutboundMedia, QuickReply, Recipient, SendBody,
    SendRequest, SenderAction,
};
use crate::ids::{AttachmentId, CommentId, MediaId, MessageId, ParticipantId};
use crate::lenient;

type Decoded<T> = Result<T, SendRefusal>;

const ACTIONS: &str = "typing_on, typing_off, mark_seen, react, unreact";
const MESSAGING_TYPES: &str = "RESPONSE, UPDATE, MESSAGE_TAG";
const ATTACHMENT_TYPES: &str = "image, audio, video, file, template, like_heart, MEDIA_SHARE";
const TEMPLATE_TYPES: &str = "generic, button";
const BUTTON_TYPES: &str = "web_url, postback";
/// Contact-button quick replies were switched off; such entries are dropped and the text delivered.
const DROPPED_QUICK_REPLY_TYPES: [&str; 2] = ["user_phone_number", "user_email"];
const KNOWN_MESSAGE_MEMBERS: [&str; 4] = ["text", "attachment", "attachments", "quick_replies"];

/// Decodes the parameters and checks every limit.
pub(super) fn decode(parameters: &Value) -> Decoded<SendRequest> {
    let recipient = object_member(parameters, "recipient")?
        .map(|value| decode_recipient(&value))
        .transpose()?;
    let message = object_member(parameters, "message")?;
    let action = lenient::member(parameters, "sender_action");
    let body = match (message, action) {
        (Some(_), Some(_)) => return Err(SendRefusal::MessageWithAction),
        (None, None) => return Err(SendRefusal::NothingToSend),
        (Some(message), None) => decode_message(&message)?,
        (None, Some(action)) => SendBody::Action(decode_action(parameters, action)?),
    };
    Ok(SendRequest {
        recipient,
        body,
        reply_to: decode_reply_to(parameters)?,
        messaging_type: decode_messaging_type(parameters)?,
        tag: optional_text(parameters, "tag")?.map(|tag| tag.to_ascii_uppercase()),
    })
}

fn decode_recipient(recipient: &Value) -> Decoded<Recipient> {
    if let Some(comment_id) = lenient::member(recipient, "comment_id").and_then(lenient::text) {
        return Ok(Recipient::Comment(CommentId::new(comment_id)));
    }
    let id = lenient::member(recipient, "id")
        .and_then(lenient::text)
        .filter(|id| !id.is_empty());
    match id {
        Some(id) => Ok(Recipient::Id(ParticipantId::new(id))),
        None if lenient::member(recipient, "thread_id").is_some() => Err(SendRefusal::RecipientIsThread),
        None => Err(SendRefusal::RecipientWithoutId),
    }
}

fn decode_action(parameters: &Value, action: &Value) -> Decoded<SenderAction> {
    let name = action.as_str().ok_or(SendRefusal::WrongType {
        name: "sender_action",
        expected: "a string",
    })?;
    let message_id = || -> Decoded<MessageId> {
        let payload = object_member(parameters, "payload")?.ok_or(SendRefusal::Missing { name: "payload" })?;
        optional_text(&payload, "message_id")?
            .map(MessageId::new)
            .ok_or(SendRefusal::Missing {
                name: "payload.message_id",
            })
    };
    Ok(match name.to_ascii_lowercase().as_str() {
        "typing_on" => SenderAction::TypingOn,
        "typing_off" => SenderAction::TypingOff,
        "mark_seen" => SenderAction::MarkSeen,
        "react" => {
            let message_id = message_id()?;
            let payload = object_member(parameters, "payload")?.unwrap_or_default();
            let reaction = optional_text(&payload, "reaction")?
                .filter(|reaction| !reaction.is_empty())
                .ok_or(SendRefusal::Missing {
                    name: "payload.reaction",
                })?;
            SenderAction::React { message_id, reaction }
        }
        "unreact" => SenderAction::Unreact {
            message_id: message_id()?,
        },
        _ => {
            return Err(SendRefusal::UnknownValue {
                name: "sender_action",
                value: name.to_owned(),
                known: ACTIONS,
            });
        }
    })
}

fn decode_reply_to(parameters: &Value) -> Decoded<Option<MessageId>> {
    let Some(reply_to) = object_member(parameters, "reply_to")? else {
        return Ok(None);
    };
    let mid = optional_text(&reply_to, "mid")?.ok_or(SendRefusal::Missing { name: "reply_to.mid" })?;
    Ok(Some(MessageId::new(mid)))
}

fn decode_messaging_type(parameters: &Value) -> Decoded<Option<String>> {
    let Some(given) = optional_text(parameters, "messaging_type")? else {
        return Ok(None);
    };
    let messaging_type = given.to_ascii_uppercase();
    if MESSAGING_TYPES.split(", ").any(|known| known == messaging_type) {
        Ok(Some(messaging_type))
    } else {
        Err(SendRefusal::UnknownValue {
            name: "messaging_type",
            value: given,
            known: MESSAGING_TYPES,
        })
    }
}

fn decode_message(message: &Value) -> Decoded<SendBody> {
    let text = optional_text(message, "text")?.filter(|text| !text.is_empty());
    let attachments = decode_attachments(message)?;
    let quick_replies = decode_quick_replies(message)?;
    let ignored = message
        .as_object()
        .map(|members| {
            let unknown = |name: &&String| !KNOWN_MESSAGE_MEMBERS.contains(&name.as_str());
            members.keys().filter(unknown).cloned().collect()
        })
        .unwrap_or_default();
    let content = match (attachments, text) {
        (Some(_), Some(_)) => return Err(SendRefusal::TextWithAttachment),
        (Some(content), None) => content,
        (None, Some(text)) if text.len() > limits::TEXT_BYTES_MAX => {
            return Err(SendRefusal::TextTooLong { bytes: text.len() });
        }
        (None, Some(text)) => MessageContent::Text(text),
        (None, None) => return Err(SendRefusal::EmptyMessage),
    };
    if !quick_replies.is_empty() && !matches!(content, MessageContent::Text(_)) {
        return Err(SendRefusal::QuickRepliesWithoutText);
    }
    Ok(SendBody::Message {
        content,
        quick_replies,
        ignored,
    })
}

fn decode_attachments(message: &Value) -> Decoded<Option<MessageContent>> {
    let single = object_member(message, "attachment")?;
    let several = match lenient::member(message, "attachments") {
        None => Vec::new(),
        Some(value) => one_or_many(&unwrap_json_text(value)),
    };
    let all: Vec<Value> = single.into_iter().chain(several).collect();
    match all.as_slice() {
        [] => Ok(None),
        [only] => decode_attachment(only).map(Some),
        many => decode_images(many).map(Some),
    }
}

fn decode_images(attachments: &[Value]) -> Decoded<MessageContent> {
    if attachments.len() > limits::IMAGES_MAX {
        return Err(SendRefusal::TooMany {
            name: "attachments",
            count: attachments.len(),
            max: limits::IMAGES_MAX,
        });
    }
    let mut images = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        match decode_attachment(attachment)? {
            MessageContent::Media(media) if media.iter().all(|one| one.kind == MediaKind::Image) => {
                images.extend(media);
            }
            _ => return Err(SendRefusal::MixedAttachments),
        }
    }
    Ok(MessageContent::Media(images))
}

fn decode_attachment(attachment: &Value) -> Decoded<MessageContent> {
    let kind = optional_text(attachment, "type")?.ok_or(SendRefusal::Missing {
        name: "attachment.type",
    })?;
    let payload = object_member(attachment, "payload")?;
    let need_payload = || {
        payload.clone().ok_or(SendRefusal::Missing {
            name: "attachment.payload",
        })
    };
    match kind.to_ascii_lowercase().as_str() {
        "like_heart" => Ok(MessageContent::LikeHeart),
        "media_share" => {
            let id = optional_text(&need_payload()?, "id")?.ok_or(SendRefusal::Missing {
                name: "attachment.payload.id",
            })?;
            Ok(MessageContent::MediaShare(MediaId::new(id)))
        }
        "template" => decode_template(&need_payload()?),
        _ => {
            let Some(kind) = MediaKind::from_name(&kind) else {
                return Err(SendRefusal::UnknownValue {
                    name: "attachment.type",
                    value: kind,
                    known: ATTACHMENT_TYPES,
                });
            };
            let source = decode_media_source(&need_payload()?)?;
            Ok(MessageContent::Media(vec![OutboundMedia { kind, source }]))
        }
    }
}

fn decode_media_source(payload: &Value) -> Decoded<MediaSource> {
    if let Some(id) = optional_text(payload, "attachment_id")? {
        return Ok(MediaSource::Attachment(AttachmentId::new(id)));
    }
    // Whether a file came along is known to whoever read the request.
    Ok(optional_text(payload, "url")?
        .filter(|url| !url.is_empty())
        .map_or(MediaSource::Filedata, MediaSource::Url))
}

fn decode_template(payload: &Value) -> Decoded<MessageContent> {
    let kind = optional_text(payload, "template_type")?.ok_or(SendRefusal::Missing { name: "template_type" })?;
    match kind.to_ascii_lowercase().as_str() {
        "generic" => {
            let elements = list_member(payload, "elements")?;
            check_count("elements", elements.len(), limits::ELEMENTS_MAX)?;
            elements
                .iter()
                .map(decode_element)
                .collect::<Decoded<_>>()
                .map(MessageContent::Generic)
        }
        "button" => {
            let text = optional_text(payload, "text")?
                .filter(|text| !text.is_empty())
                .ok_or(SendRefusal::Missing { name: "payload.text" })?;
            check_chars("payload.text", &text, limits::BUTTON_TEMPLATE_TEXT_CHARS_MAX)?;
            let buttons = list_member(payload, "buttons")?;
            check_count("buttons", buttons.len(), limits::BUTTONS_MAX)?;
            let buttons = buttons.iter().map(decode_button).collect::<Decoded<_>>()?;
            Ok(MessageContent::Buttons { text, buttons })
        }
        _ => Err(SendRefusal::UnknownValue {
            name: "template_type",
            value: kind,
            known: TEMPLATE_TYPES,
        }),
    }
}

fn decode_element(element: &Value) -> Decoded<Element> {
    let title = optional_text(element, "title")?
        .filter(|title| !title.is_empty())
        .ok_or(SendRefusal::Missing { name: "elements.title" })?;
    check_chars("elements.title", &title, limits::ELEMENT_TEXT_CHARS_MAX)?;
    let subtitle = optional_text(element, "subtitle")?;
    if let Some(subtitle) = &subtitle {
        check_chars("elements.subtitle", subtitle, limits::ELEMENT_TEXT_CHARS_MAX)?;
    }
    let image_url = optional_text(element, "image_url")?;
    let default_action_url = match object_member(element, "default_action")? {
        None => None,
        Some(action) => optional_text(&action, "url")?,
    };
    let buttons = match lenient::member(element, "buttons") {
        None => Vec::new(),
        Some(_) => list_member(element, "buttons")?,
    };
    if buttons.len() > limits::BUTTONS_MAX {
        return Err(SendRefusal::TooMany {
            name: "elements.buttons",
            count: buttons.len(),
            max: limits::BUTTONS_MAX,
        });
    }
    let buttons = buttons.iter().map(decode_button).collect::<Decoded<Vec<_>>>()?;
    if subtitle.is_none() && image_url.is_none() && default_action_url.is_none() && buttons.is_empty() {
        return Err(SendRefusal::BareElement);
    }
    Ok(Element {
        title,
        subtitle,
        image_url,
        default_action_url,
        buttons,
    })
}

fn decode_button(button: &Value) -> Decoded<Button> {
    let kind = optional_text(button, "type")?.ok_or(SendRefusal::Missing { name: "buttons.type" })?;
    let title = optional_text(button, "title")?
        .filter(|title| !title.is_empty())
        .ok_or(SendRefusal::Missing { name: "buttons.title" })?;
    check_chars("buttons.title", &title, limits::BUTTON_TITLE_CHARS_MAX)?;
    match kind.to_ascii_lowercase().as_str() {
        "web_url" => {
            let url = optional_text(button, "url")?
                .filter(|url| !url.is_empty())
                .ok_or(SendRefusal::Missing { name: "buttons.url" })?;
            Ok(Button::WebUrl { title, url })
        }
        "postback" => {
            let payload = optional_text(button, "payload")?.ok_or(SendRefusal::Missing {
                name: "buttons.payload",
            })?;
            check_chars("buttons.payload", &payload, limits::PAYLOAD_CHARS_MAX)?;
            Ok(Button::Postback { title, payload })
        }
        _ => Err(SendRefusal::UnknownValue {
            name: "buttons.type",
            value: kind,
            known: BUTTON_TYPES,
        }),
    }
}

fn decode_quick_replies(message: &Value) -> Decoded<Vec<QuickReply>> {
    if lenient::member(message, "quick_replies").is_none() {
        return Ok(Vec::new());
    }
    let entries = list_member(message, "quick_replies")?;
    if entries.len() > limits::QUICK_REPLIES_MAX {
        return Err(SendRefusal::TooMany {
            name: "quick_replies",
            count: entries.len(),
            max: limits::QUICK_REPLIES_MAX,
        });
    }
    let mut choices = Vec::with_capacity(entries.len());
    for entry in &entries {
        let kind = optional_text(entry, "content_type")?.unwrap_or_else(|| "text".to_owned());
        let kind = kind.to_ascii_lowercase();
        if DROPPED_QUICK_REPLY_TYPES.contains(&kind.as_str()) {
            continue;
        }
        if kind != "text" {
            return Err(SendRefusal::UnknownValue {
                name: "quick_replies.content_type",
                value: kind,
                known: "text",
            });
        }
        let title = optional_text(entry, "title")?
            .filter(|title| !title.is_empty())
            .ok_or(SendRefusal::Missing {
                name: "quick_replies.title",
            })?;
        let payload = optional_text(entry, "payload")?.unwrap_or_default();
        check_chars("quick_replies.payload", &payload, limits::PAYLOAD_CHARS_MAX)?;
        let title = title.chars().take(limits::QUICK_REPLY_TITLE_CHARS_MAX).collect();
        choices.push(QuickReply { title, payload });
    }
    Ok(choices)
}

/// A member that is an object, or a string of JSON that is one.
fn object_member(object: &Value, name: &'static str) -> Decoded<Option<Value>> {
    let Some(value) = lenient::member(object, name) else {
        return Ok(None);
    };
    let value = unwrap_json_text(value);
    if value.is_object() {
        Ok(Some(value))
    } else {
        Err(SendRefusal::WrongType {
            name,
            expected: "an object",
        })
    }
}

/// A required member that is a list, one object alone, or a string of JSON that is either.
fn list_member(object: &Value, name: &'static str) -> Decoded<Vec<Value>> {
    let value = lenient::member(object, name).ok_or(SendRefusal::Missing { name })?;
    let value = unwrap_json_text(value);
    if value.is_array() || value.is_object() {
        Ok(one_or_many(&value))
    } else {
        Err(SendRefusal::WrongType {
            name,
            expected: "an array",
        })
    }
}

fn optional_text(object: &Value, name: &'static str) -> Decoded<Option<String>> {
    match lenient::member(object, name) {
        None => Ok(None),
        Some(value) => lenient::text(value).map(Some).ok_or(SendRefusal::WrongType {
            name,
            expected: "a string",
        }),
    }
}

fn unwrap_json_text(value: &Value) -> Value {
    value
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| value.clone())
}

fn one_or_many(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

fn check_count(name: &'static str, count: usize, max: usize) -> Decoded<()> {
    match count {
        0 => Err(SendRefusal::NoneGiven { name }),
        count if count > max => Err(SendRefusal::TooMany { name, count, max }),
        _ => Ok(()),
    }
}

fn check_chars(name: &'static str, text: &str, max: usize) -> Decoded<()> {
    match text.chars().count() {
        chars if chars > max => Err(SendRefusal::TooLong { name, chars, max }),
        _ => Ok(()),
    }
}
