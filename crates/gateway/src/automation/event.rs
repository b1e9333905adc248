//! What a person did, as the automations see it.

use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, IgScopedId, IgUserId, MediaId, MessageId};

/// Which version of the automations an event runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The file as it is being written: what the owner sees when she messages herself.
    Draft,
    /// The version made public by `publish`: what everybody else gets.
    Published,
}

impl Lane {
    /// The lane's name as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
        }
    }
}

/// The account that the event belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFacts {
    /// The Instagram user id, `entry.id` of its webhooks.
    pub ig_id: IgUserId,
    /// Its username, without `@`.
    pub username: String,
    /// Its display name, where known.
    pub name: Option<String>,
}

/// The person who acted; the owner herself in her self thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// The person as this account sees them: where answers go.
    pub scoped_id: IgScopedId,
    /// Their username without `@`, where Instagram told it.
    pub username: Option<String>,
    /// Their display name, where Instagram told it.
    pub name: Option<String>,
}

/// What a direct message carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFacts {
    /// The message's id, where the webhook had one.
    pub mid: Option<MessageId>,
    /// The text, if it had any.
    pub text: Option<String>,
    /// The kinds of its attachments (`image`, `story_mention`, …), in order.
    pub attachment_kinds: Vec<String>,
    /// The payload of the quick reply that was tapped, if one was.
    pub quick_reply_payload: Option<String>,
    /// The story it answers, if it answers one.
    pub replied_story_id: Option<String>,
    /// The `ref` of the link or advertisement it came through, if any.
    pub referral: Option<String>,
}

/// What a tap on a button, an ice breaker or a menu item carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostbackFacts {
    /// The message that carried the button, where the webhook had it.
    pub mid: Option<MessageId>,
    /// The title the person saw.
    pub title: String,
    /// The payload the developer gave the button.
    pub payload: String,
}

/// What a comment carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentFacts {
    /// The comment's id: where the public reply and the private reply go.
    pub comment_id: CommentId,
    /// The post, reel or story it stands under, where told.
    pub media_id: Option<MediaId>,
    /// The text, if it had any.
    pub text: String,
    /// The comment it replies to, if it is a reply.
    pub parent_id: Option<CommentId>,
    /// Whether it was made under a live broadcast.
    pub live: bool,
}

/// What a mention of the account carried: nothing of who made it, nor of its words.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MentionFacts {
    /// Somebody's post: the mention is in its caption, or in a comment under it.
    pub media_id: MediaId,
    /// The comment; none when the caption mentions the account.
    pub comment_id: Option<CommentId>,
}

/// The kinds of gesture that can start an automation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A direct message.
    Message(MessageFacts),
    /// A tap on a button, an ice breaker or a menu item.
    Postback(PostbackFacts),
    /// A comment on one of the account's posts.
    Comment(CommentFacts),
    /// The account was mentioned in a caption or a comment.
    Mention(MentionFacts),
    /// The person came through an `ig.me` link or an advertisement; the value is its `ref`.
    Referral {
        /// The `ref` of the link.
        reference: String,
    },
}

impl Trigger {
    /// The trigger's name in an automations file.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Postback(_) => "postback",
            Self::Comment(_) => "comment",
            Self::Mention(_) => "mention",
            Self::Referral { .. } => "referral",
        }
    }
}

/// Something a person did, known not to be an echo of something we said.
///
/// The fields are private on purpose: the only constructor is called where the ledger has been
/// consulted, which is what makes an answer to ourselves impossible (design §4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonEvent {
    account: AccountFacts,
    person: PersonFacts,
    own: bool,
    first_contact: bool,
    at: Timestamp,
    trigger: Trigger,
}

impl PersonEvent {
    /// Called by the inbox after the ledger said that this is not ours, and by previews, whose
    /// gestures are made up and never came from a wire.
    ///
    /// `own` says that the owner of the account did it: in the self thread, or under her own post.
    pub(crate) fn cleared_by_ledger(
        account: AccountFacts,
        person: PersonFacts,
        own: bool,
        at: Timestamp,
        trigger: Trigger,
    ) -> Self {
        Self {
            account,
            person,
            own,
            first_contact: false,
            at,
            trigger,
        }
    }

    /// Marks the event as the first thing this person ever sent to the account.
    #[must_use]
    pub(crate) fn marked_as_first_contact(mut self) -> Self {
        self.first_contact = true;
        self
    }

    /// The account that the event belongs to.
    pub const fn account(&self) -> &AccountFacts {
        &self.account
    }

    /// Who acted.
    pub const fn person(&self) -> &PersonFacts {
        &self.person
    }

    /// Whether the owner herself did it.
    pub const fn is_own(&self) -> bool {
        self.own
    }

    /// Whether this is the first thing this person ever sent to the account.
    pub const fn is_first_contact(&self) -> bool {
        self.first_contact
    }

    /// When it happened, world time.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What was done.
    pub const fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// The lane this event runs: her own gestures preview the draft, everybody else's run what is
    /// published.
    pub const fn lane(&self) -> Lane {
        if self.own { Lane::Draft } else { Lane::Published }
    }
}
