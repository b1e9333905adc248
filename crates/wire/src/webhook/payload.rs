//! What an event says. The same types are emitted by the platform and parsed by the gateway.
//!
//! `to_value` writes the documented key order; flags appear only when true.

use serde_json::{Map, Value};

use crate::events::EventKind;
use crate::ids::{CommentId, IgScopedId, MediaId, MessageId, ParticipantId};

/// `message`: a message, an echo, a self message, or the removal of one (contract "messages").
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent flags of the documented payload"
)]
pub struct Message {
    /// The message's id; an unsend carries the id of the removed message.
    pub mid: MessageId,
    /// What was typed.
    pub text: Option<String>,
    /// Media, shares, templates.
    pub attachments: Vec<Attachment>,
    /// The quick reply that was tapped.
    pub quick_reply: Option<QuickReplyTap>,
    /// The message or story that this one answers.
    pub reply_to: Option<ReplyTo>,
    /// Where the person came from.
    pub referral: Option<Referral>,
    /// Said by the account's side (an app, the inbox, or the owner to herself).
    pub is_echo: bool,
    /// Said in the thread of the account with itself.
    pub is_self: bool,
    /// The message was unsent.
    pub is_deleted: bool,
    /// The message cannot be shown by the API.
    pub is_unsupported: bool,
}

impl Message {
    /// A message with nothing but its id.
    pub const fn new(mid: MessageId) -> Self {
        Self {
            mid,
            text: None,
            attachments: Vec::new(),
            quick_reply: None,
            reply_to: None,
            referral: None,
            is_echo: false,
            is_self: false,
            is_deleted: false,
            is_unsupported: false,
        }
    }

    /// Writes the payload.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("mid", self.mid.as_str());
        object.put_some("text", self.text.as_deref());
        if !self.attachments.is_empty() {
            let attachments = self.attachments.iter().map(Attachment::to_value).collect();
            object.put("attachments", Value::Array(attachments));
        }
        object.put_some("quick_reply", self.quick_reply.as_ref().map(QuickReplyTap::to_value));
        object.put_some("reply_to", self.reply_to.as_ref().map(ReplyTo::to_value));
        object.put_some("referral", self.referral.as_ref().map(Referral::to_value));
        object.put_if("is_echo", self.is_echo);
        object.put_if("is_self", self.is_self);
        object.put_if("is_deleted", self.is_deleted);
        object.put_if("is_unsupported", self.is_unsupported);
        object.into_value()
    }
}

/// One attachment of a received message. Kinds and payloads that we do not know are kept as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// `image`, `video`, `share`, `story_mention`, `template`, …
    pub kind: String,
    /// Everything about it; `ephemeral` has none.
    pub payload: Option<Value>,
}

impl Attachment {
    /// An attachment that is a URL: `image`, `video`, `audio`, `file`, `story_mention`, …
    pub fn with_url(kind: impl Into<String>, url: impl Into<String>) -> Self {
        let mut payload = Object::new();
        payload.put("url", url.into());
        Self {
            kind: kind.into(),
            payload: Some(payload.into_value()),
        }
    }

    /// An attachment without payload, such as `ephemeral`.
    pub fn bare(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            payload: None,
        }
    }

    /// The payload's URL. Opaque: a CDN address or a permalink, depending on the kind.
    pub fn url(&self) -> Option<&str> {
        self.payload.as_ref()?.get("url")?.as_str()
    }

    /// Writes the attachment.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("type", self.kind.as_str());
        object.put_some("payload", self.payload.clone());
        object.into_value()
    }
}

/// `quick_reply` of a received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickReplyTap {
    /// What the app had attached to the tapped choice.
    pub payload: String,
}

impl QuickReplyTap {
    fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("payload", self.payload.as_str());
        object.into_value()
    }
}

/// `reply_to` of a received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyTo {
    /// An inline reply to a message.
    Message(MessageId),
    /// A reply to a story.
    Story {
        /// CDN address of the story, as long as it lives.
        url: Option<String>,
        /// The story.
        id: Option<MediaId>,
        /// Target of the story's link sticker.
        link_sticker_url: Option<String>,
    },
}

impl ReplyTo {
    fn to_value(&self) -> Value {
        let mut object = Object::new();
        match self {
            Self::Message(mid) => object.put("mid", mid.as_str()),
            Self::Story {
                url,
                id,
                link_sticker_url,
            } => {
                let mut story = Object::new();
                story.put_some("url", url.as_deref());
                story.put_some("id", id.as_ref().map(MediaId::as_str));
                story.put_some("link_sticker_url", link_sticker_url.as_deref());
                object.put("story", story.into_value());
            }
        }
        object.into_value()
    }
}

/// `referral`: of its own, or inside a message.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Referral {
    /// `ref`: what the link carried.
    pub reference: Option<String>,
    /// The ad that was clicked.
    pub ad_id: Option<String>,
    /// `ADS`, or where the `ig.me` link stood.
    pub source: Option<String>,
    /// `type`, usually `OPEN_THREAD`.
    pub kind: Option<String>,
    /// `ads_context_data`, as received.
    pub ads_context_data: Option<Value>,
    /// `product.id` of a shop referral.
    pub product_id: Option<String>,
}

impl Referral {
    /// Writes the payload.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put_some("ref", self.reference.as_deref());
        object.put_some("ad_id", self.ad_id.as_deref());
        object.put_some("source", self.source.as_deref());
        object.put_some("type", self.kind.as_deref());
        object.put_some("ads_context_data", self.ads_context_data.clone());
        if let Some(product_id) = &self.product_id {
            let mut product = Object::new();
            product.put("id", product_id.as_str());
            object.put("product", product.into_value());
        }
        object.into_value()
    }
}

/// `postback`: a tapped button, ice breaker or menu item (contract "`messaging_postbacks`").
/// The flag `is_self` stands beside it, on the event.
#[derive(Debug, Clone, PartialEq)]
pub struct Postback {
    /// What the button said.
    pub title: Option<String>,
    /// What the app had attached to it.
    pub payload: Option<String>,
    /// Id of the tap; the published self sample has none.
    pub mid: Option<MessageId>,
    /// For taps that came from an ad.
    pub referral: Option<Referral>,
}

impl Postback {
    /// Writes the payload of an ordinary tap (`mid` first) or of a self tap (`mid` last), each in the
    /// order of its documented sample.
    pub fn to_value(&self, is_self: bool) -> Value {
        let mut object = Object::new();
        if !is_self {
            object.put_some("mid", self.mid.as_ref().map(MessageId::as_str));
        }
        object.put_some("title", self.title.as_deref());
        object.put_some("payload", self.payload.as_deref());
        if is_self {
            object.put_some("mid", self.mid.as_ref().map(MessageId::as_str));
        }
        object.put_some("referral", self.referral.as_ref().map(Referral::to_value));
        object.into_value()
    }
}

/// `reaction` (contract "`message_reactions`").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The message reacted to.
    pub mid: MessageId,
    /// `react` or `unreact`.
    pub action: String,
    /// The name of the reaction; absent on `unreact`.
    pub reaction: Option<String>,
    /// The emoji; absent on `unreact`.
    pub emoji: Option<String>,
}

impl Reaction {
    /// Writes the payload.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("mid", self.mid.as_str());
        object.put("action", self.action.as_str());
        object.put_some("reaction", self.reaction.as_deref());
        object.put_some("emoji", self.emoji.as_deref());
        object.into_value()
    }
}

/// `read` (contract "`messaging_seen`").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The newest message seen.
    pub mid: MessageId,
}

impl Read {
    /// Writes the payload.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("mid", self.mid.as_str());
        object.into_value()
    }
}

/// `message_edit` (contract "`message_edit`").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The edited message.
    pub mid: MessageId,
    /// Its new text; absent in the noise that Meta sends for new messages.
    pub text: Option<String>,
    /// How often it has been edited; 0 is the noise.
    pub num_edit: Option<i64>,
}

impl Edit {
    /// Writes the payload.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("mid", self.mid.as_str());
        object.put_some("text", self.text.as_deref());
        object.put_some("num_edit", self.num_edit);
        object.into_value()
    }

    /// Meta sends an edit numbered 0 for messages that are new; it says nothing.
    pub fn is_noise(&self) -> bool {
        self.num_edit == Some(0)
    }
}

/// One of the four handover events, its body kept as received (contract "`messaging_handover`").
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// Which one: pass, take, request or roles.
    pub kind: EventKind,
    /// `previous_owner_app_id`, `new_owner_app_id`, `requested_owner_app_id`, `metadata`.
    pub body: Value,
}

/// An event that nobody acts on yet: its row in the table is enough to subscribe to it, to emit it and
/// to recognise it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its key in `messaging[]`, or its field in `changes[]`.
    pub name: &'static str,
    /// Its body, as received or as given.
    pub body: Value,
}

/// `value` of `comments` and `live_comments` (contract "comments").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The comment.
    pub id: CommentId,
    /// The comment that this one replies to.
    pub parent_id: Option<CommentId>,
    /// What was written.
    pub text: Option<String>,
    /// Who wrote it.
    pub from: Option<CommentAuthor>,
    /// What it was written under.
    pub media: Option<CommentMedia>,
}

impl Comment {
    /// Writes the value. A comment by the account itself begins with `from`, everybody else's with
    /// `id`, each as in its documented sample.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        let is_self = self
            .from
            .as_ref()
            .is_some_and(|author| author.self_ig_scoped_id.is_some());
        if is_self {
            object.put_some("from", self.from.as_ref().map(CommentAuthor::to_value));
        }
        object.put("id", self.id.as_str());
        object.put_some("parent_id", self.parent_id.as_ref().map(CommentId::as_str));
        object.put_some("text", self.text.as_deref());
        if !is_self {
            object.put_some("from", self.from.as_ref().map(CommentAuthor::to_value));
        }
        object.put_some("media", self.media.as_ref().map(CommentMedia::to_value));
        object.into_value()
    }
}

/// `from` of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentAuthor {
    /// The person's scoped id, or the account's own id. Missing in one published example.
    pub id: Option<ParticipantId>,
    /// User name.
    pub username: Option<String>,
    /// The account as seen by itself. Present on its own comments, and on the dashboard's test.
    pub self_ig_scoped_id: Option<IgScopedId>,
}

impl CommentAuthor {
    fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put_some("id", self.id.as_ref().map(ParticipantId::as_str));
        object.put_some("username", self.username.as_deref());
        object.put_some(
            "self_ig_scoped_id",
            self.self_ig_scoped_id.as_ref().map(IgScopedId::as_str),
        );
        object.into_value()
    }
}

/// `media` of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentMedia {
    /// The media.
    pub id: MediaId,
    /// `FEED`, `REELS`, `STORY`, `AD`, …
    pub media_product_type: Option<String>,
    /// The ad, when the media was shown as one.
    pub ad_id: Option<String>,
    /// The ad's title.
    pub ad_title: Option<String>,
    /// The media that the ad was made of.
    pub original_media_id: Option<MediaId>,
}

impl CommentMedia {
    fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("id", self.id.as_str());
        object.put_some("media_product_type", self.media_product_type.as_deref());
        object.put_some("ad_id", self.ad_id.as_deref());
        object.put_some("ad_title", self.ad_title.as_deref());
        object.put_some(
            "original_media_id",
            self.original_media_id.as_ref().map(MediaId::as_str),
        );
        object.into_value()
    }
}

/// `value` of `mentions` (contract "mentions").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The comment that mentions the account; absent when a caption does.
    pub comment_id: Option<CommentId>,
    /// The media.
    pub media_id: Option<MediaId>,
}

impl Mention {
    /// Writes the value.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put_some("comment_id", self.comment_id.as_ref().map(CommentId::as_str));
        object.put_some("media_id", self.media_id.as_ref().map(MediaId::as_str));
        object.into_value()
    }
}

/// A JSON object under construction, in writing order.
pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn new() -> Self {
        Self(Map::new())
    }

    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub(super) fn put_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(super) fn put_if(&mut self, name: &str, flag: bool) {
        if flag {
            self.put(name, true);
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}
