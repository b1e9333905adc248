//! Entries of a thread, as data and as markup.

use jiff::Timestamp;
use maud::{Markup, html};

use super::attachment::Attachment;
use super::receipt::Receipt;
use crate::node::{Node, Tag};
use crate::parts::{TimeFormat, time};

/// A pause this long between two entries gets a time of its own.
const STAMP_AFTER_SECONDS: i64 = 20 * 60;

/// On which side of the thread a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person who holds the phone.
    Mine,
    /// The other, or in the self thread the automation.
    Theirs,
}

/// The message that a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who said it.
    pub author: String,
    /// What was said, or a word for what it was.
    pub text: String,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who reacted.
    pub by: String,
    /// Whether the holder of the phone did.
    pub mine: bool,
}

/// A suggested answer under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickReply {
    /// What it says and what is sent.
    pub title: String,
    /// What the business gets beside the text.
    pub payload: String,
}

/// What a message holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Text, attachments, suggested answers: any of them.
    Content {
        /// The text.
        text: Option<String>,
        /// What hangs on it.
        attachments: Vec<Attachment>,
        /// Suggested answers; drawn only when they can be tapped.
        quick_replies: Vec<QuickReply>,
    },
    /// The heart sticker.
    LikeHeart,
    /// It was unsent.
    Deleted,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Unique among the entries of the thread; any text.
    pub key: String,
    /// The message id, by which gestures name it.
    pub mid: String,
    /// On which side it stands.
    pub side: Side,
    /// What its side is called: "you", "automation", a user name.
    pub author: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What it holds.
    pub body: Body,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// Whether its text was changed later.
    pub edited: bool,
    /// Whether the other side has seen it.
    pub seen: bool,
    /// What became of its webhooks.
    pub receipts: Vec<Receipt>,
}

/// Something that happened and is not a message: a tap, a seen mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemNote {
    /// Unique among the entries of the thread; any text.
    pub key: String,
    /// What happened.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// What became of its webhooks.
    pub receipts: Vec<Receipt>,
}

/// One entry of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Somebody said something.
    Message(Box<Message>),
    /// Something happened.
    Note(SystemNote),
}

/// An id for the page made from any key.
pub(crate) fn node_id(prefix: &str, key: &str) -> String {
    format!("{prefix}-{}", crate::assets::version_of(key))
}

impl Entry {
    /// Id of the entry on the page.
    pub fn node_id(&self) -> String {
        match self {
            Self::Message(message) => node_id("m", &message.key),
            Self::Note(note) => node_id("n", &note.key),
        }
    }

    fn at(&self) -> Timestamp {
        match self {
            Self::Message(message) => message.sent_at,
            Self::Note(note) => note.at,
        }
    }

    /// The entry as a live node behind `previous`; `is_last` offers its suggested answers.
    pub(crate) fn node(&self, previous: Option<&Self>, is_last: bool, actions: Option<&str>, words_only: bool) -> Node {
        let stamped = previous
            .is_none_or(|before| self.at().as_second().saturating_sub(before.at().as_second()) > STAMP_AFTER_SECONDS);
        let stamp = html! { @if stamped { p.stamp { (time(self.at(), TimeFormat::Day)) } } };
        let stamped_class = if stamped { " stamped" } else { "" };
        let (class, inner) = match self {
            Self::Message(message) => {
                let side = match message.side {
                    Side::Mine => "mine",
                    Side::Theirs => "theirs",
                };
                (
                    format!("message {side}{stamped_class}"),
                    message.view(is_last, actions, words_only),
                )
            }
            Self::Note(note) => (format!("system{stamped_class}"), note.view()),
        };
        let previous_id = previous.map(Self::node_id);
        Node::fixed(Tag::Item, self.node_id(), class, html! { (stamp) (inner) })
            .inside("messages", previous_id.as_deref())
    }
}

impl Message {
    fn view(&self, is_last: bool, actions: Option<&str>, words_only: bool) -> Markup {
        html! {
            span.by { (self.author) }
            div.held {
                div.stack {
                    @if let Some(quote) = &self.quote {
                        div.quote dir="auto" { (quote.author) ": " (quote.text) }
                    }
                    (self.content(actions))
                    @if !self.reactions.is_empty() {
                        span.reactions {
                            @for reaction in &self.reactions {
                                span title=(reaction.by) { (reaction.emoji) span.away { " by " (reaction.by) } }
                            }
                        }
                    }
                }
                @if !words_only { (self.gestures(actions)) }
            }
            @if self.edited && self.body != Body::Deleted { p.status { "Edited" } }
            @for receipt in &self.receipts { (receipt.view()) }
            @if self.seen { p.status { "Seen" } }
            @if is_last { (self.suggestions(actions)) }
        }
    }

    fn content(&self, actions: Option<&str>) -> Markup {
        let tap = actions.map(|actions| format!("{actions}/tap"));
        // Only what the other side sent can be tapped.
        let tap = tap.filter(|_| self.side == Side::Theirs);
        match &self.body {
            Body::Content { text, attachments, .. } => html! {
                @if let Some(text) = text { p.bubble dir="auto" { (text) } }
                @if attachments.len() > 1 {
                    div.album role="group" aria-label={ (attachments.len()) " attachments" } {
                        @for attachment in attachments { (attachment.view(&self.mid, tap.as_deref())) }
                    }
                } @else {
                    @for attachment in attachments { (attachment.view(&self.mid, tap.as_deref())) }
                }
                @if text.is_none() && attachments.is_empty() { p.bubble.gone { "An empty message" } }
            },
            Body::LikeHeart => html! { p.bubble.heart role="img" aria-label="A heart" { "♥" } },
            Body::Deleted => html! { p.bubble.gone { "Message unsent" } },
        }
    }

    fn suggestions(&self, actions: Option<&str>) -> Markup {
        let (Some(actions), Side::Theirs, Body::Content { quick_replies, .. }) = (actions, self.side, &self.body)
        else {
            return html! {};
        };
        html! {
            @if !quick_replies.is_empty() {
                div.chips role="group" aria-label="Suggested answers" {
                    @for reply in quick_replies {
                        form method="post" action={ (actions) "/send" } data-quiet data-keep data-scroll="history" {
                            input type="hidden" name="text" value=(reply.title);
                            input type="hidden" name="quick_reply" value=(reply.payload);
                            button.chip type="submit" dir="auto" { (reply.title) }
                        }
                    }
                }
            }
        }
    }
}

impl SystemNote {
    fn view(&self) -> Markup {
        html! {
            p dir="auto" { (self.text) }
            @for receipt in &self.receipts { (receipt.view()) }
        }
    }
}
