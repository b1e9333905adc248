//! The owner's phone, drawn from the transcript.

use jiff::Timestamp;
use selfsame_ui::message::{Attachment, Body, Button, Entry, Message, Side, SystemNote};
use selfsame_ui::person::Person;
use selfsame_ui::thread::Thread;

use crate::previews::{Line, LineSide, Look};
use crate::store::previews::PreviewMode;

/// The self thread of a preview; `path` is the page's own.
pub(super) fn thread_of(look: &Look, path: &str) -> Thread {
    let person = Person {
        username: look.account.username.clone(),
        name: look.account.name.clone().unwrap_or_default(),
        kind: "your own account".to_owned(),
    };
    let is_made_up = look.row.mode == PreviewMode::Simulate;
    let is_typing = look
        .lines
        .last()
        .is_some_and(|line| line.kind == "typing" && matches!(line.state.as_str(), "ready" | "calling"));
    Thread {
        me: person.clone(),
        other: person,
        entries: look.lines.iter().filter_map(entry_of).collect(),
        earlier_href: None,
        is_typing,
        notice: None,
        actions: is_made_up.then(|| path.to_owned()),
        words_only: true,
        shareable: Vec::new(),
        stories: Vec::new(),
        back_href: None,
        inspect_href: None,
        ice_breakers: Vec::new(),
        menu: Vec::new(),
    }
}

fn entry_of(line: &Line) -> Option<Entry> {
    let text = line.text.clone().unwrap_or_default();
    let note = |text: String| {
        Some(Entry::Note(SystemNote {
            key: line.id.clone(),
            text,
            at: at(line),
            receipts: Vec::new(),
        }))
    };
    match (line.side, line.kind.as_str()) {
        (LineSide::Person, "postback") => note(format!("You tapped “{text}”")),
        (LineSide::Person, "comment") => note(format!("You commented “{text}” under your post")),
        (LineSide::Person, "live_comment") => note(format!("You commented “{text}” under your live broadcast")),
        (LineSide::Person, "story_reply") => note(format!("You answered your own story: “{text}”")),
        (LineSide::Person, "story_mention") => note("You mentioned yourself in a story".to_owned()),
        (LineSide::Person, "referral") => note(format!("You opened your ig.me link with ref “{text}”")),
        (LineSide::Person, "time") => note("Some time passes".to_owned()),
        (LineSide::Business, "typing") => None,
        (LineSide::Business, "reply") => note(format!("Public answer under the post: “{text}”")),
        (LineSide::Business, "react") => note(format!("Your automation reacts with {text}")),
        (LineSide::Business, _) if matches!(line.state.as_str(), "failed" | "in_doubt" | "parked") => note(format!(
            "“{text}” {}: {}",
            line.state.replace('_', " "),
            line.reason.as_deref().unwrap_or("no reason was told")
        )),
        (side, _) => Some(Entry::Message(Box::new(message_of(line, side)))),
    }
}

fn message_of(line: &Line, side: LineSide) -> Message {
    let mine = side == LineSide::Person;
    let attachments = line
        .image
        .iter()
        .map(|url| Attachment::Image { url: url.clone() })
        .collect();
    let body = if line.buttons.is_empty() {
        Body::Content {
            text: line.text.clone(),
            attachments,
            quick_replies: Vec::new(),
        }
    } else {
        let buttons = line
            .buttons
            .iter()
            .enumerate()
            .map(|(index, button)| match &button.url {
                Some(url) => Button::Link {
                    title: button.title.clone(),
                    url: url.clone(),
                },
                None => Button::Postback {
                    title: button.title.clone(),
                    index,
                },
            })
            .collect();
        Body::Content {
            text: None,
            attachments: vec![Attachment::ButtonTemplate {
                text: line.text.clone().unwrap_or_default(),
                buttons,
            }],
            quick_replies: Vec::new(),
        }
    };
    Message {
        key: line.id.clone(),
        mid: line.id.clone(),
        side: if mine { Side::Mine } else { Side::Theirs },
        author: if mine { "you" } else { "your automation" }.to_owned(),
        sent_at: at(line),
        body,
        quote: None,
        reactions: Vec::new(),
        edited: false,
        seen: false,
        receipts: Vec::new(),
    }
}

fn at(line: &Line) -> Timestamp {
    line.at.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}
