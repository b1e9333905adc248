//! Finds automations that can never run, because an earlier one takes everything of theirs.

use std::collections::HashMap;

use super::conditions::{CheckedTrigger, TriggerCondition};
use crate::automation::document::At;
use crate::automation::fold::{fold, words};
use crate::automation::index::TextCondition;
use crate::automation::library::Kind;

/// What earlier automations have taken, by account (empty: all) and kind of trigger.
#[derive(Debug, Default)]
pub(super) struct Lint {
    taken: HashMap<(String, u8), Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    everything: Option<(String, u64)>,
    single: HashMap<String, (String, u64)>,
}

impl Lint {
    /// Why this automation never runs, if an earlier one always runs instead; then remembers it.
    pub(super) fn unreachable(
        &mut self,
        trigger: &CheckedTrigger,
        accounts: &[String],
        name: &At<String>,
    ) -> Option<String> {
        let keys = keys_of(&trigger.condition);
        let accounts: Vec<String> = if accounts.is_empty() {
            vec![String::new()]
        } else {
            accounts.iter().map(|account| fold(account)).collect()
        };
        let kind = number_of(trigger.kind);
        let earlier: Option<Vec<(String, u64)>> = accounts
            .iter()
            .map(|account| self.taken_by(account, trigger.kind, &keys))
            .collect();
        for account in accounts {
            let taken = self.taken.entry((account, kind)).or_default();
            let this = (name.value.clone(), name.line);
            match &keys {
                Keys::Everything => {
                    taken.everything.get_or_insert(this);
                }
                Keys::These(keys) => {
                    for key in keys {
                        taken.single.entry(key.clone()).or_insert_with(|| this.clone());
                    }
                }
                Keys::Unknown => {}
            }
        }
        let (earlier, line) = earlier?.into_iter().next()?;
        Some(format!(
            "this never runs: `{earlier}` on line {line} comes first and takes all of it"
        ))
    }

    /// The earlier automation that takes all of this for an account.
    fn taken_by(&self, account: &str, kind: Kind, keys: &Keys) -> Option<(String, u64)> {
        let mut taken: Vec<&Taken> = Vec::new();
        for account in [account, ""] {
            for kind in std::iter::once(kind).chain(also_taken_by(kind)) {
                taken.extend(self.taken.get(&(account.to_owned(), number_of(kind))));
            }
        }
        if let Some(earlier) = taken.iter().find_map(|taken| taken.everything.clone()) {
            return Some(earlier);
        }
        let Keys::These(keys) = keys else { return None };
        let mut first = None;
        for key in keys {
            let wider = wider_than(key);
            let earlier = taken
                .iter()
                .find_map(|taken| std::iter::once(key).chain(&wider).find_map(|key| taken.single.get(key)))?;
            first.get_or_insert_with(|| earlier.clone());
        }
        first
    }
}

/// The kind whose automations also take what this kind is for: an answer to a story is a message too.
fn also_taken_by(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::StoryReply | Kind::StoryMention | Kind::FirstMessage => Some(Kind::Message),
        Kind::LiveComment => Some(Kind::Comment),
        Kind::Message | Kind::Postback | Kind::Comment | Kind::Mention | Kind::Referral => None,
    }
}

/// Keys that take everything that this key takes: whoever wants a word in a text also wants the text that is
/// this word.
fn wider_than(key: &str) -> Vec<String> {
    let mut wider = Vec::new();
    if let Some(text) = key.strip_prefix("exact ") {
        wider.push(format!("part {text}"));
        wider.extend(words(text).map(|word| format!("word {word}")));
    } else if let Some(word) = key.strip_prefix("word ") {
        wider.push(format!("part {word}"));
    }
    wider
}

/// What a condition takes, as far as that can be said without looking at texts.
enum Keys {
    Everything,
    These(Vec<String>),
    Unknown,
}

fn keys_of(condition: &TriggerCondition) -> Keys {
    match condition {
        TriggerCondition::Everything | TriggerCondition::Text(TextCondition::Everything) => Keys::Everything,
        TriggerCondition::Payloads(payloads) => Keys::These(payloads.clone()),
        TriggerCondition::Text(TextCondition::Exact(texts)) => Keys::These(
            texts
                .iter()
                .map(|text| format!("exact {}", fold(text).trim()))
                .collect(),
        ),
        TriggerCondition::Text(TextCondition::AnyWord(texts)) => {
            Keys::These(texts.iter().map(|text| format!("word {}", fold(text).trim())).collect())
        }
        TriggerCondition::Text(TextCondition::Contains(texts)) => {
            Keys::These(texts.iter().map(|text| format!("part {}", fold(text))).collect())
        }
        TriggerCondition::Text(TextCondition::Regex(_)) => Keys::Unknown,
    }
}

const fn number_of(kind: Kind) -> u8 {
    match kind {
        Kind::Message => 0,
        Kind::Postback => 1,
        Kind::Comment => 2,
        Kind::LiveComment => 3,
        Kind::StoryReply => 4,
        Kind::StoryMention => 5,
        Kind::Referral => 6,
        Kind::FirstMessage => 7,
        Kind::Mention => 8,
    }
}
