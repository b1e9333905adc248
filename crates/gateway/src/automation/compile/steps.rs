//! Checks the steps of an automation and turns them into a program.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compiler::{Compiler, RESERVED_NAMES};
use super::extent::{Unit, extent_of};
use crate::automation::document::{
    AnswerKind as WrittenAnswer, Ask, At, Button, Duration, Http, Method, QuickReply, Send, Step as Written,
};
use crate::automation::library::Kind;
use crate::automation::message::{
    BUTTON_LIMIT, BUTTON_TEXT_LIMIT_CHARS, CHIP_LIMIT, PAYLOAD_LIMIT_CHARS, TEXT_LIMIT_BYTES, TITLE_LIMIT_CHARS,
    split_at_words,
};
use crate::automation::problem::{Severity, nearest};
use crate::automation::program::{AnswerKind, ButtonTemplate, Call, ChipTemplate, Message, Question, Step};
use crate::automation::texts::{TextError, is_template, needed_by_expression, needed_by_text};

/// The longest typing sign, in milliseconds.
const TYPING_LIMIT_MS: i64 = 20_000;
/// The longest that an `http` step waits, in milliseconds.
const HTTP_TIMEOUT_LIMIT_MS: i64 = 10_000;
/// How long an `http` step waits unless told, in milliseconds.
const HTTP_TIMEOUT_MS: i64 = 5_000;
/// How long a question waits unless told, in milliseconds: an hour less than the window that the person's message opened, so
/// that what is said when nobody answered still reaches her.
const ANSWER_TIMEOUT_MS: i64 = WINDOW_MS - 60 * 60 * 1000;
/// How often a question is asked unless told.
const ANSWER_TRIES: u32 = 3;
/// How often a question can be asked at most.
const ANSWER_TRIES_LIMIT: u32 = 10;
/// How long after the person's last message a business may write, in milliseconds.
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

/// How long after a comment a business may answer it in private, in milliseconds.
const PRIVATE_REPLY_WINDOW_MS: i64 = 7 * WINDOW_MS;

/// Names that the template engine brings along.
const BUILT_IN_NAMES: [&str; 4] = ["range", "dict", "namespace", "loop"];

/// Compiles the steps of an automation.
pub(super) fn compile_steps(compiler: &mut Compiler<'_>, kind: Kind, steps: &[At<Written>]) -> Vec<Step> {
    StepCompiler {
        compiler,
        kind,
        waited_ms: 0,
        messages_sent: 0,
        answered: false,
    }
    .steps(steps)
}

/// As how many messages this comes.
fn parts_of(send: &Send) -> usize {
    let texts = send.text.as_ref().map_or(0, |text| {
        if is_template(&text.value) {
            1
        } else {
            parts_of_text(&text.value, send.buttons.is_some())
        }
    });
    usize::from(send.image.is_some()) + texts
}

fn parts_of_text(text: &str, above_buttons: bool) -> usize {
    if above_buttons {
        split_at_words(text, BUTTON_TEXT_LIMIT_CHARS, |text| text.chars().count()).len()
    } else {
        split_at_words(text, TEXT_LIMIT_BYTES, str::len).len()
    }
}

struct StepCompiler<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    kind: Kind,
    /// How long the person has waited on this path.
    waited_ms: i64,
    /// How many messages were sent on this path.
    messages_sent: usize,
    /// Whether the person has answered a question on this path.
    answered: bool,
}

impl StepCompiler<'_, '_> {
    fn steps(&mut self, steps: &[At<Written>]) -> Vec<Step> {
        steps.iter().filter_map(|step| self.step(step)).collect()
    }

    /// A side path: what it waits and sends does not count for what follows it.
    fn branch(&mut self, steps: &[At<Written>]) -> Vec<Step> {
        let before = (self.waited_ms, self.messages_sent, self.answered);
        let compiled = self.steps(steps);
        (self.waited_ms, self.messages_sent, self.answered) = before;
        compiled
    }

    /// A mention tells of no thread: there is only the place where it stands (contract, webhooks §4.7).
    fn check_mention(&mut self, step: &At<Written>) {
        let needs_thread = match &step.value {
            Written::Typing(_) => "typing",
            Written::Send(_) => "send",
            Written::Ask(_) => "ask",
            Written::React(_) => "react",
            Written::HandOver(_) => "hand_over",
            Written::Reply(_) | Written::Set(_) | Written::If(_) | Written::Wait(_) | Written::Http(_) => return,
        };
        if self.kind == Kind::Mention {
            self.compiler.error(
                step,
                "mention_has_no_thread",
                format!(
                    "`{needs_thread}` needs a thread, and Instagram does not tell who made a mention; only `reply` answers it"
                ),
            );
        }
    }

    fn step(&mut self, step: &At<Written>) -> Option<Step> {
        self.check_mention(step);
        match &step.value {
            Written::Typing(duration) => {
                let milliseconds = self.duration(duration, TYPING_LIMIT_MS, "the typing sign shows");
                Some(Step::Typing {
                    duration_ms: u32::try_from(milliseconds).unwrap_or(u32::MAX),
                })
            }
            Written::Send(send) => {
                self.check_window(step);
                self.check_private_reply(step, parts_of(send));
                Some(Step::Send(self.send(step, send)))
            }
            Written::Reply(reply) => {
                if !matches!(self.kind, Kind::Comment | Kind::LiveComment | Kind::Mention) {
                    self.compiler.error(
                        step,
                        "reply_without_comment",
                        "`reply` answers a comment or a mention in public, but this automation is not started by one; use \
                         `send`"
                            .to_owned(),
                    );
                }
                self.text(&reply.text);
                self.not_empty(&reply.text);
                Some(Step::Reply {
                    text: reply.text.value.clone(),
                })
            }
            Written::React(reaction) => {
                if !matches!(
                    self.kind,
                    // A mention has been told of already.
                    Kind::Message | Kind::StoryReply | Kind::StoryMention | Kind::FirstMessage | Kind::Mention
                ) {
                    self.compiler.error(
                        step,
                        "react_without_message",
                        "`react` needs a message, but this automation is not started by one".to_owned(),
                    );
                }
                self.text(reaction);
                self.not_empty(reaction);
                Some(Step::React {
                    reaction: reaction.value.clone(),
                })
            }
            Written::Set(values) => {
                for (name, value) in values {
                    self.variable_name(name, value.line, value.column);
                    self.json_texts(value, &value.value);
                }
                let values = values
                    .iter()
                    .map(|(name, value)| (name.clone(), value.value.clone()))
                    .collect();
                Some(Step::Set { values })
            }
            Written::If(fork) => {
                self.expression(&fork.condition);
                let then = self.branch(&fork.then);
                let otherwise = self.branch(&fork.otherwise);
                Some(Step::If {
                    condition: fork.condition.value.clone(),
                    then,
                    otherwise,
                })
            }
            Written::Wait(duration) => {
                self.waited_ms = self.waited_ms.saturating_add(duration.value.milliseconds);
                Some(Step::Wait {
                    duration_ms: duration.value.milliseconds,
                })
            }
            Written::Ask(ask) => Some(Step::Ask(Box::new(self.ask(step, ask)))),
            Written::Http(http) => self.http(http).map(|call| Step::Http(Box::new(call))),
            Written::HandOver(hand_over) => {
                let note = hand_over.note.as_ref().map(|note| {
                    self.text(note);
                    note.value.clone()
                });
                Some(Step::HandOver {
                    note: note.unwrap_or_default(),
                })
            }
        }
    }

    fn send(&mut self, step: &At<Written>, send: &Send) -> Message {
        if send.text.is_none() && send.image.is_none() {
            self.compiler
                .error(step, "nothing_to_send", "`send` needs a text or an image".to_owned());
        }
        if let (Some(buttons), Some(_)) = (&send.buttons, &send.quick_replies) {
            self.compiler.error(
                buttons,
                "buttons_and_quick_replies",
                "a message has either buttons or quick replies, not both".to_owned(),
            );
        }
        if let (None, Some(place)) = (
            &send.text,
            send.buttons
                .as_ref()
                .map(|at| (at.line, at.column))
                .or_else(|| send.quick_replies.as_ref().map(|at| (at.line, at.column))),
        ) {
            self.compiler.note(
                Severity::Error,
                place,
                "text_missing",
                "buttons and quick replies stand under a text; add `text`".to_owned(),
            );
        }
        if let Some(text) = &send.text {
            self.text(text);
            self.not_empty(text);
            self.check_length(text, send.buttons.is_some());
        }
        if let Some(image) = &send.image {
            self.text(image);
            self.web_address(image);
            self.check_https(image);
        }
        let buttons = send
            .buttons
            .as_ref()
            .map_or_else(Vec::new, |buttons| self.buttons(buttons));
        let chips = send
            .quick_replies
            .as_ref()
            .map_or_else(Vec::new, |chips| self.quick_replies(chips));
        Message {
            text: send.text.as_ref().map(|text| text.value.clone()),
            buttons,
            chips,
            image: send.image.as_ref().map(|image| image.value.clone()),
        }
    }

    fn check_length(&mut self, text: &At<String>, above_buttons: bool) {
        let (limit, unit, what) = if above_buttons {
            (BUTTON_TEXT_LIMIT_CHARS, Unit::Characters, "characters above buttons")
        } else {
            (TEXT_LIMIT_BYTES, Unit::Bytes, "bytes")
        };
        let Some(extent) = extent_of(&text.value, unit) else {
            return;
        };
        if extent.least > limit {
            let parts = if is_template(&text.value) {
                "several".to_owned()
            } else {
                parts_of_text(&text.value, above_buttons).to_string()
            };
            self.compiler.warn(
                text,
                "text_too_long",
                format!("Instagram takes at most {limit} {what}; this text will come as {parts} messages"),
            );
        } else if let Some(name) = extent.longest.filter(|_| extent.most > limit) {
            self.compiler.warn(
                text,
                "text_can_be_too_long",
                format!(
                    "Instagram takes at most {limit} {what}; with a long `{name}` this text has up to {}, and comes as \
                     several messages",
                    extent.most
                ),
            );
        }
    }

    fn buttons(&mut self, buttons: &At<Vec<At<Button>>>) -> Vec<ButtonTemplate> {
        if buttons.value.is_empty() || buttons.value.len() > BUTTON_LIMIT {
            self.compiler.error(
                buttons,
                "button_count",
                format!(
                    "Instagram takes one to {BUTTON_LIMIT} buttons, not {}",
                    buttons.value.len()
                ),
            );
        }
        for button in &buttons.value {
            self.title(&button.value.title, "are refused or cut");
            match (&button.value.payload, &button.value.url) {
                (Some(payload), None) => self.payload(payload),
                (None, Some(url)) => {
                    self.text(url);
                    self.web_address(url);
                    self.check_https(url);
                }
                _ => self.compiler.error(
                    button,
                    "button_action",
                    "a button needs either `payload` or `url`".to_owned(),
                ),
            }
        }
        buttons
            .value
            .iter()
            .map(|button| ButtonTemplate {
                title: button.value.title.value.clone(),
                payload: button.value.payload.as_ref().map(|payload| payload.value.clone()),
                url: button.value.url.as_ref().map(|url| url.value.clone()),
            })
            .collect()
    }

    fn quick_replies(&mut self, chips: &At<Vec<At<QuickReply>>>) -> Vec<ChipTemplate> {
        let count = chips.value.len();
        if count == 0 || count > CHIP_LIMIT {
            self.compiler.error(
                chips,
                "quick_reply_count",
                format!("Instagram takes one to {CHIP_LIMIT} quick replies, not {count}"),
            );
        } else if count > BUTTON_LIMIT {
            self.compiler.warn(
                chips,
                "quick_replies_as_buttons",
                format!(
                    "in the self thread, which has no quick replies, these come as {} messages with buttons",
                    count.div_ceil(BUTTON_LIMIT)
                ),
            );
        }
        let mut templates = Vec::new();
        for chip in &chips.value {
            let title = &chip.value.title;
            self.title(title, "are cut");
            if let Some(payload) = &chip.value.payload {
                self.payload(payload);
            }
            let payload = chip.value.payload.as_ref().unwrap_or(title).value.clone();
            self.compiler.chips.insert((title.value.clone(), payload.clone()));
            templates.push(ChipTemplate {
                title: title.value.clone(),
                payload,
            });
        }
        templates
    }

    fn title(&mut self, title: &At<String>, fate: &str) {
        self.text(title);
        self.not_empty(title);
        let Some(extent) = extent_of(&title.value, Unit::Characters) else {
            return;
        };
        if extent.least > TITLE_LIMIT_CHARS {
            self.compiler.warn(
                title,
                "title_too_long",
                format!(
                    "this title has {} characters; more than {TITLE_LIMIT_CHARS} {fate}",
                    extent.least
                ),
            );
        } else if let Some(name) = extent.longest.filter(|_| extent.most > TITLE_LIMIT_CHARS) {
            self.compiler.warn(
                title,
                "title_can_be_too_long",
                format!(
                    "with a long `{name}` this title has up to {} characters; more than {TITLE_LIMIT_CHARS} {fate}",
                    extent.most
                ),
            );
        }
    }

    fn payload(&mut self, payload: &At<String>) {
        self.text(payload);
        self.not_empty(payload);
        let Some(extent) = extent_of(&payload.value, Unit::Characters) else {
            return;
        };
        if extent.least > PAYLOAD_LIMIT_CHARS {
            self.compiler.error(
                payload,
                "payload_too_long",
                format!("a payload has at most {PAYLOAD_LIMIT_CHARS} characters"),
            );
        } else if let Some(name) = extent.longest.filter(|_| extent.most > PAYLOAD_LIMIT_CHARS) {
            self.compiler.warn(
                payload,
                "payload_can_be_too_long",
                format!(
                    "with a long `{name}` this payload has up to {} characters; more than {PAYLOAD_LIMIT_CHARS} are refused",
                    extent.most
                ),
            );
        }
    }

    fn ask(&mut self, step: &At<Written>, ask: &Ask) -> Question {
        self.check_window(step);
        self.check_private_reply(step, 1);
        self.variable_name(&ask.keep_as.value, ask.keep_as.line, ask.keep_as.column);
        self.text(&ask.text);
        self.not_empty(&ask.text);
        if let Some(again) = &ask.again {
            self.text(again);
            self.not_empty(again);
        }
        let chips = ask
            .quick_replies
            .as_ref()
            .map_or_else(Vec::new, |chips| self.quick_replies(chips));
        if ask.answer == WrittenAnswer::Choice && chips.is_empty() {
            self.compiler.error(
                step,
                "choices_missing",
                "`answer: choice` needs `quick_replies` to choose from".to_owned(),
            );
        }
        let tries = ask.tries.as_ref().map_or(ANSWER_TRIES, |tries| {
            if tries.value == 0 || tries.value > ANSWER_TRIES_LIMIT {
                self.compiler
                    .error(tries, "tries", format!("`tries` is 1 to {ANSWER_TRIES_LIMIT}"));
            }
            tries.value
        });
        let timeout_ms = ask
            .timeout
            .as_ref()
            .map_or(ANSWER_TIMEOUT_MS, |timeout| timeout.value.milliseconds);
        // What is said when nobody answered is said that much later.
        self.waited_ms = self.waited_ms.saturating_add(timeout_ms);
        let otherwise = self.branch(ask.otherwise.as_deref().unwrap_or_default());
        // An answer opens the window anew, and lifts the limit of one private reply.
        self.waited_ms = 0;
        self.answered = true;
        Question {
            message: Message {
                text: Some(ask.text.value.clone()),
                chips,
                ..Message::default()
            },
            keep_as: ask.keep_as.value.clone(),
            kind: match ask.answer {
                WrittenAnswer::Text => AnswerKind::Text,
                WrittenAnswer::Number => AnswerKind::Number,
                WrittenAnswer::YesNo => AnswerKind::YesNo,
                WrittenAnswer::Email => AnswerKind::Email,
                WrittenAnswer::Phone => AnswerKind::Phone,
                WrittenAnswer::Choice => AnswerKind::Choice,
            },
            again: ask.again.as_ref().unwrap_or(&ask.text).value.clone(),
            tries,
            timeout_ms,
            otherwise,
        }
    }

    fn http(&mut self, http: &Http) -> Option<Call> {
        self.text(&http.url);
        self.web_address(&http.url);
        for (name, value) in &http.headers {
            self.text(value);
            if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                self.compiler
                    .error(value, "header", format!("`{name}` is not a header name"));
            }
        }
        if let Some(json) = &http.json {
            self.json_texts(json, &json.value);
        }
        if let Some(name) = &http.keep_as {
            self.variable_name(&name.value, name.line, name.column);
        }
        let timeout_ms = http.timeout.as_ref().map_or(HTTP_TIMEOUT_MS, |timeout| {
            self.duration(timeout, HTTP_TIMEOUT_LIMIT_MS, "an `http` step waits")
        });
        let otherwise = http.otherwise.as_deref().map(|steps| self.branch(steps));
        Some(Call {
            method: match http.method {
                Method::Get => "GET",
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Patch => "PATCH",
                Method::Delete => "DELETE",
            }
            .to_owned(),
            url: http.url.value.clone(),
            headers: http
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.value.clone()))
                .collect(),
            json: http.json.as_ref().map(|json| json.value.clone()),
            keep_as: http.keep_as.as_ref().map(|name| name.value.clone()),
            timeout_ms: u32::try_from(timeout_ms).ok()?,
            otherwise,
        })
    }

    /// A comment allows one private message until the person answers (contract, Send API §5.4).
    fn check_private_reply(&mut self, step: &At<Written>, parts: usize) {
        let before = self.messages_sent;
        self.messages_sent += parts;
        let is_limited = matches!(self.kind, Kind::Comment | Kind::LiveComment) && !self.answered;
        if !is_limited || before >= 2 || self.messages_sent < 2 {
            return;
        }
        let which = if before == 0 {
            format!("this comes as {parts} messages, and all but the first")
        } else {
            "this one".to_owned()
        };
        self.compiler.warn(
            step,
            "second_private_reply",
            format!(
                "Instagram allows one private message per comment until the person answers; {which} will be refused \
                 unless they wrote within the last 24 hours"
            ),
        );
    }

    /// Messages have a window of 24 hours; the private message to a comment has its own (contract, Send API §5.4
    /// and §5.6).
    fn check_window(&mut self, step: &At<Written>) {
        let waited_ms = self.waited_ms;
        let is_private_reply = !self.answered && self.messages_sent == 0;
        let (code, message) = match self.kind {
            Kind::LiveComment if is_private_reply && waited_ms > 0 => (
                "live_over",
                "Instagram takes a private message to a live comment only during the broadcast, which may be over \
                 after this wait",
            ),
            Kind::Comment if is_private_reply && waited_ms >= PRIVATE_REPLY_WINDOW_MS => (
                "private_reply_too_late",
                "this comes 7 days or more after the comment, when Instagram takes no private message to it any more",
            ),
            Kind::Comment | Kind::LiveComment if is_private_reply => return,
            _ if waited_ms >= WINDOW_MS => (
                "window_closed",
                "this comes 24 hours or more after the person wrote, when Instagram refuses messages to everybody but yourself",
            ),
            _ => return,
        };
        self.compiler.warn(step, code, message.to_owned());
    }

    fn duration(&mut self, duration: &At<Duration>, limit_ms: i64, what: &str) -> i64 {
        let milliseconds = duration.value.milliseconds;
        if milliseconds > limit_ms {
            self.compiler
                .error(duration, "too_long", format!("{what} at most {} s", limit_ms / 1000));
        }
        milliseconds
    }

    fn web_address(&mut self, address: &At<String>) {
        if is_template(&address.value) {
            return;
        }
        let is_web =
            url::Url::parse(&address.value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !is_web {
            self.compiler.error(
                address,
                "not_a_web_address",
                format!(
                    "`{}` is not a web address; it should begin with https://",
                    address.value
                ),
            );
        }
    }

    /// What a phone opens, and what Instagram fetches, should travel encrypted.
    fn check_https(&mut self, address: &At<String>) {
        let is_plain = url::Url::parse(&address.value).is_ok_and(|url| url.scheme() == "http");
        if is_plain && !is_template(&address.value) {
            self.compiler.warn(
                address,
                "not_https",
                "this address is not https: phones warn of it, and Instagram may refuse it".to_owned(),
            );
        }
    }

    fn not_empty(&mut self, text: &At<String>) {
        if text.value.trim().is_empty() {
            self.compiler.error(text, "empty", "the text is empty".to_owned());
        }
    }

    fn variable_name(&mut self, name: &str, line: u64, column: u64) {
        let mut letters = name.chars();
        let is_name = letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !is_name {
            self.compiler.note(
                Severity::Error,
                (line, column),
                "name",
                format!("`{name}` cannot be a name; use letters, digits and _"),
            );
        } else if RESERVED_NAMES.contains(&name) || BUILT_IN_NAMES.contains(&name) {
            self.compiler.note(
                Severity::Error,
                (line, column),
                "name",
                format!("`{name}` already means something in texts; choose another name"),
            );
        }
    }

    fn json_texts(&mut self, at: &At<Value>, value: &Value) {
        match value {
            Value::String(text) => {
                let text = At {
                    value: text.clone(),
                    line: at.line,
                    column: at.column,
                };
                self.text(&text);
            }
            Value::Array(items) => items.iter().for_each(|item| self.json_texts(at, item)),
            Value::Object(fields) => fields.values().for_each(|item| self.json_texts(at, item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Checks that a text is a template whose names exist.
    fn text(&mut self, text: &At<String>) {
        let needed = needed_by_text(&text.value);
        self.names(text, needed);
    }

    /// Checks that an expression is one and that its names exist.
    fn expression(&mut self, expression: &At<String>) {
        let needed = needed_by_expression(&expression.value);
        self.names(expression, needed);
    }

    fn names(&mut self, text: &At<String>, needed: Result<BTreeSet<String>, TextError>) {
        let needed = match needed {
            Ok(needed) => needed,
            Err(error) => {
                self.compiler
                    .error(text, "template", format!("this text cannot be read: {}", error.message));
                return;
            }
        };
        for name in needed {
            if name.starts_with("person.") || name == "person" {
                self.compiler.reads_person = true;
            }
            let root = name.split('.').next().unwrap_or(&name);
            if self.compiler.variable_names.contains(root) {
                self.compiler.used_names.insert(root.to_owned());
            }
            if !self.is_known(&name) {
                let place = self.compiler.source.place_of(text, &name);
                let message = self.unknown_name(&name);
                self.compiler.note(Severity::Error, place, "unknown_name", message);
            }
        }
    }

    fn is_known(&self, name: &str) -> bool {
        let root = name.split('.').next().unwrap_or(name);
        BUILT_IN_NAMES.contains(&root)
            || self.compiler.variable_names.contains(root)
            || names_of(self.kind).any(|known| known == name || known.split('.').next() == Some(name))
    }

    fn unknown_name(&self, name: &str) -> String {
        let mut known: Vec<&str> = names_of(self.kind).collect();
        known.extend(self.compiler.variable_names.iter().map(String::as_str));
        let list = known.join(", ");
        match nearest(name, &known) {
            Some(meant) => {
                format!("`{name}` is not known here; did you mean `{meant}`? Known here: {list}")
            }
            None => format!("`{name}` is not known here; known here: {list}"),
        }
    }
}

/// The names that texts of an automation can use, by what starts it.
fn names_of(kind: Kind) -> impl Iterator<Item = &'static str> {
    const ALWAYS: [&str; 6] = [
        "person.username",
        "person.name",
        "person.id",
        "account.username",
        "account.name",
        "account.id",
    ];
    let special: &[&str] = match kind {
        Kind::Message | Kind::StoryReply | Kind::StoryMention | Kind::FirstMessage => {
            &["message.text", "message.id", "message.payload"]
        }
        Kind::Postback => &["postback.title", "postback.payload"],
        Kind::Comment | Kind::LiveComment => &["comment.text", "comment.id", "comment.media_id"],
        Kind::Mention => &["mention.media_id", "mention.comment_id"],
        Kind::Referral => &["referral.ref"],
    };
    ALWAYS.into_iter().chain(special.iter().copied())
}
