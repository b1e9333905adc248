//! `POST /_sim/comment`: a comment below a post, and the public replies it gets.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dm::post_gesture;
use super::{Answer, GestureError, Parties, Wait};
use crate::connection::{CallError, HouseClient};

/// A comment.
#[derive(Debug, Clone, Default)]
pub struct Comment {
    /// Who comments; the only business account when absent.
    pub acting: Option<String>,
    /// The media id; the newest post when absent.
    pub media: Option<String>,
    /// The text.
    pub text: String,
    /// The comment it answers.
    pub parent: Option<String>,
}

/// What a comment did.
#[derive(Debug, Clone, Serialize)]
pub struct Commented {
    /// Its id.
    pub comment_id: String,
    /// Ids of the webhook deliveries it caused.
    pub notifications: Vec<Value>,
    /// The commenter, and whose post it is.
    #[serde(skip)]
    pub parties: Parties,
    /// The post.
    #[serde(skip)]
    pub media: String,
    /// The newest message of their thread before the comment: answers come after it.
    #[serde(skip)]
    pub after: Option<u64>,
}

#[derive(Deserialize)]
struct Stored {
    comment_id: String,
    #[serde(default)]
    notifications: Vec<Value>,
}

impl Comment {
    /// Comments.
    ///
    /// # Errors
    /// See [`GestureError`]; also when there is no post.
    pub async fn make(self, house: &HouseClient) -> Result<Commented, GestureError> {
        let world = house.world().await?;
        let acting = Parties::meant(house, self.acting, None).await?.acting;
        let post = match self.media.as_deref() {
            None | Some("latest") => world.media.last(),
            Some(id) => world.media.iter().find(|media| media.id == id),
        };
        let post = post.ok_or_else(|| {
            GestureError::Missing(match &self.media {
                Some(id) => format!("there is no post {id}; `selfsame world` lists them"),
                None => "there is no post to comment on".to_owned(),
            })
        })?;
        let parties = Parties {
            acting: acting.clone(),
            towards: format!("@{}", post.account),
        };
        let after = super::answers::newest_place(house, &parties).await?;
        let mut body = json!({"as": acting, "media": post.id, "text": self.text});
        if let (Some(parent), Some(fields)) = (self.parent, body.as_object_mut()) {
            fields.insert("parent".to_owned(), json!(parent));
        }
        let stored: Stored = post_gesture(house, "/_sim/comment", body).await?;
        Ok(Commented {
            comment_id: stored.comment_id,
            notifications: stored.notifications,
            parties,
            media: post.id.clone(),
            after,
        })
    }
}

impl Commented {
    /// What came of it within a time: public replies to this comment, and messages to the commenter.
    ///
    /// # Errors
    /// When the platform does not answer. Nothing in time is empty lists, not an error.
    pub async fn outcome(
        &self,
        house: &HouseClient,
        first_within: Duration,
    ) -> Result<(Vec<String>, Vec<Answer>), CallError> {
        let messages = Wait { first_within }
            .for_answers(house, &self.parties, self.after)
            .await?;
        let media = house
            .platform()
            .get(&format!("/_sim/media/{}", self.media), &[])
            .await?;
        let comments = media
            .get("comments")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let replies = comments
            .iter()
            .filter(|comment| comment.get("parent_id").and_then(Value::as_str) == Some(self.comment_id.as_str()))
            .filter_map(|comment| comment.get("text").and_then(Value::as_str).map(ToOwned::to_owned))
            .collect();
        Ok((replies, messages))
    }
}
