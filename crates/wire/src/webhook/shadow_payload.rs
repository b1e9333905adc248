//! From the raw payload of one event to its type: private shadow structs, then `TryFrom`.
//!
//! Every shadow member is optional and untyped, so that a surprise in one of them costs that member
//! and not the event. Only what an event cannot be without (its id) makes it unrecognised.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::parse::Event;
use super::payload::{
    Attachment, Comment, CommentAuthor, CommentMedia, Edit, Handover, Kept, Mention, Message, Postback, QuickReplyTap,
    Reaction, Read, Referral, ReplyTo,
};
use super::shadow::excerpt;
use crate::events::EventKind;
use crate::ids::{CommentId, IgScopedId, MediaId, MessageId, ParticipantId};
use crate::lenient::{self, member};

/// Why a payload was not understood.
type Reason = &'static str;

/// Reads the payload of a `messaging[]` element of that kind.
pub(super) fn read_payload(kind: EventKind, raw: &str) -> Event {
    match kind {
        EventKind::Message => read::<RawMessage, _>(raw, Event::Message),
        EventKind::Postback => read::<RawPostback, _>(raw, Event::Postback),
        EventKind::Reaction => read::<RawReaction, _>(raw, Event::Reaction),
        EventKind::Read => read::<RawRead, _>(raw, Event::Read),
        EventKind::Edit => read::<RawEdit, _>(raw, Event::Edit),
        EventKind::Referral => read::<RawReferral, _>(raw, Event::Referral),
        EventKind::Optin => keep(raw, Event::Optin),
        EventKind::PassThreadControl
        | EventKind::TakeThreadControl
        | EventKind::RequestThreadControl
        | EventKind::AppRoles => keep(raw, |body| Event::Handover(Handover { kind, body })),
        EventKind::Kept(name) => keep(raw, |body| Event::Kept(Kept { name, body })),
        EventKind::Comment | EventKind::LiveComment | EventKind::Mention | EventKind::StoryInsights => {
            read_change(kind, raw)
        }
    }
}

/// Reads the `value` of a `changes[]` element of that kind.
pub(super) fn read_change(kind: EventKind, raw: &str) -> Event {
    match kind {
        EventKind::Comment => read::<RawComment, _>(raw, Event::Comment),
        EventKind::LiveComment => read::<RawComment, _>(raw, Event::LiveComment),
        EventKind::Mention => read::<RawMention, _>(raw, Event::Mention),
        EventKind::StoryInsights => keep(raw, Event::StoryInsights),
        EventKind::Kept(name) => keep(raw, |body| Event::Kept(Kept { name, body })),
        _ => unrecognised("this kind of event does not stand in changes", raw),
    }
}

fn read<Raw, Payload>(raw: &str, event: impl FnOnce(Payload) -> Event) -> Event
where
    Raw: DeserializeOwned,
    Payload: TryFrom<Raw, Error = Reason>,
{
    let shadow: Raw = match serde_json::from_str(raw) {
        Ok(shadow) => shadow,
        Err(error) => return unrecognised(&error.to_string(), raw),
    };
    match Payload::try_from(shadow) {
        Ok(payload) => event(payload),
        Err(reason) => unrecognised(reason, raw),
    }
}

fn keep(raw: &str, event: impl FnOnce(Value) -> Event) -> Event {
    match serde_json::from_str(raw) {
        Ok(body) => event(body),
        Err(error) => unrecognised(&error.to_string(), raw),
    }
}

fn unrecognised(reason: &str, raw: &str) -> Event {
    Event::Unrecognised {
        reason: format!("{reason}: {}", excerpt(raw)),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMessage {
    mid: Option<Value>,
    text: Option<Value>,
    attachments: Option<Value>,
    quick_reply: Option<Value>,
    reply_to: Option<Value>,
    referral: Option<Value>,
    is_echo: Option<Value>,
    is_self: Option<Value>,
    is_deleted: Option<Value>,
    is_unsupported: Option<Value>,
}

impl TryFrom<RawMessage> for Message {
    type Error = Reason;

    fn try_from(raw: RawMessage) -> Result<Self, Reason> {
        Ok(Self {
            mid: id(raw.mid.as_ref())
                .map(MessageId::new)
                .ok_or("the message has no mid")?,
            text: text(raw.text.as_ref()),
            attachments: list(raw.attachments).iter().filter_map(read_attachment).collect(),
            quick_reply: raw
                .quick_reply
                .as_ref()
                .and_then(|quick_reply| text(member(quick_reply, "payload")))
                .map(|payload| QuickReplyTap { payload }),
            reply_to: raw.reply_to.as_ref().and_then(read_reply_to),
            referral: raw
                .referral
                .as_ref()
                .filter(|referral| referral.is_object())
                .map(read_referral),
            is_echo: flag(raw.is_echo.as_ref()),
            is_self: flag(raw.is_self.as_ref()),
            is_deleted: flag(raw.is_deleted.as_ref()),
            is_unsupported: flag(raw.is_unsupported.as_ref()),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawPostback {
    mid: Option<Value>,
    title: Option<Value>,
    payload: Option<Value>,
    referral: Option<Value>,
}

impl TryFrom<RawPostback> for Postback {
    type Error = Reason;

    fn try_from(raw: RawPostback) -> Result<Self, Reason> {
        Ok(Self {
            title: text(raw.title.as_ref()),
            payload: text(raw.payload.as_ref()),
            mid: id(raw.mid.as_ref()).map(MessageId::new),
            referral: raw
                .referral
                .as_ref()
                .filter(|referral| referral.is_object())
                .map(read_referral),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawReaction {
    mid: Option<Value>,
    action: Option<Value>,
    reaction: Option<Value>,
    emoji: Option<Value>,
}

impl TryFrom<RawReaction> for Reaction {
    type Error = Reason;

    fn try_from(raw: RawReaction) -> Result<Self, Reason> {
        Ok(Self {
            mid: id(raw.mid.as_ref())
                .map(MessageId::new)
                .ok_or("the reaction has no mid")?,
            action: text(raw.action.as_ref()).ok_or("the reaction has no action")?,
            reaction: text(raw.reaction.as_ref()),
            emoji: text(raw.emoji.as_ref()),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawRead {
    mid: Option<Value>,
}

impl TryFrom<RawRead> for Read {
    type Error = Reason;

    fn try_from(raw: RawRead) -> Result<Self, Reason> {
        Ok(Self {
            mid: id(raw.mid.as_ref()).map(MessageId::new).ok_or("read has no mid")?,
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawEdit {
    mid: Option<Value>,
    text: Option<Value>,
    num_edit: Option<Value>,
}

impl TryFrom<RawEdit> for Edit {
    type Error = Reason;

    fn try_from(raw: RawEdit) -> Result<Self, Reason> {
        Ok(Self {
            mid: id(raw.mid.as_ref())
                .map(MessageId::new)
                .ok_or("message_edit has no mid")?,
            text: text(raw.text.as_ref()),
            num_edit: raw.num_edit.as_ref().and_then(lenient::integer),
        })
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct RawReferral(Value);

impl TryFrom<RawReferral> for Referral {
    type Error = Reason;

    fn try_from(raw: RawReferral) -> Result<Self, Reason> {
        if raw.0.is_object() {
            Ok(read_referral(&raw.0))
        } else {
            Err("referral is not an object")
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawComment {
    id: Option<Value>,
    comment_id: Option<Value>,
    parent_id: Option<Value>,
    text: Option<Value>,
    from: Option<Value>,
    media: Option<Value>,
}

impl TryFrom<RawComment> for Comment {
    type Error = Reason;

    fn try_from(raw: RawComment) -> Result<Self, Reason> {
        Ok(Self {
            id: id(raw.id.as_ref())
                .or_else(|| id(raw.comment_id.as_ref()))
                .map(CommentId::new)
                .ok_or("the comment has neither id nor comment_id")?,
            parent_id: id(raw.parent_id.as_ref()).map(CommentId::new),
            text: text(raw.text.as_ref()),
            from: raw
                .from
                .as_ref()
                .filter(|from| from.is_object())
                .map(|from| CommentAuthor {
                    id: id(member(from, "id")).map(ParticipantId::new),
                    username: text(member(from, "username")),
                    self_ig_scoped_id: id(member(from, "self_ig_scoped_id")).map(IgScopedId::new),
                }),
            media: raw.media.as_ref().and_then(read_media),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawMention {
    comment_id: Option<Value>,
    media_id: Option<Value>,
}

impl TryFrom<RawMention> for Mention {
    type Error = Reason;

    fn try_from(raw: RawMention) -> Result<Self, Reason> {
        let mention = Self {
            comment_id: id(raw.comment_id.as_ref()).map(CommentId::new),
            media_id: id(raw.media_id.as_ref()).map(MediaId::new),
        };
        if mention.comment_id.is_none() && mention.media_id.is_none() {
            return Err("the mention has neither comment_id nor media_id");
        }
        Ok(mention)
    }
}

fn read_attachment(attachment: &Value) -> Option<Attachment> {
    let kind = text(member(attachment, "type"))?;
    Some(Attachment {
        kind,
        payload: member(attachment, "payload").cloned(),
    })
}

fn read_reply_to(reply_to: &Value) -> Option<ReplyTo> {
    if let Some(mid) = id(member(reply_to, "mid")) {
        return Some(ReplyTo::Message(MessageId::new(mid)));
    }
    let story = member(reply_to, "story").filter(|story| story.is_object())?;
    Some(ReplyTo::Story {
        url: text(member(story, "url")),
        id: id(member(story, "id")).map(MediaId::new),
        link_sticker_url: text(member(story, "link_sticker_url")),
    })
}

fn read_referral(referral: &Value) -> Referral {
    let value = |name| text(member(referral, name));
    Referral {
        reference: value("ref"),
        ad_id: value("ad_id"),
        source: value("source"),
        kind: value("type"),
        ads_context_data: member(referral, "ads_context_data").cloned(),
        product_id: member(referral, "product").and_then(|product| text(member(product, "id"))),
    }
}

fn read_media(media: &Value) -> Option<CommentMedia> {
    Some(CommentMedia {
        id: id(member(media, "id")).map(MediaId::new)?,
        media_product_type: text(member(media, "media_product_type")),
        ad_id: text(member(media, "ad_id")),
        ad_title: text(member(media, "ad_title")),
        original_media_id: id(member(media, "original_media_id")).map(MediaId::new),
    })
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(lenient::text)
}

fn id(value: Option<&Value>) -> Option<String> {
    text(value).filter(|id| !id.is_empty())
}

fn flag(value: Option<&Value>) -> bool {
    value.and_then(lenient::boolean) == Some(true)
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(other) => vec![other],
    }
}
