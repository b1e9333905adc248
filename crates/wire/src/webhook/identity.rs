//! What makes two deliveries the same event.

use jiff::Timestamp;
use serde_json::json;

use super::parse::{Event, Incoming};
use crate::ids::IgUserId;

/// The identity of an event under one account, as text fit for a unique key.
///
/// Unsends, edits, reactions and reads carry the id of the message they are about, so the kind is
/// part of it; a postback's id may be the message's, so time and payload are part of it. A digest of
/// the body would be wrong: two real taps can be byte-identical.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventIdentity(String);

impl EventIdentity {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Incoming {
    /// The identity, or none: then each delivery is an event of its own.
    pub fn identity(&self, account: &IgUserId) -> Option<EventIdentity> {
        let account = account.as_str();
        let sender = self.sender.as_ref().map(|sender| sender.as_str().to_owned());
        let at = self.timestamp.map(Timestamp::as_millisecond);
        let key = match &self.event {
            Event::Message(message) if message.is_deleted => {
                json!([account, "unsend", message.mid])
            }
            Event::Message(message) => json!([account, "message", message.mid]),
            Event::Edit(edit) => json!([account, "edit", edit.mid, edit.num_edit]),
            Event::Reaction(reaction) => {
                json!([account, "reaction", reaction.mid, sender, at])
            }
            Event::Read(read) => json!([account, "read", read.mid, sender, at]),
            Event::Postback(postback) => {
                if postback.mid.is_none() && at.is_none() {
                    return None;
                }
                json!([account, "postback", postback.mid, at, postback.payload])
            }
            Event::Comment(comment) | Event::LiveComment(comment) => {
                json!([account, "comment", comment.id])
            }
            Event::Mention(mention) => match (&mention.comment_id, &mention.media_id) {
                (Some(comment_id), _) => json!([account, "mention", comment_id]),
                (None, Some(media_id)) => json!([account, "mention_media", media_id]),
                (None, None) => return None,
            },
            Event::Referral(_) => json!([account, "referral", sender?, at?]),
            Event::Optin(_) => json!([account, "optin", sender?, at?]),
            Event::Handover(handover) => json!([account, handover.kind.key(), sender, at?]),
            Event::Kept(kept) => json!([account, kept.name, sender?, at?]),
            Event::StoryInsights(_) | Event::Unrecognised { .. } => return None,
        };
        Some(EventIdentity(key.to_string()))
    }
}
