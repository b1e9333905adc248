//! A run: one automation being carried out for one person, step by step.
//!
//! [`Runner`] goes on until the steps are done or one of them must wait: for a time, for an answer,
//! for another program. What is left is then a [`Run`], which can be stored and taken up again, on
//! this machine or after a restart.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use selfsame_wire::ids::{CommentId, IgScopedId, IgUserId, MessageId};
use selfsame_wire::send::{Outgoing, PersonRecipient};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::read_answer;
use super::decision::{PlannedStep, RuleReference, TraceNote};
use super::event::{Lane, MentionFacts};
use super::message::{Rendered, render_chips, render_message};
use super::program::{Call, ChipTemplate, Message, Question, Step};
use super::situation::Changes;
use super::texts::{Names, TextError, is_true, render, render_value};

/// The most steps that one run carries out between two waits.
const STEP_LIMIT: usize = 200;

/// For whom a run works and what its texts can name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunContext {
    /// The account it answers for.
    pub account: IgUserId,
    /// Who is answered.
    pub person: IgScopedId,
    /// Whether that is the owner herself.
    pub own: bool,
    /// Which lane it was started in.
    pub lane: Lane,
    /// The version of the automations it was started from.
    pub version: String,
    /// The automation.
    pub rule: RuleReference,
    /// The comment it answers, if it began with one.
    pub comment_id: Option<CommentId>,
    /// The mention it answers, if it began with one.
    #[serde(default)]
    pub mention: Option<MentionFacts>,
    /// Whether the comment's one private reply has been used.
    pub private_reply_used: bool,
    /// Why its public replies are shown and not posted.
    #[serde(default)]
    pub replies_shown_only: Option<String>,
    /// The message it answers, to react to.
    pub mid: Option<MessageId>,
    /// `person`, `account`, `message` and the like.
    pub(crate) names: Names,
    /// The kept values that its texts name; one that was never kept is empty.
    pub(crate) variable_names: Vec<String>,
}

/// A run that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// For whom it works.
    pub context: RunContext,
    /// What it waits for.
    pub awaiting: Awaiting,
    /// What is still to do then.
    pub(crate) remaining: VecDeque<Step>,
}

impl Run {
    /// Whether this payload is one of the choices that its question offered.
    pub(super) fn offers(&self, payload: &str) -> bool {
        match &self.awaiting {
            Awaiting::Answer { question, .. } => question.0.message.chips.iter().any(|chip| chip.payload == payload),
            Awaiting::Time { .. } | Awaiting::Call { .. } => false,
        }
    }
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Awaiting {
    /// A moment of world time.
    Time {
        /// When.
        at: Timestamp,
    },
    /// The person's answer.
    Answer {
        /// When to give up, world time.
        until: Timestamp,
        /// How often it may still be asked.
        tries_left: u32,
        /// What was asked.
        question: AskedQuestion,
    },
    /// Another program's answer.
    Call {
        /// What to call; its texts are made.
        call: PlannedCall,
    },
}

/// A question that was asked. Opaque outside the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedQuestion(pub(crate) Box<Question>);

/// A call to another program, ready to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// GET, POST, …
    pub method: String,
    /// The address.
    pub url: String,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
    /// The body, sent as JSON.
    pub json: Option<Value>,
    /// How long to wait for the answer.
    pub timeout_ms: u32,
    /// The name the answer is kept under.
    keep_as: Option<String>,
    /// Instead of the rest, when the call failed.
    otherwise: Option<Vec<Step>>,
}

/// Why a waiting run goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Resumption {
    /// Its time has come; for a question: nobody answered.
    TimeCame,
    /// The person answered this. `payload` is set when a button or chip was tapped.
    Answered {
        /// The text, or the title of what was tapped.
        text: String,
        /// The payload of what was tapped.
        payload: Option<String>,
    },
    /// The other program answered this.
    CallReturned(Value),
    /// The other program could not be reached, or refused.
    CallFailed(String),
}

/// Carries out steps.
pub(super) struct Runner<'a> {
    context: RunContext,
    variables: &'a BTreeMap<String, Value>,
    now: Timestamp,
    pub(super) steps: Vec<PlannedStep>,
    pub(super) notes: Vec<TraceNote>,
    pub(super) changes: Changes,
}

impl<'a> Runner<'a> {
    /// Prepares a run for this person, whose kept values are `variables`.
    pub(super) fn new(context: RunContext, variables: &'a BTreeMap<String, Value>, now: Timestamp) -> Self {
        Self {
            context,
            variables,
            now,
            steps: Vec::new(),
            notes: Vec::new(),
            changes: Changes::default(),
        }
    }

    /// Carries out steps until they are done or one must wait.
    pub(super) fn run(&mut self, mut todo: VecDeque<Step>) -> Result<(), TextError> {
        for _ in 0..STEP_LIMIT {
            let Some(step) = todo.pop_front() else { return Ok(()) };
            match step {
                Step::Typing { duration_ms } => {
                    let to = self.private_reply().is_none().then(|| self.context.person.clone());
                    self.steps.push(PlannedStep::Typing { to, duration_ms });
                }
                Step::Send(message) => self.send(&message)?,
                Step::Reply { text } => self.reply(&text)?,
                Step::React { reaction } => self.react(&reaction)?,
                Step::Set { values } => self.set(&values)?,
                Step::If {
                    condition,
                    then,
                    otherwise,
                } => {
                    let holds = is_true(&condition, &self.names())?;
                    self.note(
                        "condition",
                        format!("`{condition}` is {}", if holds { "true" } else { "false" }),
                    );
                    let chosen = if holds { then } else { otherwise };
                    prepend(&mut todo, chosen);
                }
                Step::HandOver { note } => {
                    let note = render(&note, &self.names())?;
                    self.note("hand_over", "a human takes over this thread".to_owned());
                    self.changes.hand_over = Some(note);
                    return Ok(());
                }
                Step::Wait { duration_ms } => {
                    let at = later(self.now, duration_ms);
                    self.note("waits", format!("goes on at {at}"));
                    self.suspend(Awaiting::Time { at }, todo);
                    return Ok(());
                }
                Step::Ask(mut question) => {
                    self.send(&question.message)?;
                    // The answer is compared with what the person saw, not with a template.
                    question.message.chips = render_chips(&question.message.chips, &self.names())?
                        .into_iter()
                        .map(|chip| ChipTemplate {
                            title: chip.title,
                            payload: chip.payload,
                        })
                        .collect();
                    let tries_left = question.tries.saturating_sub(1);
                    self.await_answer(question, tries_left, todo);
                    return Ok(());
                }
                Step::Http(call) => {
                    let call = self.plan_call(*call)?;
                    self.note("calls", format!("calls {} {}", call.method, call.url));
                    self.suspend(Awaiting::Call { call }, todo);
                    return Ok(());
                }
            }
        }
        Err(TextError {
            message: format!("the automation has more than {STEP_LIMIT} steps in one go"),
            line: None,
        })
    }

    /// Takes up a run again.
    pub(super) fn resume(
        &mut self,
        awaiting: Awaiting,
        mut remaining: VecDeque<Step>,
        resumption: Resumption,
    ) -> Result<(), TextError> {
        match (awaiting, resumption) {
            (
                Awaiting::Answer {
                    tries_left, question, ..
                },
                Resumption::Answered { text, payload },
            ) => {
                self.changes.question_closed = true;
                let question = question.0;
                match read_answer(&question, &text, payload.as_deref()) {
                    Ok(value) => {
                        self.note("answer", format!("kept as `{}`", question.keep_as));
                        self.changes.variables.insert(question.keep_as.clone(), value);
                        self.run(remaining)
                    }
                    Err(why) if tries_left == 0 => {
                        self.note("answer_refused", format!("{why}; asked often enough"));
                        self.run(question.otherwise.into())
                    }
                    Err(why) => {
                        self.note("answer_refused", format!("{why}; asked again"));
                        let again = Message {
                            text: Some(question.again.clone()),
                            chips: question.message.chips.clone(),
                            ..Message::default()
                        };
                        self.send(&again)?;
                        self.await_answer(question, tries_left - 1, remaining);
                        Ok(())
                    }
                }
            }
            (Awaiting::Answer { question, .. }, _) => {
                self.changes.question_closed = true;
                self.note("answer_missing", "nobody answered in time".to_owned());
                self.run(question.0.otherwise.into())
            }
            (Awaiting::Call { call }, Resumption::CallReturned(answer)) => {
                if let Some(name) = call.keep_as {
                    self.changes.variables.insert(name, answer);
                }
                self.note("call_returned", format!("{} {} answered", call.method, call.url));
                self.run(remaining)
            }
            (Awaiting::Call { call }, Resumption::CallFailed(why)) => {
                self.note("call_failed", why);
                if let Some(otherwise) = call.otherwise {
                    remaining = otherwise.into();
                } else if let Some(name) = call.keep_as {
                    self.changes.variables.insert(name, Value::Null);
                }
                self.run(remaining)
            }
            (Awaiting::Time { .. } | Awaiting::Call { .. }, _) => self.run(remaining),
        }
    }

    fn names(&self) -> Names {
        let mut names = self.context.names.clone();
        for name in &self.context.variable_names {
            let value = self
                .changes
                .variables
                .get(name)
                .or_else(|| self.variables.get(name))
                .cloned()
                .unwrap_or_else(|| Value::String(String::new()));
            names.0.insert(name.clone(), value);
        }
        names
    }

    /// The comment whose one private reply is still to be had, when that is how to reach the person.
    fn private_reply(&self) -> Option<&CommentId> {
        if self.context.own || self.context.private_reply_used {
            return None;
        }
        self.context.comment_id.as_ref()
    }

    fn send(&mut self, message: &Message) -> Result<(), TextError> {
        let Rendered { contents, notes } = render_message(message, &self.names(), self.context.own)?;
        self.notes.extend(notes);
        for (content, quick_replies) in contents {
            let person = self.context.person.clone();
            let message = if self.context.own {
                Outgoing::ToSelf {
                    to: person,
                    message: content,
                }
            } else {
                let to = match self.private_reply() {
                    Some(comment) => PersonRecipient::Comment(comment.clone()),
                    None => PersonRecipient::Person(person),
                };
                self.context.private_reply_used = true;
                Outgoing::ToPerson {
                    to,
                    message: content,
                    quick_replies,
                }
            };
            self.steps.push(PlannedStep::Send { message });
        }
        Ok(())
    }

    fn reply(&mut self, text: &str) -> Result<(), TextError> {
        let text = render(text, &self.names())?;
        if let Some(why) = &self.context.replies_shown_only {
            let shown = format!("would answer publicly “{text}”: not posted, because {why}");
            self.note("reply_shown_only", shown);
        } else if let Some(comment_id) = self.context.comment_id.clone() {
            self.steps.push(PlannedStep::Reply { comment_id, text });
        } else if let Some(mention) = self.context.mention.clone() {
            self.steps.push(PlannedStep::ReplyToMention { mention, text });
        } else {
            self.note("no_comment", "there is no comment to reply to".to_owned());
        }
        Ok(())
    }

    fn react(&mut self, reaction: &str) -> Result<(), TextError> {
        let reaction = render(reaction, &self.names())?;
        if let Some(mid) = self.context.mid.clone() {
            let to = self.context.person.clone();
            self.steps.push(PlannedStep::React { to, mid, reaction });
        } else {
            self.note("no_message", "the event named no message to react to".to_owned());
        }
        Ok(())
    }

    fn set(&mut self, values: &BTreeMap<String, Value>) -> Result<(), TextError> {
        for (name, value) in values {
            let value = render_value(value, &self.names())?;
            self.changes.variables.insert(name.clone(), value);
        }
        Ok(())
    }

    fn plan_call(&self, call: Call) -> Result<PlannedCall, TextError> {
        let names = self.names();
        let headers = call
            .headers
            .iter()
            .map(|(name, value)| Ok((name.clone(), render(value, &names)?)))
            .collect::<Result<_, TextError>>()?;
        Ok(PlannedCall {
            method: call.method,
            url: render(&call.url, &names)?,
            headers,
            json: call.json.map(|json| render_value(&json, &names)).transpose()?,
            timeout_ms: call.timeout_ms,
            keep_as: call.keep_as,
            otherwise: call.otherwise,
        })
    }

    fn await_answer(&mut self, question: Box<Question>, tries_left: u32, remaining: VecDeque<Step>) {
        let until = later(self.now, question.timeout_ms);
        self.note("asks", format!("waits for an answer until {until}"));
        let question = AskedQuestion(question);
        self.suspend(
            Awaiting::Answer {
                until,
                tries_left,
                question,
            },
            remaining,
        );
    }

    fn suspend(&mut self, awaiting: Awaiting, remaining: VecDeque<Step>) {
        self.changes.suspended = Some(Run {
            context: self.context.clone(),
            awaiting,
            remaining,
        });
    }

    fn note(&mut self, code: &str, text: String) {
        self.notes.push(TraceNote {
            code: code.to_owned(),
            text,
        });
    }
}

fn prepend(todo: &mut VecDeque<Step>, steps: Vec<Step>) {
    for step in steps.into_iter().rev() {
        todo.push_front(step);
    }
}

fn later(now: Timestamp, milliseconds: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_millis(milliseconds))
        .unwrap_or(Timestamp::MAX)
}
