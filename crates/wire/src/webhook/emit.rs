//! Building the body of a delivery (contract "Envelope").

use jiff::Timestamp;
use serde_json::Value;

use super::payload::{Comment, Edit, Handover, Kept, Mention, Message, Object, Postback, Reaction, Read, Referral};
use crate::events::EventKind;
use crate::ids::{IgUserId, ParticipantId};

/// The object of every body that we emit.
const OBJECT: &str = "instagram";

/// A whole body.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// One entry per account and placement.
    pub entries: Vec<Entry>,
}

/// What happened to one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The account.
    pub id: IgUserId,
    /// When the notification was made. Written in milliseconds beside `messaging` and `standby`, in
    /// seconds beside `changes`.
    pub time: Option<Timestamp>,
    /// What happened.
    pub updates: Updates,
}

/// The content of an entry. The placements never share one.
#[derive(Debug, Clone, PartialEq)]
pub enum Updates {
    /// `messaging[]`
    Messaging(Vec<MessagingEvent>),
    /// `standby[]`
    Standby(Vec<MessagingEvent>),
    /// `changes[]`
    Changes(Vec<Change>),
}

/// One element of `messaging[]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MessagingEvent {
    /// Who did it.
    pub sender: Option<ParticipantId>,
    /// To whom.
    pub recipient: Option<ParticipantId>,
    /// When it happened; written in milliseconds.
    pub timestamp: Option<Timestamp>,
    /// Event-level `is_self`: only beside `postback`.
    pub is_self: bool,
    /// What it was.
    pub payload: MessagingPayload,
}

/// The payload of an element of `messaging[]`.
#[derive(Debug, Clone, PartialEq)]
pub enum MessagingPayload {
    /// `message`
    Message(Message),
    /// `postback`
    Postback(Postback),
    /// `reaction`
    Reaction(Reaction),
    /// `read`
    Read(Read),
    /// `message_edit`
    Edit(Edit),
    /// `referral`
    Referral(Referral),
    /// `optin`, body as given
    Optin(Value),
    /// one of the four handover keys
    Handover(Handover),
    /// any other key
    Kept(Kept),
}

/// One element of `changes[]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// `comments`
    Comment(Comment),
    /// `live_comments`
    LiveComment(Comment),
    /// `mentions`
    Mention(Mention),
    /// `story_insights`, value as given
    StoryInsights(Value),
    /// any other field
    Kept(Kept),
}

impl Envelope {
    /// A body with one messaging event.
    pub fn messaging(account: IgUserId, time: Timestamp, event: MessagingEvent) -> Self {
        Self {
            entries: vec![Entry {
                id: account,
                time: Some(time),
                updates: Updates::Messaging(vec![event]),
            }],
        }
    }

    /// A body with one change.
    pub fn change(account: IgUserId, time: Timestamp, change: Change) -> Self {
        Self {
            entries: vec![Entry {
                id: account,
                time: Some(time),
                updates: Updates::Changes(vec![change]),
            }],
        }
    }

    /// The body as JSON, keys in documented order.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("object", OBJECT);
        object.put(
            "entry",
            Value::Array(self.entries.iter().map(Entry::to_value).collect()),
        );
        object.into_value()
    }
}

impl Entry {
    /// The entry as JSON, keys in documented order. Batching several of them is concatenation.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put("id", self.id.as_str());
        match &self.updates {
            Updates::Messaging(events) => {
                object.put_some("time", self.time.map(Timestamp::as_millisecond));
                object.put(
                    "messaging",
                    Value::Array(events.iter().map(MessagingEvent::to_value).collect()),
                );
            }
            Updates::Standby(events) => {
                object.put_some("time", self.time.map(Timestamp::as_millisecond));
                object.put(
                    "standby",
                    Value::Array(events.iter().map(MessagingEvent::to_value).collect()),
                );
            }
            Updates::Changes(changes) => {
                object.put_some("time", self.time.map(Timestamp::as_second));
                object.put("changes", Value::Array(changes.iter().map(Change::to_value).collect()));
            }
        }
        object.into_value()
    }
}

impl MessagingEvent {
    /// The element as JSON, keys in documented order.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.put_some("sender", self.sender.as_ref().map(party));
        object.put_some("recipient", self.recipient.as_ref().map(party));
        object.put_some("timestamp", self.timestamp.map(Timestamp::as_millisecond));
        object.put_if("is_self", self.is_self);
        let (key, body) = match &self.payload {
            MessagingPayload::Message(message) => (EventKind::Message, message.to_value()),
            MessagingPayload::Postback(postback) => (EventKind::Postback, postback.to_value(self.is_self)),
            MessagingPayload::Reaction(reaction) => (EventKind::Reaction, reaction.to_value()),
            MessagingPayload::Read(read) => (EventKind::Read, read.to_value()),
            MessagingPayload::Edit(edit) => (EventKind::Edit, edit.to_value()),
            MessagingPayload::Referral(referral) => (EventKind::Referral, referral.to_value()),
            MessagingPayload::Optin(body) => (EventKind::Optin, body.clone()),
            MessagingPayload::Handover(handover) => (handover.kind, handover.body.clone()),
            MessagingPayload::Kept(kept) => (EventKind::Kept(kept.name), kept.body.clone()),
        };
        object.put(key.key(), body);
        object.into_value()
    }

    /// What kind of event it is.
    pub const fn kind(&self) -> EventKind {
        match &self.payload {
            MessagingPayload::Message(_) => EventKind::Message,
            MessagingPayload::Postback(_) => EventKind::Postback,
            MessagingPayload::Reaction(_) => EventKind::Reaction,
            MessagingPayload::Read(_) => EventKind::Read,
            MessagingPayload::Edit(_) => EventKind::Edit,
            MessagingPayload::Referral(_) => EventKind::Referral,
            MessagingPayload::Optin(_) => EventKind::Optin,
            MessagingPayload::Handover(handover) => handover.kind,
            MessagingPayload::Kept(kept) => EventKind::Kept(kept.name),
        }
    }
}

impl Change {
    /// The element as JSON: `field`, then `value`.
    pub fn to_value(&self) -> Value {
        let value = match self {
            Self::Comment(comment) | Self::LiveComment(comment) => comment.to_value(),
            Self::Mention(mention) => mention.to_value(),
            Self::StoryInsights(value) => value.clone(),
            Self::Kept(kept) => kept.body.clone(),
        };
        let mut object = Object::new();
        object.put("field", self.kind().field());
        object.put("value", value);
        object.into_value()
    }

    /// What kind of event it is.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Comment(_) => EventKind::Comment,
            Self::LiveComment(_) => EventKind::LiveComment,
            Self::Mention(_) => EventKind::Mention,
            Self::StoryInsights(_) => EventKind::StoryInsights,
            Self::Kept(kept) => EventKind::Kept(kept.name),
        }
    }
}

fn party(id: &ParticipantId) -> Value {
    let mut object = Object::new();
    object.put("id", id.as_str());
    object.into_value()
}
