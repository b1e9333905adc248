//! `POST /_sim/dm`: a message typed on somebody's phone.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{GestureError, Parties};
use crate::connection::{CallError, HouseClient};

/// A message typed on a phone.
#[derive(Debug, Clone, Default)]
pub struct Dm {
    /// Who types; the only business account when absent.
    pub acting: Option<String>,
    /// To whom; to oneself when absent.
    pub towards: Option<String>,
    /// The text.
    pub text: Option<String>,
    /// A picture, video, audio, file or shared post instead of a text.
    pub attachment: Option<Attachment>,
    /// The heart instead of a text.
    pub like_heart: bool,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// The payload of the quick reply that was tapped.
    pub quick_reply: Option<String>,
    /// Media id of the story that it answers.
    pub story: Option<String>,
    /// What the link carried (`ref`) through which the person came.
    pub referral: Option<String>,
}

/// Something sent instead of a text.
#[derive(Debug, Clone, Serialize)]
pub struct Attachment {
    /// `image`, `video`, `audio`, `file` or `share`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it lies, or what it shares.
    #[serde(flatten)]
    pub source: AttachmentSource,
}

/// What is sent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentSource {
    /// A file at this address.
    Url(String),
    /// The post, reel or story with this media id.
    Media(String),
}

/// What the platform stored for a gesture about a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gestured {
    /// The message that came of it, or that it is about.
    #[serde(default)]
    pub mid: Option<String>,
    /// The thread.
    #[serde(default)]
    pub thread_id: Option<Value>,
    /// Ids of the webhook deliveries it caused.
    #[serde(default)]
    pub notifications: Vec<Value>,
}

impl Dm {
    /// Types the message.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<(Parties, Gestured), GestureError> {
        let parties = Parties::meant(house, self.acting, self.towards).await?;
        let mut body = Map::new();
        body.insert("as".to_owned(), json!(parties.acting));
        body.insert("to".to_owned(), json!(parties.towards));
        if let Some(text) = self.text {
            body.insert("text".to_owned(), json!(text));
        }
        if let Some(attachment) = self.attachment {
            body.insert("attachment".to_owned(), json!(attachment));
        }
        if self.like_heart {
            body.insert("like_heart".to_owned(), json!(true));
        }
        if let Some(reply_to) = self.reply_to {
            body.insert("reply_to".to_owned(), json!(reply_to));
        }
        if let Some(quick_reply) = self.quick_reply {
            body.insert("quick_reply".to_owned(), json!(quick_reply));
        }
        if let Some(story) = self.story {
            body.insert("story".to_owned(), json!(story));
        }
        if let Some(reference) = self.referral {
            body.insert("referral".to_owned(), json!({"ref": reference}));
        }
        let gestured = post_gesture(house, "/_sim/dm", Value::Object(body)).await?;
        Ok((parties, gestured))
    }
}

impl Gestured {
    /// The place of its message in the thread: answers come after it.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub async fn place(&self, house: &HouseClient, parties: &Parties) -> Result<Option<u64>, CallError> {
        match &self.mid {
            Some(mid) => super::answers::place_of(house, parties, mid).await,
            None => Ok(None),
        }
    }
}

/// Posts a gesture and reads what the platform stored.
pub(super) async fn post_gesture<T: serde::de::DeserializeOwned>(
    house: &HouseClient,
    path: &str,
    body: Value,
) -> Result<T, CallError> {
    let answer = house.platform().post(path, &body).await?;
    serde_json::from_value(answer).map_err(|error| CallError::Unreadable {
        url: Box::new(house.platform().base().clone()),
        reason: format!("{path}: {error}"),
    })
}
