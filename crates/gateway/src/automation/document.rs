//! The automations file as it is written (design §5), before it is checked and compiled.
//!
//! Every value that a later check may complain about is an [`At`], so that the complaint names its
//! line and column.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A value with the place in the file where it stands.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    /// The value.
    pub(super) value: T,
    /// From 1; 0 where the place is unknown.
    pub(super) line: u64,
    /// From 1; 0 where the place is unknown.
    pub(super) column: u64,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            line: spanned.referenced.line(),
            column: spanned.referenced.column(),
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// An automations file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "selfsame automations")]
pub(super) struct Document {
    /// The automations. The first that fits an event runs; no other.
    pub(super) automations: Vec<Automation>,
}

/// What to do when something happens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Automation {
    /// A name for traces and lists. Each name once.
    pub(super) name: At<String>,
    /// The accounts it is for, such as `"@luna.coffee"`. Absent: all.
    pub(super) accounts: Option<At<Vec<At<String>>>>,
    /// What starts it.
    pub(super) when: At<When>,
    /// What it does, in order.
    #[serde(rename = "do")]
    pub(super) steps: At<Vec<At<Step>>>,
}

/// What starts an automation: exactly one of these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// A direct message with a fitting text.
    Message(TextMatch),
    /// A tap on a button with this payload.
    Postback(PayloadMatch),
    /// A comment with a fitting text, live or not.
    Comment(TextMatch),
    /// A comment under a live broadcast.
    LiveComment(TextMatch),
    /// An answer to a story.
    StoryReply(TextMatch),
    /// The account was mentioned in somebody's story.
    StoryMention(Always),
    /// The account was mentioned in the caption of somebody's post, or in a comment under one. Only the Facebook
    /// login tells of it, without a word about who and what; only `reply` answers it, in public.
    Mention(Always),
    /// A tap on an ice breaker with this payload.
    IceBreaker(PayloadMatch),
    /// Somebody came through an `ig.me` link or an advertisement with this `ref`.
    Referral(PayloadMatch),
    /// The first message this person ever sent to the account, with a fitting text.
    FirstMessage(TextMatch),
}

/// Which texts fit: exactly one of these. Upper and lower case are the same, and spaces around the
/// text do not count.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextMatch {
    /// The whole text is this, or one of these.
    pub(super) exact: Option<OneOrMany>,
    /// The text contains one of these whole words.
    pub(super) any: Option<OneOrMany>,
    /// The text contains one of these, even within a word.
    pub(super) contains: Option<OneOrMany>,
    /// The text fits this regular expression.
    pub(super) regex: Option<At<String>>,
    /// Every text fits, and no text too.
    pub(super) everything: Option<At<bool>>,
}

/// A trigger without a condition.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Always {
    /// Always `true`.
    pub(super) everything: At<bool>,
}

/// One text or a list of texts.
#[derive(Debug)]
pub(super) struct OneOrMany(pub(super) At<Vec<At<String>>>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = At::<Texts>::deserialize(deserializer)?;
        let (line, column) = (texts.line, texts.column);
        let value = match texts.value {
            Texts::One(value) => vec![At { value, line, column }],
            Texts::Many(values) => values,
        };
        Ok(Self(At { value, line, column }))
    }
}

impl JsonSchema for OneOrMany {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 }
            ]
        })
    }
}

enum Texts {
    One(String),
    Many(Vec<At<String>>),
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;
        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text or a list of texts")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts::One(text.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Texts, E> {
                Ok(Texts::One(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Texts, E> {
                Ok(Texts::One(number.to_string()))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Texts, E> {
                Err(E::custom(
                    "put this number in quotes, so that it is compared as you wrote it",
                ))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Texts, E> {
                Ok(Texts::One(value.to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element::<At<String>>()? {
                    texts.push(text);
                }
                Ok(Texts::Many(texts))
            }
        }
        deserializer.deserialize_any(TextsVisitor)
    }
}

/// Which payloads fit: this one, one of these, or `{ everything: true }`.
#[derive(Debug)]
pub(super) enum PayloadMatch {
    /// One of these, compared exactly.
    Payloads(Vec<At<String>>),
    /// Whatever it is.
    Everything(At<bool>),
}

impl<'de> Deserialize<'de> for PayloadMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Conditions {
            payload: Option<OneOrMany>,
            everything: Option<At<bool>>,
        }
        enum Written {
            Texts(Texts),
            Conditions(Conditions),
        }
        struct WrittenVisitor;
        impl<'de> Visitor<'de> for WrittenVisitor {
            type Value = Written;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a payload, a list of payloads, or { everything: true }")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Written, E> {
                Ok(Written::Texts(Texts::One(text.to_owned())))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Written, E> {
                Ok(Written::Texts(Texts::One(number.to_string())))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Written, E> {
                Ok(Written::Texts(Texts::One(number.to_string())))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Written, E> {
                Err(E::custom(
                    "put this number in quotes, so that it is compared as you wrote it",
                ))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Written, E> {
                Ok(Written::Texts(Texts::One(value.to_string())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Written, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element::<At<String>>()? {
                    texts.push(text);
                }
                Ok(Written::Texts(Texts::Many(texts)))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
                Conditions::deserialize(de::value::MapAccessDeserializer::new(map)).map(Written::Conditions)
            }
        }
        struct AnyWritten(Written);
        impl<'de> Deserialize<'de> for AnyWritten {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(WrittenVisitor).map(AnyWritten)
            }
        }
        let written = At::<AnyWritten>::deserialize(deserializer)?;
        let (line, column) = (written.line, written.column);
        match written.value.0 {
            Written::Texts(Texts::One(value)) => Ok(Self::Payloads(vec![At { value, line, column }])),
            Written::Texts(Texts::Many(values)) => Ok(Self::Payloads(values)),
            Written::Conditions(Conditions {
                payload: Some(texts),
                everything: None,
            }) => Ok(Self::Payloads(texts.0.value)),
            Written::Conditions(Conditions {
                payload: None,
                everything: Some(everything),
            }) => Ok(Self::Everything(everything)),
            Written::Conditions(_) => Err(de::Error::custom("give either a payload or `everything: true`")),
        }
    }
}

impl JsonSchema for PayloadMatch {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "PayloadMatch".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                { "type": "object", "additionalProperties": false, "required": ["everything"],
                  "properties": { "everything": { "const": true } } },
                { "type": "object", "additionalProperties": false, "required": ["payload"],
                  "properties": { "payload": { "anyOf": [
                      { "type": "string" },
                      { "type": "array", "items": { "type": "string" }, "minItems": 1 } ] } } }
            ]
        })
    }
}

/// One step. Texts may hold `{{ person.username }}` and the like.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Show the typing sign this long.
    Typing(At<Duration>),
    /// Send a message.
    Send(Send),
    /// Answer publicly under the comment.
    Reply(Reply),
    /// Ask, wait for the answer and keep it.
    Ask(Box<Ask>),
    /// Do one thing or another.
    If(If),
    /// Keep values about this person.
    Set(BTreeMap<String, At<Value>>),
    /// Go on after this time, across restarts.
    Wait(At<Duration>),
    /// React to the person's message: `love` or an emoji.
    React(At<String>),
    /// Call another program.
    Http(Box<Http>),
    /// Stop answering in this thread and call a human.
    HandOver(HandOver),
}

/// A message to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    /// The text, at most 1,000 bytes in one message; longer ones are split at a word.
    pub(super) text: Option<At<String>>,
    /// One to three buttons under the text.
    pub(super) buttons: Option<At<Vec<At<Button>>>>,
    /// Up to thirteen chips under the text. In the self thread they come as buttons.
    pub(super) quick_replies: Option<At<Vec<At<QuickReply>>>>,
    /// A picture, by its address.
    pub(super) image: Option<At<String>>,
}

/// A button: a title, and either a payload or an address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Button {
    /// What it says, at most 20 characters.
    pub(super) title: At<String>,
    /// What a tap on it sends back.
    pub(super) payload: Option<At<String>>,
    /// What a tap on it opens.
    pub(super) url: Option<At<String>>,
}

/// A chip under a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuickReply {
    /// What it says, at most 20 characters.
    pub(super) title: At<String>,
    /// What a tap on it sends back. Absent: the title.
    pub(super) payload: Option<At<String>>,
}

/// A public reply.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// What it says.
    pub(super) text: At<String>,
}

/// A question whose answer is kept.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    /// The question.
    pub(super) text: At<String>,
    /// The name the answer is kept under; later texts use it as `{{ name }}`.
    pub(super) keep_as: At<String>,
    /// What kind of answer fits.
    #[serde(default)]
    pub(super) answer: AnswerKind,
    /// The answers offered as chips. With `answer: choice`, the only ones that fit.
    pub(super) quick_replies: Option<At<Vec<At<QuickReply>>>>,
    /// What to say when the answer does not fit. Absent: the question again.
    pub(super) again: Option<At<String>>,
    /// How often to ask before giving up; 3 unless told.
    pub(super) tries: Option<At<u32>>,
    /// How long to wait for the answer; 23 hours unless told, an hour less than Instagram lets businesses write.
    pub(super) timeout: Option<At<Duration>>,
    /// What to do instead of the rest when no fitting answer came.
    pub(super) otherwise: Option<Vec<At<Step>>>,
}

/// The kinds of answer that a question can ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnswerKind {
    /// Any text.
    #[default]
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One of the quick replies.
    Choice,
}

/// A fork.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct If {
    /// An expression such as `size == "large"` or `guests > 4`.
    pub(super) condition: At<String>,
    /// What to do when it is true.
    pub(super) then: Vec<At<Step>>,
    /// What to do when it is not.
    #[serde(default, rename = "else")]
    pub(super) otherwise: Vec<At<Step>>,
}

/// A call to another program.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Http {
    /// The method; POST unless told.
    #[serde(default)]
    pub(super) method: Method,
    /// The address.
    pub(super) url: At<String>,
    /// Headers to send.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, At<String>>,
    /// The body, sent as JSON; texts in it may hold `{{ … }}`.
    pub(super) json: Option<At<Value>>,
    /// The name the JSON answer is kept under.
    pub(super) keep_as: Option<At<String>>,
    /// How long to wait for the answer; 5 s unless told, at most 10 s.
    pub(super) timeout: Option<At<Duration>>,
    /// What to do instead of the rest when the call failed.
    pub(super) otherwise: Option<Vec<At<Step>>>,
}

/// The methods an `http` step can use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Method {
    /// GET.
    Get,
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// A hand-over to a human.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOver {
    /// What the human should know.
    pub(super) note: Option<At<String>>,
}

/// A length of time as people write it: `400ms`, `2s`, `15m`, `25h`, `3d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duration {
    /// In milliseconds.
    pub(super) milliseconds: i64,
}

/// The longest time that can be written: a year.
const LONGEST_MS: i64 = 366 * 24 * 60 * 60 * 1000;

impl Duration {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let split = text.find(|character: char| !character.is_ascii_digit())?;
        let (digits, unit) = text.split_at(split);
        let number: i64 = digits.parse().ok()?;
        let unit_ms = match unit.trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60 * 1000,
            "h" => 60 * 60 * 1000,
            "d" => 24 * 60 * 60 * 1000,
            _ => return None,
        };
        let milliseconds = number.checked_mul(unit_ms)?;
        (milliseconds <= LONGEST_MS).then_some(Self { milliseconds })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is not a length of time; write it like 400ms, 2s, 15m, 25h or 3d (at most 366d)"
            ))
        })
    }
}

impl JsonSchema for Duration {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+ ?(ms|s|m|h|d)$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("400ms", 400),
            ("2s", 2000),
            ("15m", 900_000),
            ("25h", 90_000_000),
            ("3 d", 259_200_000),
        ] {
            assert_eq!(Duration::parse(text), Some(Duration { milliseconds }), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1.5s", "1y", "9999999999999999999s", "367d"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
