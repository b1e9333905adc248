//! Events and shorthand for the tests of the engine.

use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, IgScopedId, IgUserId, MediaId, MessageId};
use selfsame_wire::send::{Outgoing, OutgoingMessage};

use crate::automation::{
    AccountFacts, CommentFacts, Decision, Library, MessageFacts, PersonEvent, PersonFacts, PlannedStep, PostbackFacts,
    Situation, Trigger, decide,
};

pub(super) const DEMO: &str = crate::automation::DEMO;

pub(super) fn now() -> Timestamp {
    "2026-11-22T19:20:00Z".parse().unwrap()
}

pub(super) fn library(text: &str) -> Library {
    Library::compile(text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// `messages` are conditions of `message:`; each automation answers with its own condition.
pub(super) fn message_rules(conditions: &[&str]) -> Library {
    let rules: Vec<String> = conditions
        .iter()
        .enumerate()
        .map(|(position, condition)| {
            format!("  - name: r{position}\n    when: {{ message: {condition} }}\n    do: [ {{ send: {{ text: r{position} }} }} ]")
        })
        .collect();
    library(&format!("automations:\n{}\n", rules.join("\n")))
}

pub(super) fn account() -> AccountFacts {
    AccountFacts {
        ig_id: IgUserId::new("17841400000000001"),
        username: "luna.coffee".to_owned(),
        name: Some("Luna".to_owned()),
    }
}

pub(super) fn owner() -> PersonFacts {
    PersonFacts {
        scoped_id: IgScopedId::new("1500000000000001"),
        username: Some("luna.coffee".to_owned()),
        name: Some("Luna".to_owned()),
    }
}

pub(super) fn sam() -> PersonFacts {
    PersonFacts {
        scoped_id: IgScopedId::new("1600000000000002"),
        username: Some("sam".to_owned()),
        name: None,
    }
}

pub(super) fn by_owner(trigger: Trigger) -> PersonEvent {
    PersonEvent::cleared_by_ledger(account(), owner(), true, now(), trigger)
}

pub(super) fn by_sam(trigger: Trigger) -> PersonEvent {
    PersonEvent::cleared_by_ledger(account(), sam(), false, now(), trigger)
}

pub(super) fn message(text: &str) -> Trigger {
    Trigger::Message(MessageFacts {
        mid: Some(MessageId::new("mid-1")),
        text: Some(text.to_owned()),
        ..MessageFacts::default()
    })
}

pub(super) fn tap(title: &str, payload: &str) -> Trigger {
    Trigger::Postback(PostbackFacts {
        mid: None,
        title: title.to_owned(),
        payload: payload.to_owned(),
    })
}

pub(super) fn comment(text: &str) -> Trigger {
    Trigger::Comment(CommentFacts {
        comment_id: CommentId::new("17870000000000001"),
        media_id: Some(MediaId::new("17910000000000001")),
        text: text.to_owned(),
        parent_id: None,
        live: false,
    })
}

pub(super) fn decided(library: &Library, event: &PersonEvent) -> Decision {
    decide(library, event, &Situation::default(), now())
}

/// The name of the automation that an event runs.
pub(super) fn rule(library: &Library, event: &PersonEvent) -> Option<String> {
    decided(library, event).trace.rule.map(|rule| rule.name)
}

/// What a decision says, in order: the texts of its messages and replies.
pub(super) fn texts(decision: &Decision) -> Vec<String> {
    decision
        .steps
        .iter()
        .filter_map(|step| match step {
            PlannedStep::Send { message } => Some(match message.message() {
                OutgoingMessage::Text { text } | OutgoingMessage::Buttons { text, .. } => text.clone(),
                other => format!("{other:?}"),
            }),
            PlannedStep::Reply { text, .. } | PlannedStep::ReplyToMention { text, .. } => Some(text.clone()),
            PlannedStep::Typing { .. }
            | PlannedStep::React { .. }
            | PlannedStep::Comment { .. }
            | PlannedStep::Relay { .. } => None,
        })
        .collect()
}

/// The messages of a decision.
pub(super) fn sends(decision: &Decision) -> Vec<&Outgoing> {
    decision
        .steps
        .iter()
        .filter_map(|step| match step {
            PlannedStep::Send { message } => Some(message),
            PlannedStep::Typing { .. }
            | PlannedStep::Reply { .. }
            | PlannedStep::ReplyToMention { .. }
            | PlannedStep::React { .. }
            | PlannedStep::Comment { .. }
            | PlannedStep::Relay { .. } => None,
        })
        .collect()
}

/// The codes of a decision's notes.
pub(super) fn codes(decision: &Decision) -> Vec<&str> {
    decision.trace.notes.iter().map(|note| note.code.as_str()).collect()
}
