//! What hangs on a message: pictures, films, templates.

use maud::{Markup, html};

use crate::artwork::Artwork;

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// Tells the business that it was tapped.
    Postback {
        /// What it says.
        title: String,
        /// Its place among all buttons of the message, from 0: how a tap names it.
        index: usize,
    },
    /// Opens a page.
    Link {
        /// What it says.
        title: String,
        /// Where it goes; drawn as a link only with scheme `http` or `https`.
        url: String,
    },
}

/// One card of a generic template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Headline.
    pub title: String,
    /// Second line.
    pub subtitle: Option<String>,
    /// Picture on top.
    pub image_url: Option<String>,
    /// Where a tap on the card goes.
    pub url: Option<String>,
    /// Up to three buttons.
    pub buttons: Vec<Button>,
}

/// What hangs on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// A picture.
    Image {
        /// Address.
        url: String,
    },
    /// A film.
    Video {
        /// Address.
        url: String,
    },
    /// A recording.
    Audio {
        /// Address.
        url: String,
    },
    /// A document, or anything with an address and no view of its own.
    File {
        /// What it is called.
        name: String,
        /// Address.
        url: String,
    },
    /// A text with up to three buttons.
    ButtonTemplate {
        /// The text.
        text: String,
        /// The buttons.
        buttons: Vec<Button>,
    },
    /// One card, or several beside each other.
    GenericTemplate {
        /// The cards.
        cards: Vec<Card>,
    },
    /// A post of the business.
    Share {
        /// Its media id, which its picture is drawn from.
        media_id: String,
        /// Its caption; may be empty.
        title: String,
        /// Where to see it.
        href: String,
    },
    /// Something that was sent and has nothing to show, in words.
    Hidden {
        /// What it was.
        words: String,
    },
    /// Something this program cannot draw, named.
    Other {
        /// The type that was sent.
        kind: String,
    },
}

/// `url`, if a browser may open it without running anything.
pub(crate) fn safe_url(url: &str) -> Option<&str> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("https://") || lower.starts_with("http://")).then_some(url)
}

impl Attachment {
    /// Draws it. `tap` is where taps are posted; without it buttons are shown and do nothing.
    pub(crate) fn view(&self, mid: &str, tap: Option<&str>) -> Markup {
        match self {
            Self::Image { url } => media(url, "picture", &html! { img src=(url) alt="Picture" loading="lazy"; }),
            Self::Video { url } => media(
                url,
                "film",
                &html! { video src=(url) controls preload="metadata" aria-label="Film" {} },
            ),
            Self::Audio { url } => media(
                url,
                "recording",
                &html! { audio src=(url) controls preload="none" aria-label="Recording" {} },
            ),
            Self::File { name, url } => {
                html! { div.attached { @if let Some(href) = safe_url(url) { a.file href=(href) target="_blank" rel="noopener noreferrer" { (name) } } @else { span.file { (name) } } } }
            }
            Self::ButtonTemplate { text, buttons } => html! {
                div.template {
                    p.said dir="auto" { (text) }
                    (choices(buttons, mid, tap))
                }
            },
            Self::GenericTemplate { cards } => html! {
                div.cards role="group" aria-label="Cards" tabindex=[(cards.len() > 1).then_some("0")] { @for card in cards { (card.view(mid, tap)) } }
            },
            Self::Share { media_id, title, href } => {
                html! {
                    a.attached.shared href=(href) {
                        (Artwork::of(media_id).markup("Shared post"))
                        @if !title.is_empty() { span.file dir="auto" { (title) } }
                    }
                }
            }
            Self::Hidden { words } => html! { p.bubble.gone { (words) } },
            Self::Other { kind } => html! { p.bubble.gone { "Something of type " q { (kind) } } },
        }
    }
}

fn media(url: &str, kind: &str, element: &Markup) -> Markup {
    html! {
        div.attached {
            @if safe_url(url).is_some() || url.starts_with('/') { (element) } @else { span.file { "A " (kind) " without a usable address" } }
        }
    }
}

impl Card {
    fn view(&self, mid: &str, tap: Option<&str>) -> Markup {
        html! {
            div.template {
                div {
                    @if let Some(url) = self.image_url.as_deref().and_then(safe_url) { img src=(url) alt="" loading="lazy"; }
                    div.said {
                        @if let Some(url) = self.url.as_deref().and_then(safe_url) {
                            a.title href=(url) dir="auto" target="_blank" rel="noopener noreferrer" { (self.title) }
                        } @else {
                            span.title dir="auto" { (self.title) }
                        }
                        @if let Some(subtitle) = &self.subtitle { br; span.sub dir="auto" { (subtitle) } }
                    }
                }
                (choices(&self.buttons, mid, tap))
            }
        }
    }
}

fn choices(buttons: &[Button], mid: &str, tap: Option<&str>) -> Markup {
    html! {
        @if !buttons.is_empty() {
            form.choices method="post" action=[tap] data-quiet data-keep {
                input type="hidden" name="mid" value=(mid);
                @for button in buttons {
                    @match button {
                        Button::Postback { title, index } if tap.is_some() => {
                            button.choice type="submit" name="button" value=(index) dir="auto" { (title) }
                        }
                        Button::Postback { title, .. } => { span.choice dir="auto" { (title) } }
                        Button::Link { title, url } => {
                            @if let Some(href) = safe_url(url) {
                                a.choice href=(href) dir="auto" target="_blank" rel="noopener noreferrer" { (title) }
                            } @else {
                                span.choice dir="auto" title=(url) { (title) }
                            }
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
    fn an_address_that_runs_script_is_never_a_link() {
        for url in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "JaVaScRiPt:1",
            "//evil",
            "é",
        ] {
            assert_eq!(safe_url(url), None, "{url}");
        }
        assert_eq!(safe_url("HTTPS://example.com"), Some("HTTPS://example.com"));
    }

    #[test]
    fn buttons_are_taps_only_where_taps_can_be_posted() {
        let template = Attachment::ButtonTemplate {
            text: "menu".to_owned(),
            buttons: vec![Button::Postback {
                title: "Coffee".to_owned(),
                index: 0,
            }],
        };
        assert!(
            template
                .view("m", Some("/tap"))
                .into_string()
                .contains(r#"<button class="choice""#)
        );
        assert!(!template.view("m", None).into_string().contains("<button"));
    }
}
