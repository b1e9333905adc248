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
    /// Its place among all messages.
    pub id: u64,
    /// Its id.
    pub mid: String,
    /// Its text; of a template, the text that the template shows.
    #[serde(default)]
    pub text: Option<String>,
    /// Its buttons.
    #[serde(default)]
    pub buttons: Vec<Button>,
    /// Its quick replies, as the platform lists them.
    #[serde(default)]
    pub quick_replies: Vec<Value>,
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
        after: Option<u64>,
    ) -> Result<Vec<Answer>, CallError> {
        let mut answers: Vec<Answer> = Vec::new();
        while answers.len() < MAX_ANSWERS {
            let timeout = if answers.is_empty() { self.first_within } else { LINGER };
            let after = answers.last().map(|answer| answer.id).or(after);
            match next_answer(house, parties, after, timeout).await? {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
        Ok(answers)
    }
}

impl Answer {
    /// A template has its text inside: that of a button template, or the titles of a generic one.
    fn with_template_text(mut self) -> Self {
        if self.text.is_some() {
            return self;
        }
        let Some(payload) = self.attachments.iter().find_map(|attachment| attachment.get("payload")) else {
            return self;
        };
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        self.text = payload.get("text").and_then(text).or_else(|| {
            let elements = payload.get("elements")?.as_array()?;
            let titles: Vec<String> = elements
                .iter()
                .filter_map(|element| text(element.get("title")?))
                .collect();
            Some(titles.join("\n"))
        });
        self
    }
}

async fn next_answer(
    house: &HouseClient,
    parties: &Parties,
    after: Option<u64>,
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
        query.push(("after", after.to_string()));
    }
    let body = house.platform().get("/_sim/wait", &query).await?;
    let answer: WaitAnswer = serde_json::from_value(body).map_err(|error| CallError::Unreadable {
        url: Box::new(house.platform().base().clone()),
        reason: format!("/_sim/wait: {error}"),
    })?;
    let item = if answer.matched { answer.item } else { None };
    Ok(item.map(Answer::with_template_text))
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

/// The place of the newest message of a thread: what comes after it is new.
pub(super) async fn newest_place(house: &HouseClient, parties: &Parties) -> Result<Option<u64>, CallError> {
    let messages = thread_messages(house, parties).await?;
    Ok(messages.last().and_then(place))
}

/// The place of one message of a thread.
pub(super) async fn place_of(house: &HouseClient, parties: &Parties, mid: &str) -> Result<Option<u64>, CallError> {
    let messages = thread_messages(house, parties).await?;
    let found = messages
        .iter()
        .rev()
        .find(|message| message.get("mid").and_then(Value::as_str) == Some(mid));
    Ok(found.and_then(place))
}

fn place(message: &Value) -> Option<u64> {
    message.get("id").and_then(Value::as_u64)
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
    let query = [("a", parties.acting.clone()), ("b", parties.towards.clone())];
    let body = house.platform().get("/_sim/threads", &query).await?;
    let threads = body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(threads
        .into_iter()
        .next()
        .and_then(|thread| thread.get("messages").and_then(Value::as_array).cloned())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(attachments: &Value) -> Option<String> {
        let item = json!({"id": 1, "mid": "m", "text": null, "attachments": attachments});
        serde_json::from_value::<Answer>(item)
            .unwrap()
            .with_template_text()
            .text
    }

    #[test]
    fn a_template_says_what_it_shows() {
        let button = json!([{"type": "template", "payload": {"template_type": "button", "text": "Our menu"}}]);
        assert_eq!(answer(&button).as_deref(), Some("Our menu"));
        let generic = json!([{"type": "template", "payload": {"elements": [{"title": "A"}, {"title": "B"}]}}]);
        assert_eq!(answer(&generic).as_deref(), Some("A\nB"));
    }

    #[test]
    fn a_picture_says_nothing() {
        assert_eq!(
            answer(&json!([{"type": "image", "payload": {"url": "http://x.test"}}])),
            None
        );
        assert_eq!(answer(&json!([])), None);
    }
}
