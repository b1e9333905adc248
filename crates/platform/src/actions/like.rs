//! Somebody likes media or a comment, or takes the like back: a person on the phone, or an account through its app
//! (contract: other-apis §6.6 "Likes"). Likes have no webhook.

use super::GestureRefusal;
use super::gesture::refuse_blocked;
use super::scene::account;
use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::media::Media;
use crate::hub::StreamEvent;
use crate::store::likes::Likeable;
use crate::store::{Durability, Failure, StoreError, Tx, accounts, comments, likes, media};
use crate::world::World;

/// What is liked, by its Graph id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LikeTarget {
    /// A post, reel or story.
    Media(String),
    /// A comment or reply.
    Comment(String),
}

/// A like on the phone.
#[derive(Debug, Clone)]
pub struct Like {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// What.
    pub target: LikeTarget,
    /// False takes the like back.
    pub likes: bool,
}

/// A like by an app.
#[derive(Debug, Clone)]
pub struct ApiLike {
    /// Who calls.
    pub caller: Caller,
    /// What.
    pub target: LikeTarget,
    /// False takes the like back.
    pub likes: bool,
}

/// Why an app cannot like something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LikeRefusal {
    /// Nothing has that id.
    #[error("no media and no comment of this world has the id {0:?}")]
    Unknown(String),
    /// Stories cannot be liked through the API.
    #[error("{0:?} is a story (or stands under one), which the API does not like")]
    Story(String),
    /// Media of private accounts cannot be liked, nor what stands under it.
    #[error("the owner of that media, @{0}, is a private account")]
    Private(String),
}

impl World {
    /// Likes as a person. Answers how many like it now.
    pub async fn like(&self, like: Like) -> Result<i64, Failure<GestureRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| {
                let person = account(tx, &like.person, "as")?;
                let unknown = || match &like.target {
                    LikeTarget::Media(id) => GestureRefusal::UnknownMedia { media: id.clone() },
                    LikeTarget::Comment(id) => GestureRefusal::UnknownComment {
                        field: "comment",
                        comment: id.clone(),
                    },
                };
                let Some((what, media, owner)) = find(tx, &like.target)? else {
                    return Err(Failure::Refused(unknown()));
                };
                if owner.key != person.key {
                    refuse_blocked(tx, &person, &owner)?;
                }
                if media.has_expired(now_ms) {
                    return Err(Failure::Refused(GestureRefusal::StoryExpired {
                        media: media.media_id.into_string(),
                    }));
                }
                put(tx, what, &person, like.likes, now_ms)?;
                Ok(likes::count(tx, what)?)
            })
            .await
    }

    /// Likes as an account.
    pub async fn like_by_app(&self, like: ApiLike) -> Result<(), Failure<LikeRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| {
                let (LikeTarget::Media(id) | LikeTarget::Comment(id)) = &like.target;
                let Some((what, media, owner)) = find(tx, &like.target)? else {
                    return Err(Failure::Refused(LikeRefusal::Unknown(id.clone())));
                };
                if media.is_story() {
                    return Err(Failure::Refused(LikeRefusal::Story(id.clone())));
                }
                if !owner.is_public && owner.key != like.caller.account.key {
                    return Err(Failure::Refused(LikeRefusal::Private(owner.username)));
                }
                Ok(put(tx, what, &like.caller.account, like.likes, now_ms)?)
            })
            .await
    }
}

/// What is liked, with its media and the media's owner.
fn find(tx: &Tx<'_>, target: &LikeTarget) -> Result<Option<(Likeable, Media, Account)>, StoreError> {
    let (what, found) = match target {
        LikeTarget::Media(id) => {
            let found = media::by_id(tx, id)?;
            (found.as_ref().map(|media| Likeable::Media(media.key)), found)
        }
        LikeTarget::Comment(id) => match comments::by_id(tx, id)? {
            Some(comment) => (Some(Likeable::Comment(comment.key)), media::by_key(tx, comment.media)?),
            None => (None, None),
        },
    };
    let (Some(what), Some(media)) = (what, found) else {
        return Ok(None);
    };
    let owner = accounts::by_key(tx, media.owner)?;
    Ok(owner.map(|owner| (what, media, owner)))
}

fn put(tx: &Tx<'_>, what: Likeable, who: &Account, likes: bool, now_ms: i64) -> Result<(), StoreError> {
    if likes {
        likes::like(tx, what, who.key, now_ms)?;
    } else {
        likes::unlike(tx, what, who.key)?;
    }
    if let Likeable::Comment(comment) = what {
        tx.tell(StreamEvent::Comment, comment.0)?;
    }
    Ok(())
}
