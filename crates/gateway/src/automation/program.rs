//! Automations as the engine runs them: checked, without places in a file, fit to be stored.
//!
//! A run that waits keeps the steps that are still to do in this form, so that an edit of the file
//! never changes a conversation that has begun.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One step. Texts are still templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Step {
    /// Show the typing sign.
    Typing {
        /// How long.
        duration_ms: u32,
    },
    /// Send messages.
    Send(Message),
    /// Answer publicly under the comment.
    Reply {
        /// What to say.
        text: String,
    },
    /// Ask and wait for the answer.
    Ask(Box<Question>),
    /// Do one thing or another.
    If {
        /// An expression.
        condition: String,
        /// When it is true.
        then: Vec<Step>,
        /// When it is not.
        otherwise: Vec<Step>,
    },
    /// Keep values.
    Set {
        /// By name; texts are templates.
        values: BTreeMap<String, Value>,
    },
    /// Go on later.
    Wait {
        /// How much world time later.
        duration_ms: i64,
    },
    /// React to the person's message.
    React {
        /// `love` or an emoji.
        reaction: String,
    },
    /// Call another program.
    Http(Box<Call>),
    /// Stop and call a human.
    HandOver {
        /// What the human should know.
        note: String,
    },
}

/// What a `send` or a question says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// The text.
    pub(crate) text: Option<String>,
    /// Buttons under the text.
    pub(crate) buttons: Vec<ButtonTemplate>,
    /// Chips under the text.
    pub(crate) chips: Vec<ChipTemplate>,
    /// A picture's address.
    pub(crate) image: Option<String>,
}

/// A button whose texts are templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ButtonTemplate {
    /// What it says.
    pub(crate) title: String,
    /// What a tap sends back; otherwise `url` is set.
    pub(crate) payload: Option<String>,
    /// What a tap opens.
    pub(crate) url: Option<String>,
}

/// A chip whose texts are templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChipTemplate {
    /// What it says.
    pub(crate) title: String,
    /// What a tap sends back.
    pub(crate) payload: String,
}

/// The kinds of answer that a question can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One of the chips.
    Choice,
}

/// A question and what to do with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Question {
    /// What is asked.
    pub(crate) message: Message,
    /// The name the answer is kept under.
    pub(crate) keep_as: String,
    /// What fits.
    pub(crate) kind: AnswerKind,
    /// What to say when the answer does not fit.
    pub(crate) again: String,
    /// How often to ask at most.
    pub(crate) tries: u32,
    /// How long to wait.
    pub(crate) timeout_ms: i64,
    /// Instead of the rest, when no answer came. `None`: nothing more happens.
    pub(crate) otherwise: Vec<Step>,
}

/// A call to another program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// GET, POST, …
    pub(crate) method: String,
    /// The address.
    pub(crate) url: String,
    /// Headers by name.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) json: Option<Value>,
    /// The name the answer is kept under.
    pub(crate) keep_as: Option<String>,
    /// How long to wait for the answer.
    pub(crate) timeout_ms: u32,
    /// Instead of the rest, when the call failed. `None`: go on with the rest.
    pub(crate) otherwise: Option<Vec<Step>>,
}
