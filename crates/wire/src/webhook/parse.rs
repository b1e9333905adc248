//! Reading the body of a delivery, whatever its shape (contract "Envelope").
//!
//! Reading cannot fail: what is not understood is kept as [`Event::Unrecognised`], and no element
//! loses its siblings.

use jiff::Timestamp;
use serde_json::Value;

use super::payload::{Comment, Edit, Handover, Kept, Mention, Message, Postback, Reaction, Read, Referral};
use super::shadow;
use crate::events::{EVENTS, EventKind, EventSpec};
use crate::ids::{IgUserId, ParticipantId};

/// A body, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `object`, usually `instagram`.
    pub object: Option<String>,
    /// Every event, in the order of the body.
    pub events: Vec<Incoming>,
}

/// Where an event was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// In `messaging[]`.
    Messaging,
    /// In `standby[]`.
    Standby,
    /// In `changes[]`.
    Changes,
    /// `field` and `value` directly in the entry, as one documented sample shows.
    Entry,
    /// Nowhere: the entry or the whole body was not understood.
    Nowhere,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// `entry.id`: the account, except in the dashboard's test.
    pub entry_id: Option<IgUserId>,
    /// `entry.time`, from seconds or milliseconds.
    pub entry_time: Option<Timestamp>,
    /// Where it stood.
    pub found: Found,
    /// The subscription field: as given in `changes`, else from the table of events.
    pub field: Option<String>,
    /// `sender.id`
    pub sender: Option<ParticipantId>,
    /// `recipient.id`
    pub recipient: Option<ParticipantId>,
    /// `timestamp`, from milliseconds, or from seconds in a string (dashboard).
    pub timestamp: Option<Timestamp>,
    /// `is_self` beside the payload. The flag inside `message` is in [`Message::is_self`].
    pub is_self: bool,
    /// Sent by the "Test" button of the App Dashboard: `entry.id` is "0" and nothing in it is real.
    pub is_dashboard_test: bool,
    /// What happened.
    pub event: Event,
    /// The JSON of this event exactly as received.
    pub raw: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `message`: read its flags before acting on it.
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
    /// `optin`, as received
    Optin(Value),
    /// pass, take, request, roles
    Handover(Handover),
    /// A comment.
    Comment(Comment),
    /// A comment on a live broadcast.
    LiveComment(Comment),
    /// A mention.
    Mention(Mention),
    /// `story_insights`, as received
    StoryInsights(Value),
    /// An event of the table that nobody acts on yet.
    Kept(Kept),
    /// Not understood, kept in [`Incoming::raw`].
    Unrecognised {
        /// What stood in the way, for people.
        reason: String,
    },
}

impl Event {
    /// The kind; none for an event that was not understood.
    pub const fn kind(&self) -> Option<EventKind> {
        Some(match self {
            Self::Message(_) => EventKind::Message,
            Self::Postback(_) => EventKind::Postback,
            Self::Reaction(_) => EventKind::Reaction,
            Self::Read(_) => EventKind::Read,
            Self::Edit(_) => EventKind::Edit,
            Self::Referral(_) => EventKind::Referral,
            Self::Optin(_) => EventKind::Optin,
            Self::Handover(handover) => handover.kind,
            Self::Comment(_) => EventKind::Comment,
            Self::LiveComment(_) => EventKind::LiveComment,
            Self::Mention(_) => EventKind::Mention,
            Self::StoryInsights(_) => EventKind::StoryInsights,
            Self::Kept(kept) => EventKind::Kept(kept.name),
            Self::Unrecognised { .. } => return None,
        })
    }
}

/// Reads a body. Never fails and never panics.
pub fn parse(body: &[u8]) -> Delivery {
    parse_with(EVENTS, body)
}

/// Reads a body by another table of events.
pub fn parse_with(table: &[EventSpec], body: &[u8]) -> Delivery {
    shadow::read_body(table, body)
}

impl Incoming {
    /// A body that carries this event alone and parses to it again: what a job of one event stores.
    pub fn to_single_body(&self) -> Vec<u8> {
        shadow::write_single(self)
    }
}
