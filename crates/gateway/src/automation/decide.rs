//! Decides what to answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decision::{Decision, Outcome, RuleReference, Trace, TraceNote};
use super::event::{PersonEvent, Trigger};
use super::library::{Kind, Library, Rule};
use super::run::{Resumption, Run, RunContext, Runner};
use super::situation::{Changes, Situation};
use super::texts::{Names, TextError};
use super::why_not::why_not;

/// What a person is called in texts when Instagram does not tell their name.
const NAMELESS: &str = "there";

/// Decides what the business does about an event: the first automation that fits it, in the order of
/// the file, carried out as far as it goes without waiting.
///
/// Pure: the same arguments always give the same decision.
pub fn decide(library: &Library, event: &PersonEvent, situation: &Situation, now: Timestamp) -> Decision {
    if let Some(reason) = &situation.withheld {
        return withheld(library, event, reason, true);
    }
    if let Some(reason) = &situation.silenced {
        return withheld(library, event, reason, false);
    }
    if let Some((run, resumption)) = answer_to_question(event, situation) {
        return resume(run.clone(), resumption, &situation.variables, now);
    }
    let Some(rule) = library.find(event) else {
        return no_rule(library, event);
    };
    let context = context_of(library, rule, event, situation);
    let mut runner = Runner::new(context, &situation.variables, now);
    // Another automation begins: a question that was still open is given up.
    runner.changes.question_closed = situation.question.is_some() && !is_comment(event);
    let mut trace = Trace {
        lane: event.lane(),
        version: library.version.clone(),
        rule: Some(reference_to(rule)),
        notes: vec![note("matched", format!("`{}` is for {}", rule.name, rule.condition))],
    };
    trace.notes.extend(why_not(library, event, Some(rule.index)));
    if library.reads_person && event.person().username.is_none() {
        trace.notes.push(note(
            "name_unknown",
            format!("Instagram does not tell this person's name; texts say \"{NAMELESS}\""),
        ));
    }
    let result = runner.run(rule.steps.iter().cloned().collect());
    conclude(runner, trace, result)
}

/// Takes up a run that waited.
pub fn resume(run: Run, resumption: Resumption, variables: &BTreeMap<String, Value>, now: Timestamp) -> Decision {
    let trace = Trace {
        lane: run.context.lane,
        version: run.context.version.clone(),
        rule: Some(run.context.rule.clone()),
        notes: vec![note("resumed", format!("`{}` goes on", run.context.rule.name))],
    };
    let mut runner = Runner::new(run.context, variables, now);
    let result = runner.resume(run.awaiting, run.remaining, resumption);
    conclude(runner, trace, result)
}

fn conclude(runner: Runner<'_>, mut trace: Trace, result: Result<(), TextError>) -> Decision {
    trace.notes.extend(runner.notes);
    match result {
        Ok(()) => Decision {
            outcome: Outcome::Answers,
            steps: runner.steps,
            changes: runner.changes,
            trace,
        },
        Err(error) => {
            let reason = error.to_string();
            trace.notes.push(note("failed", reason.clone()));
            Decision {
                outcome: Outcome::Failed { reason },
                steps: Vec::new(),
                changes: Changes {
                    question_closed: runner.changes.question_closed,
                    ..Changes::default()
                },
                trace,
            }
        }
    }
}

fn withheld(library: &Library, event: &PersonEvent, reason: &str, releasable: bool) -> Decision {
    let rule = library.find(event).map(reference_to);
    Decision {
        outcome: Outcome::Withheld {
            releasable,
            reason: reason.to_owned(),
        },
        steps: Vec::new(),
        changes: Changes::default(),
        trace: Trace {
            lane: event.lane(),
            version: library.version.clone(),
            rule,
            notes: vec![note("withheld", reason.to_owned())],
        },
    }
}

fn no_rule(library: &Library, event: &PersonEvent) -> Decision {
    let text = match library.rules.len() {
        0 => format!("there are no {} automations", event.lane().as_str()),
        count => format!(
            "none of the {count} {} automations is for this {}",
            event.lane().as_str(),
            event.trigger().as_str()
        ),
    };
    Decision {
        outcome: Outcome::NoRule,
        steps: Vec::new(),
        changes: Changes::default(),
        trace: Trace {
            lane: event.lane(),
            version: library.version.clone(),
            rule: None,
            notes: std::iter::once(note("no_rule", text))
                .chain(why_not(library, event, None))
                .collect(),
        },
    }
}

/// Whether this event answers the question that waits: any message does; a tap only on one of the
/// question's own choices, so that the menu stays usable meanwhile.
fn answer_to_question<'s>(event: &PersonEvent, situation: &'s Situation) -> Option<(&'s Run, Resumption)> {
    let run = situation.question.as_ref()?;
    match event.trigger() {
        Trigger::Message(facts) => Some((
            run,
            Resumption::Answered {
                text: facts.text.clone().unwrap_or_default(),
                payload: facts.quick_reply_payload.clone(),
            },
        )),
        Trigger::Postback(facts) => run.offers(&facts.payload).then(|| {
            let text = facts.title.clone();
            (
                run,
                Resumption::Answered {
                    text,
                    payload: Some(facts.payload.clone()),
                },
            )
        }),
        Trigger::Comment(_) | Trigger::Mention(_) | Trigger::Referral { .. } => None,
    }
}

fn is_comment(event: &PersonEvent) -> bool {
    matches!(event.trigger(), Trigger::Comment(_))
}

fn reference_to(rule: &Rule) -> RuleReference {
    RuleReference {
        name: rule.name.clone(),
        index: rule.index,
        line: rule.line,
    }
}

fn context_of(library: &Library, rule: &Rule, event: &PersonEvent, situation: &Situation) -> RunContext {
    let comment_id = match event.trigger() {
        Trigger::Comment(facts) => Some(facts.comment_id.clone()),
        _ => None,
    };
    let mention = match event.trigger() {
        Trigger::Mention(facts) => Some(facts.clone()),
        _ => None,
    };
    let mid = match event.trigger() {
        Trigger::Message(facts) => facts.mid.clone(),
        _ => None,
    };
    RunContext {
        account: event.account().ig_id.clone(),
        person: event.person().scoped_id.clone(),
        own: event.is_own(),
        lane: event.lane(),
        version: library.version.clone(),
        rule: reference_to(rule),
        comment_id,
        mention,
        private_reply_used: false,
        replies_shown_only: situation.replies_shown_only.clone(),
        mid,
        names: names_of(rule.kind, event),
        variable_names: rule.variable_names.clone(),
    }
}

/// The names that texts can use. Each kind of automation always has its own, whichever gesture
/// started it: a tapped chip is a message to customers and a tap to the owner.
fn names_of(kind: Kind, event: &PersonEvent) -> Names {
    let person = event.person();
    let account = event.account();
    let username = person.username.as_deref().unwrap_or(NAMELESS);
    let mut names = BTreeMap::from([
        (
            "person".to_owned(),
            json!({
                "username": username,
                "name": person.name.as_deref().unwrap_or(username),
                "id": person.scoped_id,
            }),
        ),
        (
            "account".to_owned(),
            json!({
                "username": account.username,
                "name": account.name.as_deref().unwrap_or(&account.username),
                "id": account.ig_id,
            }),
        ),
    ]);
    let (text, payload, id) = match event.trigger() {
        Trigger::Message(facts) => (
            facts.text.clone().unwrap_or_default(),
            facts.quick_reply_payload.clone().unwrap_or_default(),
            facts.mid.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
        Trigger::Postback(facts) => (
            facts.title.clone(),
            facts.payload.clone(),
            facts.mid.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
        Trigger::Comment(facts) => (facts.text.clone(), String::new(), facts.comment_id.to_string()),
        Trigger::Mention(facts) => {
            let comment_id = facts.comment_id.as_ref().map(ToString::to_string);
            (String::new(), String::new(), comment_id.unwrap_or_default())
        }
        Trigger::Referral { reference } => (String::new(), reference.clone(), String::new()),
    };
    let (root, value) = match kind {
        Kind::Message | Kind::StoryReply | Kind::StoryMention | Kind::FirstMessage => {
            ("message", json!({ "text": text, "payload": payload, "id": id }))
        }
        Kind::Postback => ("postback", json!({ "title": text, "payload": payload })),
        Kind::Comment | Kind::LiveComment => {
            let media_id = match event.trigger() {
                Trigger::Comment(facts) => facts.media_id.as_ref().map(ToString::to_string).unwrap_or_default(),
                _ => String::new(),
            };
            ("comment", json!({ "text": text, "id": id, "media_id": media_id }))
        }
        Kind::Mention => {
            let media_id = match event.trigger() {
                Trigger::Mention(facts) => facts.media_id.to_string(),
                _ => String::new(),
            };
            ("mention", json!({ "media_id": media_id, "comment_id": id }))
        }
        Kind::Referral => {
            let reference = match event.trigger() {
                Trigger::Message(facts) => facts.referral.clone().unwrap_or_default(),
                _ => payload,
            };
            ("referral", json!({ "ref": reference }))
        }
    };
    names.insert(root.to_owned(), value);
    Names(names)
}

fn note(code: &str, text: String) -> TraceNote {
    TraceNote {
        code: code.to_owned(),
        text,
    }
}
