//! Waiting for what the business answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{GestureError, Parties};
use crate::connection::{CallError, HouseClient};

/// After an answer, how long to look for one more before the gesture counts as answered.
const LINGER: Duration = Duration::from_millis(300);
/// More answers than this to one gesture are a loop, not a conversation.
const MAX_ANSWERS: usize = 20;

/// A message from the business.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// Its id.
    pub mid: String,
    /// Its text.
    #[serde(default)]
    pub text: Option<String>,
    /// Its buttons.
    #[serde(default)]
    pub buttons: Vec<Button>,
    /// Attachments, as the platform lists them.
    #[serde(default)]
    pub attachments: Vec<Value>,
    /// World time, RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
}

/// A button below a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Button {
    /// `postback` or `web_url`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// What it says.
    pub title: String,
    /// What a tap sends.
    #[serde(default)]
    pub payload: Option<String>,
    /// Where a tap leads.
    #[serde(default)]
    pub url: Option<String>,
}

/// How long to wait for answers.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    /// Real time until the first answer.
    pub first_within: Duration,
}

#[derive(Deserialize)]
struct WaitAnswer {
    matched: bool,
    #[serde(default)]
    item: Option<Answer>,
}

impl Wait {
    /// The messages that the business sends into the thread of `parties` after the message `after`.
    ///
    /// # Errors
    /// When the platform does not answer. No message in time is an empty list, not an error.
    pub async fn for_answers(
        self,
        house: &HouseClient,
        parties: &Parties,
        after: Option<&str>,
    ) -> Result<Vec<Answer>, CallError> {
        let mut answers: Vec<Answer> = Vec::new();
        while answers.len() < MAX_ANSWERS {
            let timeout = if answers.is_empty() {
                self.first_within
            } else {
                LINGER
            };
            let after = answers.last().map(|answer| answer.mid.as_str()).or(after);
            match next_answer(house, parties, after, timeout).await? {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
        Ok(answers)
    }
}

async fn next_answer(
    house: &HouseClient,
    parties: &Parties,
    after: Option<&str>,
    timeout: Duration,
) -> Result<Option<Answer>, CallError> {
    let mut query = vec![
        ("for", "message".to_owned()),
        ("a", parties.acting.clone()),
        ("b", parties.towards.clone()),
        ("origin", "api".to_owned()),
        ("timeout", format!("{}ms", timeout.as_millis())),
    ];
    if let Some(after) = after {
        query.push(("after", after.to_owned()));
    }
    let body = house.platform().get("/_sim/wait", &query).await?;
    let answer: WaitAnswer =
        serde_json::from_value(body).map_err(|error| CallError::Unreadable {
            url: house.platform().base().clone(),
            reason: format!("/_sim/wait: {error}"),
        })?;
    Ok(if answer.matched { answer.item } else { None })
}

/// Whether an account has messaged itself on its phone, without which nothing can be sent to it as itself.
///
/// # Errors
/// When the platform does not answer.
pub async fn is_self_thread_open(house: &HouseClient, username: &str) -> Result<bool, CallError> {
    let account = format!("@{username}");
    let parties = Parties {
        acting: account.clone(),
        towards: account,
    };
    let messages = thread_messages(house, &parties).await?;
    Ok(messages
        .iter()
        .any(|message| message.get("origin").and_then(Value::as_str) == Some("phone")))
}

/// The id of the newest message of a thread.
pub(super) async fn newest_mid(
    house: &HouseClient,
    parties: &Parties,
) -> Result<Option<String>, CallError> {
    let messages = thread_messages(house, parties).await?;
    Ok(messages
        .last()
        .and_then(|message| message.get("mid"))
        .and_then(Value::as_str)
        .map(ToOwned::to_owned))
}

/// The id of the newest message of a thread that carries a button, or the button of this title.
pub(super) async fn newest_message_with_buttons(
    house: &HouseClient,
    parties: &Parties,
    button: Option<&str>,
) -> Result<Option<String>, GestureError> {
    let title = button.filter(|button| button.parse::<u64>().is_err());
    let carries = |message: &&Value| {
        let buttons = message
            .get("buttons")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        match title {
            None => !buttons.is_empty(),
            Some(title) => buttons
                .iter()
                .any(|button| button.get("title").and_then(Value::as_str) == Some(title)),
        }
    };
    let messages = thread_messages(house, parties).await?;
    let found = messages.iter().rev().find(carries);
    Ok(found
        .and_then(|message| message.get("mid"))
        .and_then(Value::as_str)
        .map(ToOwned::to_owned))
}

async fn thread_messages(house: &HouseClient, parties: &Parties) -> Result<Vec<Value>, CallError> {
    let query = [
        ("a", parties.acting.clone()),
        ("b", parties.towards.clone()),
    ];
    let body = house.platform().get("/_sim/threads", &query).await?;
    let threads = body
        .get("data")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    Ok(threads
        .into_iter()
        .next()
        .and_then(|thread| thread.get("messages").and_then(Value::as_array).cloned())
        .unwrap_or_default())
}
