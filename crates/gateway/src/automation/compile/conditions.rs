//! What starts an automation: checked, described, and put into the index.

use std::collections::hash_map::Entry;

use super::compiler::Compiler;
use crate::automation::Gesture;
use crate::automation::document::{At, OneOrMany, PayloadMatch, TextMatch, When};
use crate::automation::index::{IndexError, RuleIndex, TextCondition, TextIndexBuilder, compile_regex};
use crate::automation::library::{Kind, PayloadIndex, TriggerIndex};

/// What starts an automation, checked.
#[derive(Debug)]
pub(super) enum TriggerCondition {
    Text(TextCondition),
    Payloads(Vec<String>),
    Everything,
}

/// A trigger, checked.
#[derive(Debug)]
pub(super) struct CheckedTrigger {
    pub(super) kind: Kind,
    pub(super) condition: TriggerCondition,
    /// In one line, for people.
    pub(super) description: String,
}

impl CheckedTrigger {
    /// A gesture that starts it; none where the condition does not tell one (a regular expression).
    pub(super) fn example(&self) -> Option<Gesture> {
        let first = match &self.condition {
            TriggerCondition::Text(
                TextCondition::Exact(texts) | TextCondition::AnyWord(texts) | TextCondition::Contains(texts),
            )
            | TriggerCondition::Payloads(texts) => texts.first().cloned(),
            TriggerCondition::Text(TextCondition::Everything) | TriggerCondition::Everything => Some("hi".to_owned()),
            TriggerCondition::Text(TextCondition::Regex(_)) => None,
        };
        let text = first?;
        Some(match self.kind {
            // It is under somebody else's post; nobody can make one up.
            Kind::Mention => return None,
            Kind::Message => Gesture::Message { text },
            Kind::FirstMessage => Gesture::FirstMessage { text },
            Kind::Comment => Gesture::Comment { text },
            Kind::LiveComment => Gesture::LiveComment { text },
            Kind::StoryReply => Gesture::StoryReply { text },
            Kind::StoryMention => Gesture::StoryMention {},
            Kind::Referral => Gesture::Referral { reference: text },
            Kind::Postback => Gesture::Postback {
                payload: text,
                title: String::new(),
            },
        })
    }
}

/// Checks what starts an automation. `None`: there was an error, and it has been noted.
pub(super) fn check_trigger(compiler: &mut Compiler<'_>, when: &At<When>) -> Option<CheckedTrigger> {
    let (kind, written) = match &when.value {
        When::Message(_) => (Kind::Message, "message"),
        When::Postback(_) => (Kind::Postback, "postback"),
        When::Comment(_) => (Kind::Comment, "comment"),
        When::LiveComment(_) => (Kind::LiveComment, "live_comment"),
        When::StoryReply(_) => (Kind::StoryReply, "story_reply"),
        When::StoryMention(_) => (Kind::StoryMention, "story_mention"),
        When::Mention(_) => (Kind::Mention, "mention"),
        // On the wire an ice breaker's tap is a postback like any other.
        When::IceBreaker(_) => (Kind::Postback, "ice_breaker"),
        When::Referral(_) => (Kind::Referral, "referral"),
        When::FirstMessage(_) => (Kind::FirstMessage, "first_message"),
    };
    let (condition, description) = match &when.value {
        When::Message(text)
        | When::Comment(text)
        | When::LiveComment(text)
        | When::StoryReply(text)
        | When::FirstMessage(text) => {
            let (condition, description) = check_text(compiler, when, text)?;
            (TriggerCondition::Text(condition), description)
        }
        When::Postback(payload) | When::IceBreaker(payload) | When::Referral(payload) => {
            check_payload(compiler, payload)?
        }
        When::StoryMention(always) | When::Mention(always) => {
            check_everything(compiler, &always.everything)?;
            (TriggerCondition::Everything, "everything".to_owned())
        }
    };
    Some(CheckedTrigger {
        kind,
        condition,
        description: format!("{written}: {description}"),
    })
}

fn check_text(compiler: &mut Compiler<'_>, when: &At<When>, written: &TextMatch) -> Option<(TextCondition, String)> {
    let TextMatch {
        exact,
        any,
        contains,
        regex,
        everything,
    } = written;
    let given = [
        exact.is_some(),
        any.is_some(),
        contains.is_some(),
        regex.is_some(),
        everything.is_some(),
    ];
    if given.iter().filter(|is_given| **is_given).count() != 1 {
        compiler.error(
            when,
            "one_condition",
            "give exactly one of exact, any, contains, regex, everything here".to_owned(),
        );
        return None;
    }
    if let Some(texts) = exact {
        let texts = check_texts(compiler, texts)?;
        let description = format!("exactly {}", texts.join(", "));
        return Some((TextCondition::Exact(texts), description));
    }
    if let Some(texts) = any {
        let texts = check_texts(compiler, texts)?;
        let description = format!("any of {}", texts.join(", "));
        return Some((TextCondition::AnyWord(texts), description));
    }
    if let Some(texts) = contains {
        let texts = check_texts(compiler, texts)?;
        let description = format!("contains {}", texts.join(", "));
        return Some((TextCondition::Contains(texts), description));
    }
    if let Some(pattern) = regex {
        if let Err(error) = compile_regex(&pattern.value) {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            compiler.error(
                pattern,
                "regex",
                format!("`{}` is not a regular expression: {reason}", pattern.value),
            );
            return None;
        }
        let description = format!("fits /{}/", pattern.value);
        return Some((TextCondition::Regex(pattern.value.clone()), description));
    }
    check_everything(compiler, everything.as_ref()?)?;
    Some((TextCondition::Everything, "everything".to_owned()))
}

fn check_payload(compiler: &mut Compiler<'_>, written: &PayloadMatch) -> Option<(TriggerCondition, String)> {
    match written {
        PayloadMatch::Payloads(payloads) => {
            for payload in payloads {
                if payload.value.is_empty() {
                    compiler.error(payload, "empty", "the payload is empty".to_owned());
                    return None;
                }
            }
            let payloads: Vec<String> = payloads.iter().map(|payload| payload.value.clone()).collect();
            let description = payloads.join(", ");
            Some((TriggerCondition::Payloads(payloads), description))
        }
        PayloadMatch::Everything(everything) => {
            check_everything(compiler, everything)?;
            Some((TriggerCondition::Everything, "everything".to_owned()))
        }
    }
}

fn check_texts(compiler: &mut Compiler<'_>, texts: &OneOrMany) -> Option<Vec<String>> {
    if texts.0.value.is_empty() {
        compiler.error(
            &texts.0,
            "empty",
            "the list is empty; nothing would ever fit".to_owned(),
        );
        return None;
    }
    for text in &texts.0.value {
        if text.value.trim().is_empty() {
            compiler.error(
                text,
                "empty",
                "this text is empty; for every message write `everything: true`".to_owned(),
            );
            return None;
        }
    }
    Some(texts.0.value.iter().map(|text| text.value.clone()).collect())
}

fn check_everything(compiler: &mut Compiler<'_>, everything: &At<bool>) -> Option<()> {
    if everything.value {
        return Some(());
    }
    compiler.error(
        everything,
        "everything_false",
        "`everything: false` fits nothing; write `everything: true` or another condition".to_owned(),
    );
    None
}

/// The indexes of one account (or of all) while they are being filled.
#[derive(Debug, Default)]
pub(super) struct IndexBuilders {
    message: TextIndexBuilder,
    comment: TextIndexBuilder,
    live_comment: TextIndexBuilder,
    story_reply: TextIndexBuilder,
    first_message: TextIndexBuilder,
    postback: PayloadIndex,
    referral: PayloadIndex,
    story_mention: Option<RuleIndex>,
    mention: Option<RuleIndex>,
}

impl IndexBuilders {
    /// Adds an automation. Call in the order of the file.
    pub(super) fn add(&mut self, trigger: &CheckedTrigger, rule: RuleIndex) -> Result<(), regex::Error> {
        let texts = match trigger.kind {
            Kind::Message => &mut self.message,
            Kind::Comment => &mut self.comment,
            Kind::LiveComment => &mut self.live_comment,
            Kind::StoryReply => &mut self.story_reply,
            Kind::FirstMessage => &mut self.first_message,
            Kind::Postback => {
                add_payloads(&mut self.postback, &trigger.condition, rule);
                return Ok(());
            }
            Kind::Referral => {
                add_payloads(&mut self.referral, &trigger.condition, rule);
                return Ok(());
            }
            Kind::StoryMention => {
                self.story_mention.get_or_insert(rule);
                return Ok(());
            }
            Kind::Mention => {
                self.mention.get_or_insert(rule);
                return Ok(());
            }
        };
        match &trigger.condition {
            TriggerCondition::Text(condition) => texts.add(condition, rule),
            TriggerCondition::Everything | TriggerCondition::Payloads(_) => Ok(()),
        }
    }

    /// Builds the indexes.
    pub(super) fn build(self) -> Result<TriggerIndex, IndexError> {
        Ok(TriggerIndex {
            message: self.message.build()?,
            comment: self.comment.build()?,
            live_comment: self.live_comment.build()?,
            story_reply: self.story_reply.build()?,
            first_message: self.first_message.build()?,
            postback: self.postback,
            referral: self.referral,
            story_mention: self.story_mention,
            mention: self.mention,
        })
    }
}

fn add_payloads(index: &mut PayloadIndex, condition: &TriggerCondition, rule: RuleIndex) {
    match condition {
        TriggerCondition::Payloads(payloads) => {
            for payload in payloads {
                if let Entry::Vacant(entry) = index.exact.entry(payload.clone()) {
                    entry.insert(rule);
                }
            }
        }
        TriggerCondition::Everything => {
            index.everything.get_or_insert(rule);
        }
        TriggerCondition::Text(_) => {}
    }
}
