//! A post with its comments.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::artwork::Artwork;
use crate::icon;
use crate::message::{Receipt, node_id};
use crate::node::{Node, Tag, render_all};
use crate::parts::{TimeFormat, problem, time};
use crate::person::{FaceSize, face};
use crate::thread::Refused;

/// A post to draw.
#[derive(Debug, Clone)]
pub struct Post {
    /// Media id.
    pub id: String,
    /// Whose it is, without `@`.
    pub owner: String,
    /// Its caption; may be empty.
    pub caption: String,
    /// What it is, in words: "Post", "Live".
    pub kind: String,
    /// Comments in reading order: replies behind their parent.
    pub comments: Vec<Comment>,
    /// Where comments are posted; `None` draws a picture that cannot be used.
    pub actions: Option<String>,
    /// Where the owner's profile is.
    pub owner_href: String,
    /// What to know about commenting here.
    pub notice: Option<Markup>,
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Comment id.
    pub id: String,
    /// Who wrote it, without `@`.
    pub username: String,
    /// A word beside the name: "you", "automation"; may be empty.
    pub role: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it answers another comment.
    pub is_reply: bool,
    /// Whether the owner has hidden it.
    pub is_hidden: bool,
    /// Whether a private reply went out for it.
    pub has_private_reply: bool,
    /// What became of its webhooks.
    pub receipts: Vec<Receipt>,
}

impl Post {
    /// Every part that the stream keeps current.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![self.notice_node()];
        nodes.extend(self.comment_nodes());
        nodes
    }

    fn notice_node(&self) -> Node {
        let inner = html! {
            @if let Some(notice) = &self.notice { (notice) }
            @if self.comments.is_empty() { p.empty { "No comments yet. Write the first." } }
        };
        Node::fixed(Tag::Block, "post-notice", "post-notice", inner)
    }

    fn comment_nodes(&self) -> Vec<Node> {
        let mut previous: Option<String> = None;
        let mut nodes = Vec::with_capacity(self.comments.len());
        for comment in &self.comments {
            let id = node_id("c", &comment.id);
            let mut class = "comment".to_owned();
            if comment.is_reply {
                class.push_str(" reply");
            }
            if comment.is_hidden {
                class.push_str(" hidden");
            }
            let node = Node::fixed(Tag::Item, id.clone(), class, comment.view(self.actions.as_deref()));
            nodes.push(node.inside("comments", previous.as_deref()));
            previous = Some(id);
        }
        nodes
    }

    /// The post with its comments and the field for a new one.
    pub fn view(&self, refused: Option<&Refused>) -> Markup {
        let label = if self.caption.is_empty() {
            "A post"
        } else {
            self.caption.as_str()
        };
        html! {
            section.pane.main.post aria-label={ "Post of @" (self.owner) } {
                header.head {
                    a.icon href=(self.owner_href) aria-label={ "Back to @" (self.owner) } { (icon::back()) }
                    (face(&self.owner, FaceSize::Middle))
                    div.who { h1 { (self.owner) } span.soft.small { (self.kind) } }
                }
                div.picture { (Artwork::of(&self.id).markup(label)) }
                @if !self.caption.is_empty() { p.caption dir="auto" { strong { (self.owner) } " " (self.caption) } }
                (self.notice_node())
                ol #comments .comments role="log" aria-live="polite" aria-label="Comments" { (render_all(&self.comment_nodes())) }
                @if let Some(actions) = &self.actions {
                    footer.foot {
                        (problem(refused.map(|refused| refused.why.as_str())))
                        form.composer #composer method="post" action={ (actions) "/comment" } data-quiet {
                            div.box {
                                textarea #text name="text" rows="1" required data-enter dir="auto" maxlength="2200" aria-label="Comment" placeholder="Add a comment…" {
                                    (refused.map(|refused| refused.text.as_str()).unwrap_or_default())
                                }
                                button.send type="submit" { "Post" }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Comment {
    fn view(&self, actions: Option<&str>) -> Markup {
        html! {
            (face(&self.username, FaceSize::Small))
            div {
                p.words { strong { (self.username) } " " bdi { (self.text) } }
                div.meta {
                    (time(self.at, TimeFormat::Clock))
                    @if !self.role.is_empty() { span.pill.plain { (self.role) } }
                    @if self.is_hidden { span { "hidden" } }
                    @if self.has_private_reply { span { "answered in private" } }
                    @for receipt in &self.receipts { (receipt.view()) }
                }
                @if let (Some(actions), false) = (actions, self.is_reply) {
                    details.small {
                        summary { "Reply" }
                        form.composer method="post" action={ (actions) "/comment" } data-quiet {
                            input type="hidden" name="parent" value=(self.id);
                            div.box {
                                textarea name="text" rows="1" required data-enter dir="auto" maxlength="2200" aria-label={ "Reply to " (self.username) } placeholder="Reply…" {}
                                button.send type="submit" { "Post" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One picture of a profile's grid.
#[derive(Debug, Clone)]
pub struct PostTile {
    /// Media id.
    pub id: String,
    /// Its caption; may be empty.
    pub caption: String,
    /// Where it is.
    pub href: String,
}

/// The grid of a profile.
pub fn post_grid(tiles: &[PostTile]) -> Markup {
    html! {
        @if tiles.is_empty() { p.empty { "No posts." } } @else {
            div.posts {
                @for tile in tiles {
                    a href=(tile.href) {
                        (Artwork::of(&tile.id).markup(if tile.caption.is_empty() { "A post" } else { &tile.caption }))
                        @if !tile.caption.is_empty() { span.cap aria-hidden="true" { (tile.caption) } }
                    }
                }
            }
        }
    }
}
