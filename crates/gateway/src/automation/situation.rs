//! What the thread remembers between two events, as the engine reads and changes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::run::Run;

/// What is known of a thread before an event of it is decided.
///
/// [`Situation::default`] is a thread that nothing was ever remembered of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    /// Why nothing may be answered now although it will be later: the kill switch is on. A sentence for
    /// people; `None` lets automations run.
    pub withheld: Option<String>,
    /// Why this thread is not answered: a human took it over, or the account is in preview. A sentence
    /// for people; `None` lets automations run.
    pub silenced: Option<String>,
    /// Why public replies are shown and not posted: the comment was made up, or the draft runs on a real
    /// account. A sentence for people; `None` posts them.
    #[serde(default)]
    pub replies_shown_only: Option<String>,
    /// What `set` and `ask` kept about this person.
    pub variables: BTreeMap<String, Value>,
    /// The run that asked this person something and waits for the answer.
    pub question: Option<Run>,
}

/// What a decision changes about its thread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Values to keep about this person, by name.
    pub variables: BTreeMap<String, Value>,
    /// A human is to take over this thread; the note says what for.
    pub hand_over: Option<String>,
    /// Whether the question that waited (if one did) is answered or given up.
    pub question_closed: bool,
    /// The run goes on later: after a time, an answer, or a call.
    pub suspended: Option<Run>,
}
