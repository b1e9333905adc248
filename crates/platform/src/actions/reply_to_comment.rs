//! An app writes a comment: a public reply, or a comment of its own under the account's media.
//!
//! It comes back to the account's apps like any comment of the owner (contract: webhooks §4.7 "own comments/replies").

use selfsame_wire::ids::{CommentId, MediaId};

use super::Commented;
use super::comment::store_comment;
use crate::domain::caller::Caller;
use crate::store::{Durability, Failure, comments, media};
use crate::world::World;

/// What the comment is written under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentTarget {
    /// `POST /{comment}/replies`
    Comment(CommentId),
    /// `POST /{media}/comments`
    Media(MediaId),
}

/// A comment by an app.
#[derive(Debug, Clone)]
pub struct ApiComment {
    /// Who calls.
    pub caller: Caller,
    /// Under what.
    pub target: CommentTarget,
    /// Text.
    pub text: String,
}

/// The comment or media does not exist, or stands under another account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no comment or media {0:?} under this account's media")]
pub struct UnknownTarget(pub String);

impl World {
    /// Writes the comment and notifies.
    pub async fn reply_to_comment(&self, comment: ApiComment) -> Result<Commented, Failure<UnknownTarget>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let commented = self
            .store
            .write(Durability::Durable, move |tx| {
                let owner = &comment.caller.account;
                let (id, media, parent) = match &comment.target {
                    CommentTarget::Media(id) => (id.as_str(), media::by_id(tx, id.as_str())?, None),
                    CommentTarget::Comment(id) => {
                        let parent = comments::by_id(tx, id.as_str())?;
                        let media = parent
                            .as_ref()
                            .map(|parent| media::by_key(tx, parent.media))
                            .transpose()?
                            .flatten();
                        (id.as_str(), media, parent)
                    }
                };
                let media = media
                    .filter(|media| media.owner == owner.key)
                    .ok_or_else(|| Failure::Refused(UnknownTarget(id.to_owned())))?;
                let app = Some(comment.caller.app);
                Ok(store_comment(
                    tx,
                    &random,
                    &switches,
                    &media,
                    owner,
                    parent.as_ref(),
                    &comment.text,
                    app,
                    now,
                )?)
            })
            .await?;
        self.deliveries.ring();
        Ok(commented)
    }
}
