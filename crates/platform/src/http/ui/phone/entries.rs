//! Turns a thread as read into entries to draw. Pure.

use std::time::Duration;

use jiff::Timestamp;
use selfsame_runtime::clock::ProcessTime;
use selfsame_ui::message::{
    Attachment, Body, Button, Card, Entry, Message, QuickReply, Quote, Reaction, Receipt, Side, SystemNote,
};
use serde_json::Value;

use super::conversation::Conversation;
use super::paths;
use super::receipts::{MESSAGES, mark_unanswered, receipts};
use crate::domain::delivery::DeliveryStatus;
use crate::domain::message::{Button as StoredButton, Origin};
use crate::domain::messaging::UNSUPPORTED;
use crate::domain::view::MessageView;
use crate::store::receipts::DeliveryReceipt;
use crate::store::taps::TapView;

/// A bot that has answered 200 and sent nothing for so long, in process time, is asked about.
pub(super) const QUIET: Duration = Duration::from_secs(5);

/// Entries, and when they will look different though nothing happens.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) entries: Vec<Entry>,
    pub(super) look_again_at: Option<ProcessTime>,
}

/// Draws up the entries of a conversation as they stand `now`. `has_gateway`: the bot is the gateway beside us.
pub(super) fn entries(conversation: &Conversation, now: ProcessTime, is_typing: bool, has_gateway: bool) -> Entries {
    let mut list: Vec<(bool, Entry)> = Vec::new();
    let mut taps = conversation.taps.iter().peekable();
    let first = conversation.first_message();
    while let Some(tap) = taps.next_if(|tap| tap.after_message < first) {
        list.push((false, tap_entry(conversation, tap)));
    }
    for message in &conversation.messages {
        list.push((message.origin == Origin::Api, message_entry(conversation, message)));
        while let Some(tap) = taps.next_if(|tap| tap.after_message <= message.id) {
            list.push((false, tap_entry(conversation, tap)));
        }
    }
    list.extend(taps.map(|tap| (false, tap_entry(conversation, tap))));

    let mut look_again_at = None;
    // Only the last gesture can wait for an answer: whatever the app has sent later counts as one.
    if !is_typing && let Some((false, entry)) = list.last_mut() {
        look_again_at = ask_if_quiet(conversation, entry, now, has_gateway);
    }
    Entries {
        entries: list.into_iter().map(|(_, entry)| entry).collect(),
        look_again_at,
    }
}

fn ask_if_quiet(
    conversation: &Conversation,
    entry: &mut Entry,
    now: ProcessTime,
    has_gateway: bool,
) -> Option<ProcessTime> {
    let (key, shown, is_mine) = match entry {
        Entry::Message(message) => (
            message.key.clone(),
            &mut message.receipts,
            message.side == Side::Mine && message.body != Body::Deleted,
        ),
        Entry::Note(note) => (note.key.clone(), &mut note.receipts, true),
    };
    if !is_mine || conversation.connections.is_empty() {
        return None;
    }
    let deliveries = conversation.receipts.get(&key)?;
    let quiet_at = quiet_at(deliveries)?;
    if now < quiet_at {
        return Some(quiet_at);
    }
    mark_unanswered(shown, hint(conversation.is_self(), has_gateway));
    None
}

/// When all deliveries will have been answered and quiet for long enough; `None` while one is under way or none was answered.
pub(super) fn quiet_at(deliveries: &[DeliveryReceipt]) -> Option<ProcessTime> {
    let is_under_way = deliveries
        .iter()
        .any(|delivery| matches!(delivery.status, DeliveryStatus::Pending | DeliveryStatus::Failed));
    if is_under_way {
        return None;
    }
    let answered = deliveries
        .iter()
        .filter(|delivery| delivery.status == DeliveryStatus::Delivered);
    let last = answered
        .filter_map(|delivery| delivery.last_attempt.as_ref())
        .map(|attempt| attempt.ended_at)
        .max()?;
    Some(last.plus(QUIET))
}

fn hint(is_self: bool, has_gateway: bool) -> &'static str {
    match (has_gateway, is_self) {
        (true, _) => {
            "Here the bot is the built-in gateway: no automation matched, or its answer failed. Its studio shows which."
        }
        (false, true) => {
            "Does it drop is_echo? A message to oneself arrives only as an echo, with is_self beside is_echo; answer recipient.id."
        }
        (false, false) => "Look at its log: it took the webhook and called no Graph endpoint for this thread.",
    }
}

fn message_entry(conversation: &Conversation, message: &MessageView) -> Entry {
    let is_self = conversation.is_self();
    let is_mine = if is_self {
        message.origin == Origin::Phone
    } else {
        message.from == conversation.me.username
    };
    let author = match (is_self, is_mine, message.origin) {
        (true, true, _) | (false, true, Origin::Phone) => "you".to_owned(),
        (true, false, _) => "automation".to_owned(),
        (false, true, Origin::Api) => "your automation".to_owned(),
        (false, false, _) => message.from.clone(),
    };
    let deliveries = conversation
        .receipts
        .get(&message.mid)
        .map(Vec::as_slice)
        .unwrap_or_default();
    Entry::Message(Box::new(Message {
        key: message.mid.clone(),
        mid: message.mid.clone(),
        side: if is_mine { Side::Mine } else { Side::Theirs },
        author,
        sent_at: timestamp(&message.created_at),
        body: body(message, &conversation.me.username),
        quote: quote(conversation, message),
        reactions: reactions(conversation, message),
        edited: message.edited,
        seen: !is_self && is_mine && conversation.seen_mid.as_deref() == Some(message.mid.as_str()),
        receipts: message_receipts(message, is_mine, deliveries),
    }))
}

/// Under what the person wrote: everything told about it. Under what an app sent: only gestures about it, its echo is noise here.
fn message_receipts(message: &MessageView, is_mine: bool, deliveries: &[DeliveryReceipt]) -> Vec<Receipt> {
    let is_gesture =
        |delivery: &&DeliveryReceipt| delivery.field != MESSAGES && delivery.field != "messaging_postbacks";
    let shown: Vec<&DeliveryReceipt> = if is_mine && message.origin == Origin::Phone {
        deliveries.iter().collect()
    } else {
        deliveries.iter().filter(is_gesture).collect()
    };
    receipts(&shown)
}

fn tap_entry(conversation: &Conversation, tap: &TapView) -> Entry {
    let deliveries: Vec<&DeliveryReceipt> = conversation
        .receipts
        .get(&tap.mid)
        .map(|list| list.iter().collect())
        .unwrap_or_default();
    let who = if tap.person == conversation.me.username {
        "You".to_owned()
    } else {
        format!("@{}", tap.person)
    };
    Entry::Note(SystemNote {
        key: tap.mid.clone(),
        text: format!("{who} tapped “{}”", tap.title),
        at: Timestamp::from_millisecond(tap.created_at_ms).unwrap_or_default(),
        receipts: receipts(&deliveries),
    })
}

fn timestamp(rfc3339: &str) -> Timestamp {
    rfc3339.parse().unwrap_or_default()
}

fn quote(conversation: &Conversation, message: &MessageView) -> Option<Quote> {
    let reply_to = message.reply_to.as_ref()?;
    let Some(mid) = reply_to.get("mid").and_then(Value::as_str) else {
        return Some(Quote {
            author: "story".to_owned(),
            text: "answers a story".to_owned(),
        });
    };
    let original = conversation.messages.iter().find(|candidate| candidate.mid == mid);
    let text = original
        .and_then(|original| original.text.clone())
        .unwrap_or_else(|| "a message".to_owned());
    let author = match original {
        Some(original) if conversation.is_self() && original.origin == Origin::Api => "automation".to_owned(),
        Some(original) if original.from == conversation.me.username => "you".to_owned(),
        Some(original) => original.from.clone(),
        None => "earlier".to_owned(),
    };
    Some(Quote { author, text })
}

fn reactions(conversation: &Conversation, message: &MessageView) -> Vec<Reaction> {
    let reaction = |reaction: &crate::domain::view::ReactionView| Reaction {
        emoji: reaction.emoji.clone(),
        by: format!("@{}", reaction.username),
        mine: reaction.username == conversation.me.username,
    };
    message.reactions.iter().map(reaction).collect()
}

fn body(message: &MessageView, me: &str) -> Body {
    if message.deleted {
        return Body::Deleted;
    }
    let is_heart = |attachment: &Value| attachment.get("type").and_then(Value::as_str) == Some("like_heart");
    if message.text.is_none() && message.attachments.iter().any(is_heart) {
        return Body::LikeHeart;
    }
    let mut next_button = 0;
    let attachments = message
        .attachments
        .iter()
        .map(|value| attachment(value, me, &mut next_button))
        .collect();
    let quick_reply = |reply: &crate::domain::message::QuickReply| QuickReply {
        title: reply.title.clone(),
        payload: reply.payload.clone(),
    };
    let is_template = |attachment: &Value| attachment.get("type").and_then(Value::as_str) == Some("template");
    // A template shows its own text.
    let text = if message.attachments.iter().any(is_template) {
        None
    } else {
        message.text.clone()
    };
    Body::Content {
        text,
        attachments,
        quick_replies: message.quick_replies.iter().map(quick_reply).collect(),
    }
}

/// An attachment as stored, `{"type","payload"}`; anything unknown is shown by its type.
fn attachment(value: &Value, me: &str, next_button: &mut usize) -> Attachment {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or("unknown");
    let payload = value.get("payload").unwrap_or(&Value::Null);
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    match kind {
        "image" => text("url").map_or_else(|| other(kind), |url| Attachment::Image { url }),
        "video" => text("url").map_or_else(|| other(kind), |url| Attachment::Video { url }),
        "audio" => text("url").map_or_else(|| other(kind), |url| Attachment::Audio { url }),
        "template" => template(payload, next_button).unwrap_or_else(|| other(kind)),
        "MEDIA_SHARE" | "share" | "media_share" | "ig_post" | "ig_reel" | "reel" => {
            let ids = ["id", "ig_post_media_id", "reel_video_id"];
            match ids.into_iter().find_map(text) {
                Some(id) => Attachment::Share {
                    title: text("title").unwrap_or_default(),
                    href: paths::post(me, &id),
                    media_id: id,
                },
                None => link(text("url").as_deref(), kind, "Shared post"),
            }
        }
        "file" => link(text("url").as_deref(), kind, "Document"),
        "story_mention" => link(text("url").as_deref(), kind, "Mention in a story"),
        "ig_story" | "story" => link(text("url").as_deref(), kind, "Shared story"),
        "ephemeral" => Attachment::Hidden {
            words: "Disappearing picture".to_owned(),
        },
        UNSUPPORTED => Attachment::Hidden {
            words: "Something that apps cannot see".to_owned(),
        },
        _ => link(text("url").as_deref(), kind, kind),
    }
}

/// What has an address and no view of its own.
fn link(url: Option<&str>, kind: &str, name: &str) -> Attachment {
    match url {
        Some(url) => Attachment::File {
            name: name.to_owned(),
            url: url.to_owned(),
        },
        None => other(kind),
    }
}

fn other(kind: &str) -> Attachment {
    Attachment::Other { kind: kind.to_owned() }
}

/// Templates as sent (`template_type` beside `elements`) and as webhooks show them (`payload.generic.elements`).
fn template(payload: &Value, next_button: &mut usize) -> Option<Attachment> {
    let elements = payload
        .get("elements")
        .or_else(|| payload.pointer("/generic/elements"))
        .and_then(Value::as_array);
    if let Some(elements) = elements {
        let cards = elements.iter().map(|element| card(element, next_button)).collect();
        return Some(Attachment::GenericTemplate { cards });
    }
    let inner = payload.get("button").unwrap_or(payload);
    let text = inner.get("text").and_then(Value::as_str)?.to_owned();
    Some(Attachment::ButtonTemplate {
        text,
        buttons: buttons(inner.get("buttons"), next_button),
    })
}

fn card(element: &Value, next_button: &mut usize) -> Card {
    let text = |name: &str| element.get(name).and_then(Value::as_str).map(str::to_owned);
    Card {
        title: text("title").unwrap_or_default(),
        subtitle: text("subtitle"),
        image_url: text("image_url"),
        url: element
            .pointer("/default_action/url")
            .and_then(Value::as_str)
            .map(str::to_owned),
        buttons: buttons(element.get("buttons"), next_button),
    }
}

/// Buttons of one template part. The index counts over the whole message, as a tap names them.
fn buttons(list: Option<&Value>, next_button: &mut usize) -> Vec<Button> {
    let mut found = Vec::new();
    for value in list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let Ok(button) = serde_json::from_value::<StoredButton>(value.clone()) else {
            continue;
        };
        let index = *next_button;
        *next_button = next_button.saturating_add(1);
        found.push(match button {
            StoredButton::Postback { title, .. } => Button::Postback { title, index },
            StoredButton::WebUrl { title, url } => Button::Link { title, url },
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::receipts::LastAttempt;
    use serde_json::json;

    fn delivered(status: DeliveryStatus, ended_ms: i64) -> DeliveryReceipt {
        let last_attempt = Some(LastAttempt {
            status: Some(200),
            error: None,
            ended_at: ProcessTime::from_millis(ended_ms),
        });
        DeliveryReceipt {
            id: 1,
            app: None,
            field: MESSAGES.to_owned(),
            status,
            reason: None,
            remedy: None,
            next_attempt_at_ms: None,
            created_at_ms: 0,
            last_attempt,
        }
    }

    #[test]
    fn quiet_begins_after_the_last_answer_and_never_while_one_is_under_way() {
        let answered = [
            delivered(DeliveryStatus::Delivered, 1_000),
            delivered(DeliveryStatus::Delivered, 3_000),
        ];
        assert_eq!(quiet_at(&answered), Some(ProcessTime::from_millis(8_000)));
        let under_way = [
            delivered(DeliveryStatus::Delivered, 1_000),
            delivered(DeliveryStatus::Pending, 0),
        ];
        assert_eq!(quiet_at(&under_way), None);
        assert_eq!(quiet_at(&[delivered(DeliveryStatus::Suppressed, 0)]), None);
        assert_eq!(quiet_at(&[]), None);
    }

    #[test]
    fn buttons_are_counted_over_all_cards() {
        let payload = json!({ "template_type": "generic", "elements": [
            { "title": "One", "buttons": [{ "type": "postback", "title": "A", "payload": "a" }] },
            { "title": "Two", "buttons": [{ "type": "web_url", "title": "B", "url": "https://b" }, { "type": "postback", "title": "C", "payload": "c" }] },
        ] });
        let Some(Attachment::GenericTemplate { cards }) = template(&payload, &mut 0) else {
            panic!("no template")
        };
        assert_eq!(
            cards[1].buttons[1],
            Button::Postback {
                title: "C".to_owned(),
                index: 2
            }
        );
    }

    #[test]
    fn an_unknown_attachment_is_named() {
        assert_eq!(
            attachment(&json!({ "type": "hologram" }), "x", &mut 0),
            Attachment::Other {
                kind: "hologram".to_owned()
            }
        );
    }
}
