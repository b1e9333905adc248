//! What the page says: the next thing to do, and why the automation answered as it did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::QrCode;
use qrcode::render::svg;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout, segment};
use serde_json::Value;

use crate::previews::{Look, PreviewState, TracedDecision};
use crate::store::previews::PreviewMode;

/// The width of the drawn code, in CSS pixels; the browser scales it.
const CODE_PIXELS: u32 = 168;
/// The decisions that are explained; older ones stand in the studio.
const EXPLAINED: usize = 6;

/// The next thing to do, in plain words.
pub(super) fn next_step(look: &Look, path: &str, differs: bool) -> Markup {
    let username = &look.account.username;
    html! {
        @match look.state {
            PreviewState::Simulated => {
                h2 { "Write to your automation" }
                p { "Nothing here leaves this page: write in the phone, tap its buttons, and see what your customers would get." }
                @if let Some(gesture) = &look.next {
                    @if let Some(text) = gesture.said() { p { "Begin with " strong { "“" (text) "”" } "." } }
                }
                div.row {
                    @if look.waits_until.is_some() {
                        form method="post" action={ (path) "/wait" } data-quiet data-keep { button.button.quiet type="submit" { "Let the time pass" } }
                    }
                    form method="post" action={ (path) "/restart" } { button.button.quiet type="submit" { "Begin again" } }
                }
            }
            PreviewState::WaitingForFirstSelfMessage => {
                h2 { "First, write to yourself once" }
                ol.steps {
                    li { span { "Open Instagram on your phone as " strong { "@" (username) } "." } }
                    li { span { "Search for your own name, " strong { (username) } ", and open the chat with yourself." } }
                    li { span { "Send " strong { "hi" } ". This page notices it by itself." } }
                }
                (open_instagram(username))
            }
            PreviewState::WaitingForOwner => {
                h2 { "Now try it" }
                @if let Some(gesture) = &look.next { p.do { (gesture.instruction()) } }
                @else { p.do { "Write anything to yourself." } }
                p.soft { "Your automation answers you there, exactly as it would answer a customer. Nobody else sees it." }
                (open_instagram(username))
            }
            PreviewState::Running => {
                h2 { "Your automation is answering" }
                p { "Look at the chat with yourself on Instagram, or at the phone here." }
            }
            PreviewState::Done => {
                h2 { "That is what your customers will get" }
                p { "Tap the buttons and write on, in the chat with yourself on Instagram, until you like it." }
                (open_instagram(username))
            }
        }
        @if let Some(reason) = &look.reason { (callout(Tone::Warn, "It waits.", reason)) }
        (publishing(look, path, differs))
    }
}

fn publishing(look: &Look, path: &str, differs: bool) -> Markup {
    let published = look.row.published_id.is_some();
    html! {
        @if published && look.customers_are_answered() {
            (callout(Tone::Good, "Published.", "From now on your customers get these answers."))
        } @else if published {
            (callout(Tone::Good, "Published.", "Your customers are not answered yet: this account is still in preview. Whoever set it up for you can turn it on."))
        }
        @if look.row.allow_publish && !published {
            @if differs {
                form method="post" action={ (path) "/publish" } { button.button type="submit" { "Publish" } }
                p.soft.small { "Your customers get these answers as soon as you publish. Until then only you see them." }
            } @else {
                p.soft.small { "Your customers get these answers already." }
            }
        }
    }
}

/// A code for the camera of a phone, and a link for those who hold it in their hand.
fn open_instagram(username: &str) -> Markup {
    let url = format!("https://ig.me/m/{}", segment(username));
    html! {
        div.open {
            @if let Some(source) = code_of(&url) {
                img.code src=(source) alt={ "A code that opens " (url) } width=(CODE_PIXELS) height=(CODE_PIXELS);
            }
            div {
                p { "Point your phone's camera at the code, or" }
                p { a.button.quiet href=(url) target="_blank" rel="noopener noreferrer" { "Open Instagram" } }
            }
        }
    }
}

/// A QR code as the address of a picture. `None`: the text is too long for one.
fn code_of(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(CODE_PIXELS, CODE_PIXELS)
        .dark_color(svg::Color("#17171c"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawn)))
}

/// Why the automation answered as it did, newest first.
pub(super) fn why(look: &Look) -> Markup {
    html! {
        h2 { "Why it answers so" }
        @if look.traces.is_empty() {
            p.empty {
                @if look.row.mode == PreviewMode::Simulate { "Nothing was said yet." } @else { "Nothing has arrived yet." }
            }
        }
        @for decision in look.traces.iter().rev().take(EXPLAINED) { (explained(decision)) }
    }
}

fn explained(decision: &TracedDecision) -> Markup {
    let notes = decision.trace.get("notes").and_then(Value::as_array);
    let rule = decision.trace.pointer("/rule/name").and_then(Value::as_str);
    html! {
        div.decision {
            p {
                strong { @match &decision.said { Some(said) => { "“" (said) "”" }, None => { "What you did" } } }
                " "
                @match rule {
                    Some(rule) => { "was answered by " strong { (rule) } "." },
                    None => { span.soft { "was answered by no automation." } },
                }
            }
            @if let Some(notes) = notes {
                ul.notes {
                    @for note in notes { li { (note.get("text").and_then(Value::as_str).unwrap_or_default()) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_a_picture_that_the_page_may_show() {
        let source = code_of("https://ig.me/m/luna.coffee").unwrap();
        let drawn = STANDARD
            .decode(source.strip_prefix("data:image/svg+xml;base64,").unwrap())
            .unwrap();
        let drawn = String::from_utf8(drawn).unwrap();
        assert!(drawn.contains("<svg") && !drawn.contains("script"));
    }
}
