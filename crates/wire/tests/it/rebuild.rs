//! From what was parsed back to what the platform would emit.

use selfsame_wire::webhook::{
    Change, Delivery, Entry, Envelope, Event, Found, Incoming, MessagingEvent, MessagingPayload, Updates,
};

/// The body that the platform would emit for these events, one entry each.
pub(crate) fn rebuild(delivery: &Delivery) -> Envelope {
    Envelope {
        entries: delivery.events.iter().map(entry).collect(),
    }
}

fn entry(incoming: &Incoming) -> Entry {
    let updates = match incoming.found {
        Found::Messaging => Updates::Messaging(vec![messaging(incoming)]),
        Found::Standby => Updates::Standby(vec![messaging(incoming)]),
        Found::Changes => Updates::Changes(vec![change(incoming)]),
        Found::Entry | Found::Nowhere => panic!("not emitted: {incoming:?}"),
    };
    Entry {
        id: incoming.entry_id.clone().unwrap(),
        time: incoming.entry_time,
        updates,
    }
}

fn messaging(incoming: &Incoming) -> MessagingEvent {
    let payload = match incoming.event.clone() {
        Event::Message(message) => MessagingPayload::Message(message),
        Event::Postback(postback) => MessagingPayload::Postback(postback),
        Event::Reaction(reaction) => MessagingPayload::Reaction(reaction),
        Event::Read(read) => MessagingPayload::Read(read),
        Event::Edit(edit) => MessagingPayload::Edit(edit),
        Event::Referral(referral) => MessagingPayload::Referral(referral),
        Event::Optin(body) => MessagingPayload::Optin(body),
        Event::Handover(handover) => MessagingPayload::Handover(handover),
        Event::Kept(kept) => MessagingPayload::Kept(kept),
        other => panic!("not a messaging event: {other:?}"),
    };
    MessagingEvent {
        sender: incoming.sender.clone(),
        recipient: incoming.recipient.clone(),
        timestamp: incoming.timestamp,
        is_self: incoming.is_self,
        payload,
    }
}

fn change(incoming: &Incoming) -> Change {
    match incoming.event.clone() {
        Event::Comment(comment) => Change::Comment(comment),
        Event::LiveComment(comment) => Change::LiveComment(comment),
        Event::Mention(mention) => Change::Mention(mention),
        Event::StoryInsights(value) => Change::StoryInsights(value),
        Event::Kept(kept) => Change::Kept(kept),
        other => panic!("not a change: {other:?}"),
    }
}
