//! What the business will do about an event, and why.

use selfsame_wire::ids::{CommentId, IgScopedId, MediaId, MessageId};
use selfsame_wire::send::Outgoing;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{Lane, MentionFacts};
use super::situation::Changes;

/// One thing to do, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum PlannedStep {
    /// Show the typing sign, and let this much world time pass before the next step.
    Typing {
        /// In whose thread; `None` only lets the time pass, because nothing can be shown before a
        /// private reply.
        to: Option<IgScopedId>,
        /// How long, in milliseconds.
        duration_ms: u32,
    },
    /// Send a message.
    Send {
        /// To whom and what.
        message: Outgoing,
    },
    /// Answer publicly under a comment.
    Reply {
        /// The comment.
        comment_id: CommentId,
        /// The text.
        text: String,
    },
    /// Answer publicly where the account was mentioned.
    ReplyToMention {
        /// Where.
        mention: MentionFacts,
        /// The text.
        text: String,
    },
    /// Comment publicly under a post. No automation does; somebody's own engine may.
    Comment {
        /// The post.
        media_id: MediaId,
        /// The text.
        text: String,
    },
    /// Send a message just as somebody's own engine wrote it.
    Relay {
        /// To whom.
        to: RelayTo,
        /// The body of the call without its recipient: `message`, and whatever else stood beside it.
        body: Value,
    },
    /// React to the person's message.
    React {
        /// In whose thread.
        to: IgScopedId,
        /// The message.
        mid: MessageId,
        /// `love`, or any emoji.
        reaction: String,
    },
}

/// To whom somebody's own engine sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayTo {
    /// Into the thread of the account with itself.
    SelfThread(IgScopedId),
    /// In a person's thread.
    Person(IgScopedId),
    /// By a private reply to a comment.
    Comment(CommentId),
}

/// How a decision ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// No automation is meant for this event.
    NoRule,
    /// An automation ran. Its steps may be empty (it only remembered something).
    Answers,
    /// An automation was meant for it, but the thread or the account is not to be answered now.
    Withheld {
        /// Whether it is to be answered later, when somebody releases it.
        releasable: bool,
        /// Why, for people.
        reason: String,
    },
    /// The automation could not be carried out; nothing is sent.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

/// The automation that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReference {
    /// Its name.
    pub name: String,
    /// Its place in the file, from 0.
    pub index: usize,
    /// The line it starts on, from 1.
    pub line: u64,
}

/// Something worth saying about how the answer came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceNote {
    /// A stable word for programs, such as `quick_replies_as_buttons`.
    pub code: String,
    /// A sentence for people.
    pub text: String,
}

/// Why the decision is what it is. Stored beside the event and shown under the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Which lane ran.
    pub lane: Lane,
    /// The version of the automations that ran, a short digest of its text.
    pub version: String,
    /// The automation that matched, if any.
    pub rule: Option<RuleReference>,
    /// Why it matched, or why nothing did, and what was changed on the way.
    pub notes: Vec<TraceNote>,
}

/// What the business will do about one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Whether an automation ran.
    pub outcome: Outcome,
    /// What it does, in order. Empty unless the outcome is [`Outcome::Answers`].
    pub steps: Vec<PlannedStep>,
    /// What is remembered of it, to be stored in the transaction that stores the steps.
    pub changes: Changes,
    /// Why.
    pub trace: Trace,
}
