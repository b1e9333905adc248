//! A conversation: head, history, what stands at its end, and the composer; and the list of conversations.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::icon;
use crate::message::Entry;
use crate::node::{Node, Tag, render_all};
use crate::parts::{TimeFormat, problem, time};
use crate::person::{FaceSize, Person, face};

/// The longest text a composer takes, in characters; the platform counts bytes and has the last word.
const COMPOSER_CHARACTERS: usize = 20_000;

/// Types of files that a picker offers; the platform looks again.
const TAKEN_TYPES: &str = "image/png,image/jpeg,image/gif,video/*,audio/*,application/pdf";
/// Files of one message together, in bytes: what the server takes, less the words around them.
const MAX_FILES_BYTES: usize = 32 * 1024 * 1024 - 16 * 1024;

/// A conversation to draw.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Who holds the phone.
    pub me: Person,
    /// Whom they talk to; the same as `me` in the self thread.
    pub other: Person,
    /// Its entries, oldest first.
    pub entries: Vec<Entry>,
    /// Where older entries are, if some are not drawn.
    pub earlier_href: Option<String>,
    /// Whether the other side is typing.
    pub is_typing: bool,
    /// What to know before the first message, or about the thread as a whole.
    pub notice: Option<Markup>,
    /// Where gestures are posted; `None` draws a picture that cannot be used.
    pub actions: Option<String>,
    /// Whether only words and taps can be posted: no pictures, hearts, reactions or edits.
    pub words_only: bool,
    /// Where the arrow goes.
    pub back_href: Option<String>,
    /// Where this thread's webhooks are shown.
    pub inspect_href: Option<String>,
    /// Questions offered before anything was said.
    pub ice_breakers: Vec<String>,
    /// Items of the business's menu.
    pub menu: Vec<String>,
    /// Posts, reels and stories that can be shared here.
    pub shareable: Vec<Shareable>,
    /// Stories of the other side that can be answered.
    pub stories: Vec<Shareable>,
}

/// Media that can be shared or answered.
#[derive(Debug, Clone)]
pub struct Shareable {
    /// Its media id.
    pub id: String,
    /// What it is, in words.
    pub label: String,
}

impl Thread {
    /// Whether somebody talks to herself.
    pub fn is_self(&self) -> bool {
        self.me.username == self.other.username
    }

    /// Every part that the stream keeps current, in the order of the page.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![self.notice_node()];
        nodes.extend(self.entry_nodes());
        nodes.push(self.typing_node());
        nodes
    }

    fn entry_nodes(&self) -> Vec<Node> {
        let mut previous: Option<&Entry> = None;
        let count = self.entries.len();
        let mut nodes = Vec::with_capacity(count);
        for (index, entry) in self.entries.iter().enumerate() {
            nodes.push(entry.node(
                previous,
                index.saturating_add(1) == count,
                self.actions.as_deref(),
                self.words_only,
            ));
            previous = Some(entry);
        }
        nodes
    }

    fn notice_node(&self) -> Node {
        let inner = html! {
            @if let Some(notice) = &self.notice { (notice) }
            @if let (Some(actions), true, false) = (&self.actions, self.entries.is_empty(), self.ice_breakers.is_empty()) {
                div.chips role="group" aria-label="Begin with" { (openers(actions, "ice_breaker", &self.ice_breakers)) }
            }
        };
        Node::fixed(Tag::Block, "thread-notice", "thread-notice", inner)
    }

    fn typing_node(&self) -> Node {
        let inner = html! {
            @if self.is_typing {
                div.typing role="img" aria-label={ (self.other_label()) " is typing" } { i {} i {} i {} }
            }
        };
        Node::fixed(Tag::Block, "typing", "typing-place", inner)
    }

    fn other_label(&self) -> &str {
        if self.is_self() {
            "automation"
        } else {
            &self.other.username
        }
    }

    /// The conversation with its head and composer. `refused` is why the last plain form failed, with its text kept.
    pub fn view(&self, refused: Option<&Refused>) -> Markup {
        html! {
            section.pane.main.talk aria-label={ "Conversation with " (self.other_label()) } {
                (self.head())
                div #history .history tabindex="0" aria-label="Messages" role="region" {
                    div.inner {
                        (self.intro())
                        ol #messages .messages role="log" aria-live="polite" aria-relevant="additions" { (render_all(&self.entry_nodes())) }
                        (self.typing_node())
                    }
                }
                @if let Some(actions) = &self.actions { (self.composer(actions, refused)) }
            }
        }
    }

    fn composer(&self, actions: &str, refused: Option<&Refused>) -> Markup {
        let placeholder = if self.is_self() {
            "Message yourself…".to_owned()
        } else {
            format!("Message @{}…", self.other.username)
        };
        html! {
            footer.foot {
                (problem(refused.map(|refused| refused.why.as_str())))
                div.composer {
                    @if !self.menu.is_empty() {
                        details.menu {
                            summary.icon aria-label="Menu" { (icon::menu()) }
                            div.sheet { (openers(actions, "menu", &self.menu)) }
                        }
                    }
                    @if !self.words_only { (self.further(actions)) }
                    // Beside words of a page the words come first: a focus would scroll them away.
                    form.box #composer method="post" action={ (actions) "/send" } data-quiet data-scroll="history" {
                        textarea #text name="text" rows="1" required autofocus[!self.words_only] data-enter dir="auto" maxlength=(COMPOSER_CHARACTERS)
                            aria-label="Message" aria-keyshortcuts="Enter" placeholder=(placeholder) { (refused.map(|refused| refused.text.as_str()).unwrap_or_default()) }
                        button.send type="submit" { "Send" }
                    }
                    @if !self.words_only {
                        form.heart method="post" action={ (actions) "/send" } data-quiet data-keep data-scroll="history" {
                            button.icon type="submit" name="like_heart" value="true" aria-label="Send a heart" { (icon::heart()) }
                        }
                    }
                }
            }
        }
    }

    /// What else a phone can send: files, a share, an answer to a story, a disappearing picture, and what the API cannot show.
    fn further(&self, actions: &str) -> Markup {
        let send = format!("{actions}/send");
        html! {
            details.menu {
                summary.icon aria-label="Send a file, a post, and more" { (icon::plus()) }
                div.sheet {
                    form method="post" action=(send) enctype="multipart/form-data" data-quiet data-drop data-scroll="history" {
                        label.field {
                            span { "Pictures, a film, a recording or a PDF" }
                            input type="file" name="file" multiple required accept=(TAKEN_TYPES) data-most-bytes=(MAX_FILES_BYTES) aria-describedby="file-limits";
                        }
                        p.soft.small #file-limits { "Pictures up to 8 MB, ten in one message; anything else up to 25 MB. Dropping or pasting them works too." }
                        button.button type="submit" { "Send the file" }
                    }
                    details {
                        summary { "By its address" }
                        form method="post" action=(send) data-quiet data-scroll="history" {
                            label.field { span { "Address" } input type="url" name="attachment_url" required placeholder="https://…" maxlength="2000"; }
                            label.field { span { "Kind" } select name="attachment_type" { option value="image" { "Picture" } option value="video" { "Film" } option value="audio" { "Recording" } option value="file" { "File" } } }
                            button.button.quiet type="submit" { "Send the address" }
                        }
                    }
                    @if !self.shareable.is_empty() {
                        form method="post" action=(send) data-quiet data-keep data-scroll="history" {
                            label.field { span { "Share" } (options("attachment_media", &self.shareable)) }
                            label.field { span { "As" } select name="attachment_type" {
                                option value="share" { "What it is" }
                                option value="story_mention" { "Mention in a story" }
                            } }
                            button.button.quiet type="submit" { "Share" }
                        }
                    }
                    @if !self.stories.is_empty() {
                        form method="post" action=(send) data-quiet data-scroll="history" {
                            label.field { span { "Story" } (options("story", &self.stories)) }
                            textarea name="text" rows="1" aria-label="Answer to the story" placeholder="Answer the story…" required data-enter dir="auto" maxlength=(COMPOSER_CHARACTERS) {}
                            button.button.quiet type="submit" { "Answer the story" }
                        }
                    }
                    form method="post" action=(send) data-quiet data-keep data-scroll="history" {
                        button.button.quiet type="submit" name="attachment_type" value="ephemeral" { "Send a disappearing picture" }
                        button.button.quiet type="submit" name="attachment_type" value="unsupported" { "Send what apps cannot see" }
                    }
                }
            }
        }
    }

    fn head(&self) -> Markup {
        html! {
            header.head {
                @if let Some(href) = &self.back_href { a.icon.back href=(href) aria-label="Back to the messages" { (icon::back()) } }
                (face(&self.other.username, FaceSize::Middle))
                div.who {
                    h1 { (self.other.shown_name()) @if self.is_self() { span.soft { " (you)" } } }
                    span.soft.small { "@" (self.other.username) @if self.is_self() { " · you and your automation" } }
                }
                div.tools {
                    @if let Some(href) = &self.inspect_href { a.icon href=(href) aria-label="Webhooks of this account" title="Webhooks" { (icon::inspect()) } }
                }
            }
        }
    }

    fn intro(&self) -> Markup {
        html! {
            @if let Some(href) = &self.earlier_href {
                p.stamp { a href=(href) { "Earlier messages" } }
            } @else {
                div.intro {
                    (face(&self.other.username, FaceSize::Big))
                    strong { (self.other.shown_name()) }
                    span.soft.small { "@" (self.other.username) " · " (self.other.kind) }
                }
            }
            (self.notice_node())
        }
    }
}

/// Why a plain form was refused, and what was typed.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why, in words.
    pub why: String,
    /// The text to put back.
    pub text: String,
}

/// A choice of media by its id.
fn options(name: &str, media: &[Shareable]) -> Markup {
    html! { select name=(name) { @for one in media { option value=(one.id) { (one.label) } } } }
}

/// Things to tap, one form each.
fn openers(actions: &str, field: &str, titles: &[String]) -> Markup {
    html! {
        @for title in titles {
            form method="post" action={ (actions) "/tap" } data-quiet data-keep data-scroll="history" {
                button.chip type="submit" name=(field) value=(title) dir="auto" { (title) }
            }
        }
    }
}

/// One line of the list of conversations.
#[derive(Debug, Clone)]
pub struct ThreadLine {
    /// Whom it is with.
    pub other: Person,
    /// Whether it is the thread with oneself.
    pub is_self: bool,
    /// The beginning of the last entry; empty when there is none.
    pub preview: String,
    /// When the last entry was made.
    pub last_at: Option<Timestamp>,
    /// Where it is.
    pub href: String,
    /// Whether it is the one on show.
    pub is_current: bool,
    /// Whether somebody began it and it was not answered yet.
    pub is_request: bool,
}

/// The list of conversations as one live node.
pub fn thread_list(lines: &[ThreadLine]) -> Node {
    let inner = html! {
        ul.threads {
            @for line in lines {
                li {
                    a href=(line.href) aria-current=[line.is_current.then_some("true")] {
                        (face(&line.other.username, FaceSize::Middle))
                        span.line {
                            span.name { span.clip { (line.other.username) } @if line.is_self { span.pill.plain { "you" } } @if line.is_request { span.pill.plain { "request" } } }
                            span.soft.small dir="auto" { (line.preview) }
                        }
                        @if let Some(at) = line.last_at { span.when { (time(at, TimeFormat::Clock)) } }
                    }
                }
            }
        }
    };
    Node::fixed(Tag::Block, "threads", "thread-list", inner)
}
