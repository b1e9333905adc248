//! An incoming event as the ledger compares it.

use jiff::Timestamp;
use selfsame_wire::webhook::{Comment, Event, Incoming, Message};

use super::job::Origin;
use super::recognise::{Echo, Said};

/// What an event by the account's side says, when it is one that the ledger knows: a message or a
/// comment.
pub(super) fn echo_of(incoming: &Incoming, origin: &Origin) -> Option<Echo> {
    let (said, media, said_at_ms) = match &incoming.event {
        Event::Message(message) => {
            let at = incoming.timestamp.map(Timestamp::as_millisecond);
            (said_by(message), None, at.map(|at| at..=at))
        }
        Event::Comment(comment) | Event::LiveComment(comment) => {
            // Comments have no time of their own; `entry.time` is in whole seconds.
            let at = incoming.entry_time.map(|at| at.as_second().saturating_mul(1_000));
            let media = comment.media.as_ref().map(|media| media.id.as_str().to_owned());
            (
                said_by_comment(comment),
                media,
                at.map(|at| at..=at.saturating_add(999)),
            )
        }
        _ => return None,
    };
    Some(Echo {
        said,
        said_at_ms,
        received_at_ms: origin.received_at_ms,
        received_world_ms: origin.received_world_ms,
        media,
    })
}

fn said_by(message: &Message) -> Said {
    let text = message.text.clone().filter(|text| !text.is_empty());
    match (message.attachments.first(), text) {
        (Some(attachment), text) if attachment.kind == "template" => Said::Template { text },
        // A text with a share or preview beside it is still the text.
        (_, Some(text)) => Said::Text(text),
        (Some(attachment), None) if attachment.kind != "unsupported_type" => Said::Attachment {
            kind: attachment.kind.clone(),
        },
        (_, None) => Said::Nothing,
    }
}

fn said_by_comment(comment: &Comment) -> Said {
    comment.text.clone().map_or(Said::Nothing, Said::Text)
}
