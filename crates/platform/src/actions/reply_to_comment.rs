//! An app writes a comment: a public reply, a comment of its own under the account's media, or an answer to a mention.
//!
//! It comes back to the account's apps like any comment of the owner (contract: webhooks §4.7 "own comments/replies").

use selfsame_wire::ids::{CommentId, MediaId};

use super::Commented;
use super::comment::store_comment;
use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::commenting::{mentions_in_caption, mentions_in_comment};
use crate::domain::media::{Comment, Media};
use crate::store::{Durability, Failure, Tx, comments, media};
use crate::world::World;

/// What the comment is written under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentTarget {
    /// `POST /{comment}/replies`
    Comment(CommentId),
    /// `POST /{media}/comments`
    Media(MediaId),
    /// `POST /{IG_ID}/mentions`: under somebody else's media.
    Mention {
        /// Whose caption names the account, or under which the comment stands.
        media: MediaId,
        /// The comment that names it.
        comment: Option<CommentId>,
    },
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

/// Why there is nothing to write the comment under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswerable {
    /// The comment or media does not exist, or stands under another account.
    #[error("there is no comment or media {0:?} under this account's media")]
    Unknown(String),
    /// The owner has hidden the comment.
    #[error("the comment is hidden, and hidden comments cannot be answered in public; show it first (hide=false)")]
    Hidden,
    /// The comment stands under a broadcast.
    #[error(
        "comments of a broadcast cannot be answered in public; while it is on air send a private reply (recipient.comment_id)"
    )]
    Live,
    /// What should be answered is no mention of the account.
    #[error("{0}")]
    NoMention(String),
}

impl World {
    /// Writes the comment and notifies.
    pub async fn reply_to_comment(&self, comment: ApiComment) -> Result<Commented, Failure<NotAnswerable>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let commented = self
            .store
            .write(Durability::Durable, move |tx| {
                let author = &comment.caller.account;
                let (media, parent) = find(tx, author, &comment.target)?;
                let app = Some(comment.caller.app);
                Ok(store_comment(
                    tx,
                    &random,
                    &switches,
                    &media,
                    author,
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

/// Under which media, and under which comment.
fn find(
    tx: &Tx<'_>,
    own: &Account,
    target: &CommentTarget,
) -> Result<(Media, Option<Comment>), Failure<NotAnswerable>> {
    let unknown = |id: &str| Failure::Refused(NotAnswerable::Unknown(id.to_owned()));
    let no_mention = |why: String| Failure::Refused(NotAnswerable::NoMention(why));
    match target {
        CommentTarget::Media(id) => {
            let media = media::by_id(tx, id.as_str())?.filter(|media| media.owner == own.key);
            Ok((media.ok_or_else(|| unknown(id.as_str()))?, None))
        }
        CommentTarget::Comment(id) => {
            let parent = comments::by_id(tx, id.as_str())?.ok_or_else(|| unknown(id.as_str()))?;
            let media = media::by_key(tx, parent.media)?.filter(|media| media.owner == own.key);
            let media = media.ok_or_else(|| unknown(id.as_str()))?;
            if media.is_live {
                return Err(Failure::Refused(NotAnswerable::Live));
            }
            if parent.hidden {
                return Err(Failure::Refused(NotAnswerable::Hidden));
            }
            Ok((media, Some(parent)))
        }
        CommentTarget::Mention { media: id, comment } => {
            let Some(media) = media::by_id(tx, id.as_str())? else {
                return Err(no_mention(format!(
                    "no media of this world has the id {:?}",
                    id.as_str()
                )));
            };
            if media.is_story() {
                return Err(no_mention(
                    "a mention in a story cannot be answered by a comment".to_owned(),
                ));
            }
            if !media.comments_enabled {
                return Err(no_mention(
                    "the owner of that media has switched comments off".to_owned(),
                ));
            }
            let Some(comment_id) = comment else {
                mentions_in_caption(own, &media).map_err(no_mention)?;
                return Ok((media, None));
            };
            let parent = comments::by_id(tx, comment_id.as_str())?.filter(|comment| comment.media == media.key);
            let Some(parent) = parent else {
                return Err(no_mention(format!(
                    "no comment {:?} stands under that media",
                    comment_id.as_str()
                )));
            };
            mentions_in_comment(own, &parent, &media).map_err(no_mention)?;
            Ok((media, Some(parent)))
        }
    }
}
