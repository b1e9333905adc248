//! Why the automations before the one that ran are not for an event.

use super::decision::TraceNote;
use super::event::{PersonEvent, Trigger};
use super::fold::fold;
use super::index::RuleIndex;
use super::library::{Kind, Library, Rule};

/// The automations that are named one by one; more would bury the answer. Also bounds what explaining costs a
/// decision, however many automations there are.
const NAMED: usize = 5;

/// One note for each automation of the event's kind that stands before `matched` (or anywhere, when none matched).
pub(super) fn why_not(library: &Library, event: &PersonEvent, matched: Option<RuleIndex>) -> Vec<TraceNote> {
    let mut notes = Vec::new();
    let mut left = 0;
    for kind in kinds_of(event) {
        let rules = library.by_kind.get(kind).map(Vec::as_slice).unwrap_or_default();
        // In the order of the file, so that those before the one that ran are a slice.
        let before = matched.map_or(rules.len(), |matched| rules.partition_point(|rule| *rule < matched));
        for rule in rules.iter().take(before.min(NAMED.saturating_sub(notes.len()))) {
            let Some(rule) = library.rules.get(*rule) else { continue };
            notes.push(TraceNote {
                code: "not_matched".to_owned(),
                text: format!(
                    "`{}` (line {}) did not match: {}",
                    rule.name,
                    rule.line,
                    reason(rule, event)
                ),
            });
            left -= 1;
        }
        left += isize::try_from(before).unwrap_or(isize::MAX);
    }
    if left > 0 {
        notes.push(TraceNote {
            code: "not_matched".to_owned(),
            text: format!("{left} more did not match"),
        });
    }
    notes
}

/// The kinds of automation that could have been meant.
const fn kinds_of(event: &PersonEvent) -> &'static [Kind] {
    match event.trigger() {
        Trigger::Message(_) => &[Kind::Message, Kind::FirstMessage, Kind::StoryReply, Kind::StoryMention],
        Trigger::Postback(_) => &[Kind::Postback],
        Trigger::Comment(_) => &[Kind::Comment, Kind::LiveComment],
        Trigger::Mention(_) => &[Kind::Mention],
        Trigger::Referral { .. } => &[Kind::Referral],
    }
}

fn reason(rule: &Rule, event: &PersonEvent) -> String {
    let username = fold(&event.account().username);
    if !rule.accounts.is_empty() && !rule.accounts.iter().any(|account| fold(account) == username) {
        return format!("it is for @{} only", rule.accounts.join(", @"));
    }
    let is_reply = matches!(event.trigger(), Trigger::Message(facts) if facts.replied_story_id.is_some());
    match (rule.kind, event.trigger()) {
        (Kind::FirstMessage, _) if !event.is_first_contact() => {
            return "this is not the first message of this person".to_owned();
        }
        (Kind::StoryReply, _) if !is_reply => return "this answers no story".to_owned(),
        (Kind::StoryMention, _) => return "this is no mention in a story".to_owned(),
        (Kind::LiveComment, Trigger::Comment(facts)) if !facts.live => {
            return "this is not under a live broadcast".to_owned();
        }
        _ => {}
    }
    format!("it is for {}", rule.condition)
}
