//! What the participants' apps are told about messages, taps, reactions, reads, edits and unsends.
//!
//! Each professional account of a thread is told its own side: what it said as an echo, what the other said as inbound.
//! In the self thread everything is said by the account to itself (contract: self-messaging §8.2).

use jiff::Timestamp;
use selfsame_wire::events::EventKind;
use selfsame_wire::ids::{IgScopedId, MessageId, ParticipantId};
use selfsame_wire::webhook::{
    Attachment, Edit, Handover, Message as MessageEvent, MessagingEvent, MessagingPayload, Postback, QuickReplyTap,
    Reaction, Read, Referral, ReplyTo,
};
use serde_json::Value;

use super::account::Account;
use super::keys::{AccountKey, AppKey};
use super::message::{Content, Origin};
use super::notification::{Audience, Notification};
use crate::switches::{SelfApiEcho, Switches};

/// Stored type of something that the API cannot show.
pub const UNSUPPORTED: &str = "unsupported_type";

/// One participant of a thread, and how it sees the other one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The account.
    pub account: Account,
    /// The other participant as this one sees it; itself in the self thread. `None` for personal accounts.
    pub sees_other_as: Option<IgScopedId>,
}

/// Both participants; `None` as the second: the self thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// Business side.
    pub a: Party,
    /// The other side.
    pub b: Option<Party>,
}

impl Parties {
    /// Whether this is the thread of an account with itself.
    pub const fn is_self(&self) -> bool {
        self.b.is_none()
    }

    /// The participant with this key.
    pub fn account(&self, key: AccountKey) -> Option<&Account> {
        self.all()
            .map(|party| &party.account)
            .find(|account| account.key == key)
    }

    fn all(&self) -> impl Iterator<Item = &Party> {
        std::iter::once(&self.a).chain(self.b.as_ref())
    }

    /// The participants whose apps may be told: professional accounts, and the owner of a self thread whatever it is.
    fn told(&self) -> impl Iterator<Item = &Party> {
        let is_self = self.is_self();
        self.all()
            .filter(move |party| is_self || party.account.kind.is_professional())
    }
}

/// What one participant did.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Who did it.
    pub actor: AccountKey,
    /// Phone or API.
    pub origin: Origin,
    /// The message it made or is about.
    pub mid: &'a MessageId,
    /// When.
    pub at: Timestamp,
}

/// A message was said. `echo_mid` replaces the mid of an API-sent self message's echo when a switch wants another one.
pub fn message_said(
    parties: &Parties,
    act: Act<'_>,
    content: &Content,
    echo_mid: Option<&MessageId>,
    switches: &Switches,
) -> Vec<Notification> {
    let mut notifications = Vec::new();
    for party in parties.told() {
        let is_self = parties.is_self();
        let from_api_to_self = is_self && act.origin == Origin::Api;
        if from_api_to_self && switches.self_api_echo == SelfApiEcho::None {
            continue;
        }
        let mut message = message_event(act.mid, content);
        message.is_echo = act.actor == party.account.key;
        message.is_self = is_self && !(from_api_to_self && switches.self_api_echo == SelfApiEcho::EchoOnly);
        let mut mid = act.mid;
        if let (true, Some(other)) = (from_api_to_self, echo_mid) {
            message.mid = other.clone();
            mid = other;
        }
        let Act { actor, at, .. } = act;
        notifications.push(notify(
            party,
            actor,
            at,
            mid,
            MessagingPayload::Message(message.clone()),
            false,
        ));
        if is_self && switches.self_second_event {
            message.is_echo = false;
            message.is_self = false;
            notifications.push(notify_inbound_self(party, at, mid, MessagingPayload::Message(message)));
        }
        if switches.webhooks_edit_noise {
            notifications.push(edit_noise(party, at, mid));
        }
    }
    notifications
}

/// A message was unsent: the same addressing as the message, with `is_deleted` and nothing else.
pub fn message_unsent(parties: &Parties, act: Act<'_>) -> Vec<Notification> {
    let told = parties.told().map(|party| {
        let mut message = MessageEvent::new(act.mid.clone());
        message.is_echo = act.actor == party.account.key;
        message.is_self = parties.is_self();
        message.is_deleted = true;
        notify(
            party,
            act.actor,
            act.at,
            act.mid,
            MessagingPayload::Message(message),
            false,
        )
    });
    told.collect()
}

/// A button, ice breaker or menu item was tapped. Told to the account that the button belongs to; the tap's own id is `act.mid`.
pub fn button_tapped(parties: &Parties, act: Act<'_>, title: &str, payload: &str) -> Vec<Notification> {
    let is_self = parties.is_self();
    let told = parties
        .told()
        .filter(|party| is_self || party.account.key != act.actor)
        .map(|party| {
            let postback = Postback {
                title: Some(title.to_owned()),
                payload: Some(payload.to_owned()),
                mid: Some(act.mid.clone()),
                referral: None,
            };
            notify(
                party,
                act.actor,
                act.at,
                act.mid,
                MessagingPayload::Postback(postback),
                is_self,
            )
        });
    told.collect()
}

/// A person reacted (`Some((name, emoji))`) or took it back. Told to the other side; own reactions and the self thread have no webhook.
pub fn message_reacted(parties: &Parties, act: Act<'_>, reaction: Option<(&str, &str)>) -> Vec<Notification> {
    others(parties, act.actor, |party| {
        let event = Reaction {
            mid: act.mid.clone(),
            action: if reaction.is_some() { "react" } else { "unreact" }.to_owned(),
            reaction: reaction.map(|(name, _)| name.to_owned()),
            emoji: reaction.map(|(_, emoji)| emoji.to_owned()),
        };
        notify(
            party,
            act.actor,
            act.at,
            act.mid,
            MessagingPayload::Reaction(event),
            false,
        )
    })
}

/// A person has seen the thread up to a message. Told to the other side; not in the self thread.
pub fn message_seen(parties: &Parties, act: Act<'_>) -> Vec<Notification> {
    others(parties, act.actor, |party| {
        notify(
            party,
            act.actor,
            act.at,
            act.mid,
            MessagingPayload::Read(Read { mid: act.mid.clone() }),
            false,
        )
    })
}

/// A person edited a message. Told to the other side; not in the self thread.
pub fn message_edited(parties: &Parties, act: Act<'_>, text: &str, edit_count: i64) -> Vec<Notification> {
    others(parties, act.actor, |party| {
        let edit = Edit {
            mid: act.mid.clone(),
            text: Some(text.to_owned()),
            num_edit: Some(edit_count),
        };
        notify(party, act.actor, act.at, act.mid, MessagingPayload::Edit(edit), false)
    })
}

/// A person came back into an existing thread through a link. Told to the other side, without a message (contract: webhooks §4.6).
pub fn person_referred(parties: &Parties, act: Act<'_>, referral: &Value) -> Vec<Notification> {
    let mut told = others(parties, act.actor, |party| {
        let payload = MessagingPayload::Referral(referral_event(referral));
        notify(party, act.actor, act.at, act.mid, payload, false)
    });
    for notification in &mut told {
        notification.mid = None;
    }
    told
}

/// Control of a thread moved, or is asked for. Told to one app of the account alone (contract: other-apis §6.8).
pub fn control_told(party: &Party, to: AppKey, handover: Handover, at: Timestamp) -> Notification {
    let event = MessagingEvent {
        sender: party.sees_other_as.as_ref().map(ParticipantId::of_person),
        recipient: party.account.ig_id.as_ref().map(ParticipantId::of_account),
        timestamp: Some(at),
        is_self: false,
        payload: MessagingPayload::Handover(handover),
    };
    let no_message = MessageId::new("");
    let mut told = Notification::messaging(party.account.key, party.account.ig_id.as_ref(), at, &no_message, event);
    told.mid = None;
    told.audience = Audience::App(to);
    told
}

fn others(parties: &Parties, actor: AccountKey, make: impl Fn(&Party) -> Notification) -> Vec<Notification> {
    if parties.is_self() {
        return Vec::new();
    }
    parties
        .told()
        .filter(|party| party.account.key != actor)
        .map(make)
        .collect()
}

/// Addresses an event as `party` is told it: from itself to the other when it acted, from the other to itself otherwise.
fn notify(
    party: &Party,
    actor: AccountKey,
    at: Timestamp,
    mid: &MessageId,
    payload: MessagingPayload,
    is_self: bool,
) -> Notification {
    let account = party.account.ig_id.as_ref().map(ParticipantId::of_account);
    let other = party.sees_other_as.as_ref().map(ParticipantId::of_person);
    let (sender, recipient) = if actor == party.account.key {
        (account, other)
    } else {
        (other, account)
    };
    let event = MessagingEvent {
        sender,
        recipient,
        timestamp: Some(at),
        is_self,
        payload,
    };
    Notification::messaging(party.account.key, party.account.ig_id.as_ref(), at, mid, event)
}

fn notify_inbound_self(party: &Party, at: Timestamp, mid: &MessageId, payload: MessagingPayload) -> Notification {
    let event = MessagingEvent {
        sender: party.sees_other_as.as_ref().map(ParticipantId::of_person),
        recipient: party.account.ig_id.as_ref().map(ParticipantId::of_account),
        timestamp: Some(at),
        is_self: false,
        payload,
    };
    Notification::messaging(party.account.key, party.account.ig_id.as_ref(), at, mid, event)
}

/// The `message_edit` with `num_edit` 0 that Meta sends for new messages: no text, no sender, no recipient.
fn edit_noise(party: &Party, at: Timestamp, mid: &MessageId) -> Notification {
    let edit = Edit {
        mid: mid.clone(),
        text: None,
        num_edit: Some(0),
    };
    let event = MessagingEvent {
        sender: None,
        recipient: None,
        timestamp: Some(at),
        is_self: false,
        payload: MessagingPayload::Edit(edit),
    };
    debug_assert_eq!(event.kind(), EventKind::Edit);
    Notification::messaging(party.account.key, party.account.ig_id.as_ref(), at, mid, event)
}

fn message_event(mid: &MessageId, content: &Content) -> MessageEvent {
    let mut message = MessageEvent::new(mid.clone());
    message.text.clone_from(&content.text);
    message.is_unsupported = content.attachments.iter().any(is_unsupported);
    if !message.is_unsupported {
        message.attachments = content.attachments.iter().map(attachment_event).collect();
    }
    message.quick_reply = content.quick_reply.clone().map(|payload| QuickReplyTap { payload });
    message.reply_to = content.reply_to.as_ref().and_then(reply_event);
    message.referral = content.referral.as_ref().map(referral_event);
    message
}

/// Stored as an attachment, told as a flag (contract: webhooks §4.5).
fn is_unsupported(stored: &Value) -> bool {
    stored.get("type").and_then(Value::as_str) == Some(UNSUPPORTED)
}

fn attachment_event(stored: &Value) -> Attachment {
    Attachment {
        kind: stored
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("unsupported_type")
            .to_owned(),
        payload: stored.get("payload").cloned(),
    }
}

fn reply_event(stored: &Value) -> Option<ReplyTo> {
    if let Some(mid) = stored.get("mid").and_then(Value::as_str) {
        return Some(ReplyTo::Message(MessageId::new(mid)));
    }
    let story = stored.get("story")?;
    let text = |name| story.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(ReplyTo::Story {
        url: text("url"),
        id: text("id").map(selfsame_wire::ids::MediaId::new),
        link_sticker_url: text("link_sticker_url"),
    })
}

fn referral_event(stored: &Value) -> Referral {
    let text = |name| stored.get(name).and_then(Value::as_str).map(str::to_owned);
    Referral {
        reference: text("ref"),
        ad_id: text("ad_id"),
        source: text("source"),
        kind: text("type"),
        ads_context_data: stored.get("ads_context_data").cloned(),
        product_id: stored.pointer("/product/id").and_then(Value::as_str).map(str::to_owned),
    }
}
