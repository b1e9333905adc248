//! `POST /_sim/react`, `/_sim/seen`, `/_sim/edit`, `/_sim/unsend`: what is done to a message that exists.

use serde_json::json;

use super::dm::post_gesture;
use super::{GestureError, Gestured, Parties};
use crate::connection::HouseClient;

/// A double tap on a message.
const DEFAULT_REACTION: &str = "love";

/// A reaction on a message.
#[derive(Debug, Clone, Default)]
pub struct React {
    /// Who reacts; the only business account when absent.
    pub acting: Option<String>,
    /// The message.
    pub mid: String,
    /// The emoji; a heart when absent.
    pub emoji: Option<String>,
    /// Takes the reaction away instead.
    pub remove: bool,
}

/// A message seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Who has seen it; the only business account when absent.
    pub acting: Option<String>,
    /// The message.
    pub mid: String,
}

/// A message edited.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// Who edits; the only business account when absent.
    pub acting: Option<String>,
    /// The message.
    pub mid: String,
    /// Its text from now on.
    pub text: String,
}

/// A message taken back.
#[derive(Debug, Clone, Default)]
pub struct Unsend {
    /// Who takes it back; the only business account when absent.
    pub acting: Option<String>,
    /// The message.
    pub mid: String,
}

impl React {
    /// Reacts.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<Gestured, GestureError> {
        let acting = Parties::meant(house, self.acting, None).await?.acting;
        let reaction = (!self.remove).then(|| self.emoji.unwrap_or_else(|| DEFAULT_REACTION.to_owned()));
        let body = json!({"as": acting, "mid": self.mid, "reaction": reaction});
        Ok(post_gesture(house, "/_sim/react", body).await?)
    }
}

impl Seen {
    /// Marks the message as seen.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<Gestured, GestureError> {
        let acting = Parties::meant(house, self.acting, None).await?.acting;
        Ok(post_gesture(house, "/_sim/seen", json!({"as": acting, "mid": self.mid})).await?)
    }
}

impl Edit {
    /// Edits the message.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<Gestured, GestureError> {
        let acting = Parties::meant(house, self.acting, None).await?.acting;
        Ok(post_gesture(
            house,
            "/_sim/edit",
            json!({"as": acting, "mid": self.mid, "text": self.text}),
        )
        .await?)
    }
}

impl Unsend {
    /// Takes the message back.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<Gestured, GestureError> {
        let acting = Parties::meant(house, self.acting, None).await?.acting;
        Ok(post_gesture(house, "/_sim/unsend", json!({"as": acting, "mid": self.mid})).await?)
    }
}
