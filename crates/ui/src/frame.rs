//! The frame of every page: head, top bar, and where the stream is.

use maud::{DOCTYPE, Markup, html};

use crate::assets;

/// One link of the top bar.
#[derive(Debug, Clone)]
pub struct NavLink {
    /// What it says.
    pub label: String,
    /// Where it goes.
    pub href: String,
}

impl NavLink {
    /// A link called `label` to `href`.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
        }
    }
}

/// Where a page's event stream is, and after which sequence number the page was read.
#[derive(Debug, Clone)]
pub struct Live {
    /// Path of the stream.
    pub path: String,
    /// The last sequence number the page already shows.
    pub after: i64,
}

/// How a page uses the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A column of cards that scrolls.
    Document,
    /// The same for somebody who came by a link and may go nowhere else.
    Guest,
    /// The phone, which brings its own columns.
    Phone,
    /// The phone with the top bar hidden on narrow screens: a conversation fills them.
    PhoneImmersive,
}

/// Everything around a page's own content.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Title of the tab, before the product's name.
    pub title: String,
    /// Links of the top bar.
    pub links: Vec<NavLink>,
    /// The `href` of the link that leads here, if one does.
    pub current: Option<String>,
    /// The event stream, if the page is live.
    pub live: Option<Live>,
    /// How the page uses the window.
    pub layout: Layout,
}

impl Frame {
    /// The whole document around `content`.
    pub fn around(&self, content: &Markup) -> Markup {
        let body_class = (self.layout == Layout::PhoneImmersive).then_some("immersive");
        let live_path = self.live.as_ref().map(|live| live.path.as_str());
        let live_after = self.live.as_ref().map(|live| live.after);
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · selfsame" }
                    link rel="icon" type="image/svg+xml" href=(assets::ICON.path());
                    link rel="stylesheet" href=(assets::STYLE.path());
                    script defer src=(assets::SCRIPT.path()) {}
                }
                body class=[body_class] data-live=[live_path] data-after=[live_after] {
                    a.skip href="#content" { "Skip to the content" }
                    (self.bar())
                    @if matches!(self.layout, Layout::Document | Layout::Guest) {
                        main #content .document { (content) }
                    } @else {
                        main #content .phone-main { (content) }
                    }
                }
            }
        }
    }

    fn bar(&self) -> Markup {
        html! {
            header.bar {
                @if self.layout == Layout::Guest {
                    span.brand { img src=(assets::ICON.path()) alt="" width="26" height="26"; "selfsame" }
                } @else {
                    a.brand href="/" { img src=(assets::ICON.path()) alt="" width="26" height="26"; "selfsame" }
                }
                @if self.live.is_some() { span #live .live role="status" { "connecting" } }
                @if !self.links.is_empty() {
                    nav aria-label="Pages" {
                        @for link in &self.links {
                            @let here = self.current.as_deref() == Some(link.href.as_str());
                            a href=(link.href) aria-current=[here.then_some("page")] { (link.label) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inline_that_the_policy_would_refuse() {
        let frame = Frame {
            title: "</title><script>".to_owned(),
            links: vec![NavLink::new("Phone", "/phone")],
            current: Some("/phone".to_owned()),
            live: Some(Live {
                path: "/phone/live".to_owned(),
                after: 7,
            }),
            layout: Layout::Phone,
        };
        let text = frame.around(&html! {}).into_string();
        assert!(!text.contains("<script>") && !text.contains(" style=") && !text.contains(" onclick="));
        assert!(text.contains(r#"data-after="7""#) && text.contains(r#"aria-current="page""#));
    }
}
