//! A notification: what happened to one account, before anybody asks who may be told.

use jiff::Timestamp;
use selfsame_wire::events::EventKind;
use selfsame_wire::ids::{CommentId, IgUserId, MessageId, ParticipantId};
use selfsame_wire::webhook::{Change, Envelope, Escapes, MessagingEvent, Updates, to_wire_bytes};
use serde_json::Value;

use super::keys::{AccountKey, AppKey};

/// Which of an account's apps a notification is meant for (contract: other-apis §6.8).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Audience {
    /// Every connected app.
    #[default]
    All,
    /// The thread has an owner: that app hears it as usual, every other one on `standby`.
    Owned {
        /// Meta app id of the owner; the inbox of Instagram is one, too.
        owner: String,
    },
    /// One app alone: somebody handed it a thread, or asks it for one.
    App(AppKey),
}

/// What happened to one account.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// The account it happened to.
    pub account: AccountKey,
    /// What it was; decides field, flows and permissions.
    pub kind: EventKind,
    /// The body. `None` for accounts that no app can be connected to.
    pub envelope: Option<Envelope>,
    /// Message it is about.
    pub mid: Option<MessageId>,
    /// Comment it is about.
    pub comment_id: Option<CommentId>,
    /// For whom.
    pub audience: Audience,
    /// What it belongs to (the other participant, the media): first attempts keep their order within it.
    pub line: String,
}

impl Notification {
    /// Something in `messaging[]`.
    pub fn messaging(
        account: AccountKey,
        ig_id: Option<&IgUserId>,
        at: Timestamp,
        mid: &MessageId,
        event: MessagingEvent,
    ) -> Self {
        let mut parties =
            [event.sender.as_ref(), event.recipient.as_ref()].map(|party| party.map_or("", ParticipantId::as_str));
        parties.sort_unstable();
        Self {
            line: parties.join("+"),
            account,
            kind: event.kind(),
            envelope: ig_id.map(|id| Envelope::messaging(id.clone(), at, event)),
            mid: Some(mid.clone()),
            comment_id: None,
            audience: Audience::All,
        }
    }

    /// Something in `changes[]`, about a comment or about media alone.
    pub fn comment(
        account: AccountKey,
        ig_id: Option<&IgUserId>,
        at: Timestamp,
        comment_id: Option<&CommentId>,
        change: Change,
    ) -> Self {
        let media = match &change {
            Change::Comment(comment) | Change::LiveComment(comment) => {
                comment.media.as_ref().map_or("", |media| media.id.as_str())
            }
            Change::Mention(mention) => mention.media_id.as_ref().map_or("", |id| id.as_str()),
            Change::StoryInsights(_) | Change::Kept(_) => "",
        };
        Self {
            line: media.to_owned(),
            account,
            kind: change.kind(),
            envelope: ig_id.map(|id| Envelope::change(id.clone(), at, change)),
            mid: None,
            comment_id: comment_id.cloned(),
            audience: Audience::All,
        }
    }

    /// The exact bytes that are signed and sent. `{}` when there is no body.
    pub fn to_bytes(&self, include_values: bool, stands_by: bool, escapes: Escapes) -> Vec<u8> {
        let Some(envelope) = &self.envelope else {
            return b"{}".to_vec();
        };
        let mut body = if stands_by {
            on_standby(envelope.clone()).to_value()
        } else {
            envelope.to_value()
        };
        if !include_values {
            strip_values(&mut body);
        }
        to_wire_bytes(&body, escapes)
    }
}

/// The same events as an app sees them that does not own the thread.
fn on_standby(mut envelope: Envelope) -> Envelope {
    for entry in &mut envelope.entries {
        if let Updates::Messaging(events) = &mut entry.updates {
            entry.updates = Updates::Standby(std::mem::take(events));
        }
    }
    envelope
}

/// "Include values" off: `changed_fields` stands instead of `changes` (contract: webhooks §4.2).
pub fn strip_values(body: &mut Value) {
    let Some(entries) = body.get_mut("entry").and_then(Value::as_array_mut) else {
        return;
    };
    for entry in entries {
        let Some(entry) = entry.as_object_mut() else { continue };
        let Some(changes) = entry.remove("changes") else {
            continue;
        };
        let fields: Vec<Value> = changes
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|change| change.get("field").cloned())
            .collect();
        entry.insert("changed_fields".to_owned(), fields.into());
    }
}
