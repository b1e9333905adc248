//! Live nodes: parts of a page that the event stream may replace or add.
//!
//! A node has an id, a version (a digest of what it shows) and, inside a list, its parent and the id before it. The
//! script leaves nodes of equal version alone, so a server may always send more than has changed, and a stream that
//! starts again after a gap makes the page right by sending everything.

use maud::{Markup, PreEscaped, Render, html};

use crate::assets::version_of;

/// The element a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `div`
    Block,
    /// `li`
    Item,
    /// `tr`
    Row,
}

/// One live node.
#[derive(Debug, Clone)]
pub struct Node {
    tag: Tag,
    id: String,
    class: String,
    place: Option<Place>,
    version: String,
    inner: Markup,
}

#[derive(Debug, Clone)]
struct Place {
    parent: String,
    previous: String,
}

impl Node {
    /// A node that is on the page from the beginning. `id` must be a plain word, unique on the page.
    pub fn fixed(tag: Tag, id: impl Into<String>, class: impl Into<String>, inner: Markup) -> Self {
        let class = class.into();
        let version = version_of(&format!("{class}\n{}", inner.0));
        Self {
            tag,
            id: id.into(),
            class,
            place: None,
            version,
            inner,
        }
    }

    /// Puts the node into the list `parent`, behind the node with id `previous` (`None` = first).
    #[must_use]
    pub fn inside(mut self, parent: impl Into<String>, previous: Option<&str>) -> Self {
        self.place = Some(Place {
            parent: parent.into(),
            previous: previous.unwrap_or_default().to_owned(),
        });
        self
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The digest of what it shows.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl Render for Node {
    fn render(&self) -> Markup {
        let into = self.place.as_ref().map(|place| place.parent.as_str());
        let prev = self.place.as_ref().map(|place| place.previous.as_str());
        match self.tag {
            Tag::Block => {
                html! { div id=(self.id) class=(self.class) data-v=(self.version) data-into=[into] data-prev=[prev] { (self.inner) } }
            }
            Tag::Item => {
                html! { li id=(self.id) class=(self.class) data-v=(self.version) data-into=[into] data-prev=[prev] { (self.inner) } }
            }
            Tag::Row => {
                html! { tr id=(self.id) class=(self.class) data-v=(self.version) data-into=[into] data-prev=[prev] { (self.inner) } }
            }
        }
    }
}

/// Renders nodes one after another, as the stream sends them and as a list holds them.
pub fn render_all(nodes: &[Node]) -> Markup {
    PreEscaped(nodes.iter().map(|node| node.render().into_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_follows_what_is_shown_and_not_the_place() {
        let first = Node::fixed(Tag::Item, "m1", "message", html! { "a" });
        let moved = Node::fixed(Tag::Item, "m1", "message", html! { "a" }).inside("list", Some("m0"));
        let other = Node::fixed(Tag::Item, "m1", "message", html! { "b" });
        assert_eq!(first.version(), moved.version());
        assert_ne!(first.version(), other.version());
    }

    #[test]
    fn a_first_child_says_so() {
        let node = Node::fixed(Tag::Item, "m1", "message", html! { "<b>" }).inside("list", None);
        let text = node.render().into_string();
        assert!(text.contains(r#"data-into="list" data-prev="""#), "{text}");
        assert!(text.contains("&lt;b&gt;"));
    }
}
