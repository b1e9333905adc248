//! The automations of one version, compiled.

use std::collections::{HashMap, HashSet};

use super::event::{MessageFacts, PersonEvent, Trigger};
use super::fold::fold;
use super::gesture::Gesture;
use super::index::{RuleIndex, Text, TextIndex};
use super::problem::Problem;
use super::program::Step;

/// The automations of one version, compiled for deciding. Make one with [`Library::compile`].
#[derive(Debug, Default)]
pub struct Library {
    pub(super) version: String,
    pub(super) rules: Vec<Rule>,
    /// The automations of each kind, in the order of the file.
    pub(super) by_kind: HashMap<Kind, Vec<RuleIndex>>,
    /// The automations for every account.
    pub(super) for_all: TriggerIndex,
    /// The automations for one account only, by its folded username.
    pub(super) for_account: HashMap<String, TriggerIndex>,
    /// Title and payload of every chip: in the self thread they come back as taps on buttons.
    pub(super) chips: HashSet<(String, String)>,
    pub(super) reads_person: bool,
    pub(super) warnings: Vec<Problem>,
}

/// One automation, compiled.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its place in the file, from 0.
    pub(super) index: RuleIndex,
    pub(super) name: String,
    pub(super) line: u64,
    /// What starts it, for people: `message: any of menu, prices`.
    pub(super) condition: String,
    /// The accounts it is for, as written; empty: all.
    pub(super) accounts: Vec<String>,
    /// A gesture that starts it, as far as its condition tells one.
    pub(super) example: Option<Gesture>,
    /// The kind of trigger, as written.
    pub(super) kind: Kind,
    pub(super) steps: Vec<Step>,
    /// The kept values that its texts name.
    pub(super) variable_names: Vec<String>,
}

/// The kinds of trigger, as an index knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Message,
    Postback,
    Comment,
    LiveComment,
    StoryReply,
    StoryMention,
    Mention,
    Referral,
    FirstMessage,
}

/// The automations of one account (or of all), by what starts them.
#[derive(Debug, Default)]
pub(super) struct TriggerIndex {
    pub(super) message: TextIndex,
    pub(super) comment: TextIndex,
    pub(super) live_comment: TextIndex,
    pub(super) story_reply: TextIndex,
    pub(super) first_message: TextIndex,
    pub(super) postback: PayloadIndex,
    pub(super) referral: PayloadIndex,
    pub(super) story_mention: Option<RuleIndex>,
    pub(super) mention: Option<RuleIndex>,
}

/// Automations by exact payload.
#[derive(Debug, Default)]
pub(super) struct PayloadIndex {
    pub(super) exact: HashMap<String, RuleIndex>,
    pub(super) everything: Option<RuleIndex>,
}

impl PayloadIndex {
    fn find(&self, payload: &str) -> Option<RuleIndex> {
        earliest(self.exact.get(payload).copied(), self.everything)
    }
}

/// A short description of one automation, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomationSummary {
    /// Its name.
    pub name: String,
    /// The line it starts on.
    pub line: u64,
    /// What starts it, in one line.
    pub condition: String,
    /// The accounts it is for; empty: all.
    pub accounts: Vec<String>,
}

impl Library {
    /// A short digest of the text it was compiled from.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What will not do what it seems to say.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Its automations, in the order of the file.
    pub fn automations(&self) -> Vec<AutomationSummary> {
        self.rules
            .iter()
            .map(|rule| AutomationSummary {
                name: rule.name.clone(),
                line: rule.line,
                condition: rule.condition.clone(),
                accounts: rule.accounts.clone(),
            })
            .collect()
    }

    /// A gesture that starts the automation of this name; `None`: there is none of this name.
    pub fn example_of(&self, name: &str) -> Option<Option<Gesture>> {
        let rule = self.rules.iter().find(|rule| rule.name == name)?;
        Some(rule.example.clone())
    }

    /// A gesture that starts the first automation which an owner can start by writing to herself.
    pub fn first_example(&self) -> Option<Gesture> {
        let messages = self.by_kind.get(&Kind::Message)?;
        messages.iter().find_map(|rule| self.rules.get(*rule)?.example.clone())
    }

    /// Whether any text names the person, so that their profile is worth asking for.
    pub const fn reads_person(&self) -> bool {
        self.reads_person
    }

    /// The first automation, in the order of the file, that is meant for this event.
    pub(super) fn find(&self, event: &PersonEvent) -> Option<&Rule> {
        let own = self.for_account.get(&fold(&event.account().username));
        let question = Question::of(self, event);
        let found = earliest(question.ask(&self.for_all), own.and_then(|index| question.ask(index)))?;
        self.rules.get(found)
    }
}

/// An event as the indexes are asked about it.
enum Question<'a> {
    Message {
        facts: &'a MessageFacts,
        text: Text,
        first: bool,
    },
    /// A tap; a chip that came as a button is also the text that a chip would have sent.
    Postback {
        payload: &'a str,
        chip_text: Option<Text>,
    },
    Comment {
        text: Text,
        live: bool,
    },
    Mention,
    Referral(&'a str),
}

impl<'a> Question<'a> {
    fn of(library: &Library, event: &'a PersonEvent) -> Self {
        match event.trigger() {
            Trigger::Message(facts) => Self::Message {
                facts,
                text: Text::new(facts.text.as_deref().unwrap_or_default()),
                first: event.is_first_contact(),
            },
            Trigger::Postback(facts) => {
                let is_chip = event.is_own() && library.chips.contains(&(facts.title.clone(), facts.payload.clone()));
                Self::Postback {
                    payload: &facts.payload,
                    chip_text: is_chip.then(|| Text::new(&facts.title)),
                }
            }
            Trigger::Comment(facts) => Self::Comment {
                text: Text::new(&facts.text),
                live: facts.live,
            },
            Trigger::Mention(_) => Self::Mention,
            Trigger::Referral { reference } => Self::Referral(reference),
        }
    }

    fn ask(&self, index: &TriggerIndex) -> Option<RuleIndex> {
        match self {
            Self::Message { facts, text, first } => {
                let mut found = index.message.find(text);
                if let Some(payload) = &facts.quick_reply_payload {
                    found = earliest(found, index.postback.find(payload));
                }
                if facts.replied_story_id.is_some() {
                    found = earliest(found, index.story_reply.find(text));
                }
                if facts.attachment_kinds.iter().any(|kind| kind == "story_mention") {
                    found = earliest(found, index.story_mention);
                }
                if let Some(reference) = &facts.referral {
                    found = earliest(found, index.referral.find(reference));
                }
                if *first {
                    found = earliest(found, index.first_message.find(text));
                }
                found
            }
            Self::Postback { payload, chip_text } => {
                let as_text = chip_text.as_ref().and_then(|text| index.message.find(text));
                earliest(index.postback.find(payload), as_text)
            }
            Self::Comment { text, live } => {
                let found = index.comment.find(text);
                if *live {
                    earliest(found, index.live_comment.find(text))
                } else {
                    found
                }
            }
            Self::Mention => index.mention,
            Self::Referral(reference) => index.referral.find(reference),
        }
    }
}

fn earliest(left: Option<RuleIndex>, right: Option<RuleIndex>) -> Option<RuleIndex> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (found, None) | (None, found) => found,
    }
}
