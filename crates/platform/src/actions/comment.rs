//! A person comments on the phone.

use jiff::Timestamp;
use selfsame_runtime::random::Random;
use selfsame_wire::ids::CommentId;

use super::gesture::refuse_blocked;
use super::scene::{account, sees};
use super::{GestureRefusal, notify};
use crate::domain::account::Account;
use crate::domain::commenting::{Written, comment_written, mention_written, mentioned};
use crate::domain::identifiers;
use crate::domain::keys::{AccountKey, AppKey, DeliveryKey};
use crate::domain::media::{Comment, Media};
use crate::domain::message::Origin;
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, StoreError, Tx, accounts, comments, media};
use crate::switches::Switches;
use crate::world::World;

/// Longest comment, in bytes.
const COMMENT_BYTES_MAX: usize = 8_800;
/// Names the newest media.
const LATEST: &str = "latest";

/// A comment typed on the phone.
#[derive(Debug, Clone)]
pub struct PhoneComment {
    /// Username of the author, with or without `@`.
    pub author: String,
    /// Media id, or `latest`: the newest media of the author if she has any, else the newest of all.
    pub media: String,
    /// Text.
    pub text: String,
    /// Id of the comment it answers.
    pub parent: Option<String>,
}

/// What a comment brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commented {
    /// Its id.
    pub comment_id: CommentId,
    /// Deliveries, suppressed ones included.
    pub notifications: Vec<DeliveryKey>,
}

impl World {
    /// Writes a comment as a person and notifies the apps of the media's owner.
    pub async fn comment(&self, comment: PhoneComment) -> Result<Commented, Failure<GestureRefusal>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let commented = self
            .store
            .write(Durability::Durable, move |tx| {
                write(tx, &random, &switches, &comment, now)
            })
            .await?;
        self.deliveries.ring();
        Ok(commented)
    }
}

fn write(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    comment: &PhoneComment,
    now: Timestamp,
) -> Result<Commented, Failure<GestureRefusal>> {
    let author = account(tx, &comment.author, "as")?;
    let media = find_media(tx, &author, &comment.media)?;
    if media.owner != author.key
        && let Some(owner) = accounts::by_key(tx, media.owner)?
    {
        refuse_blocked(tx, &author, &owner)?;
    }
    if comment.text.trim().is_empty() {
        return Err(Failure::Refused(GestureRefusal::Empty));
    }
    if comment.text.len() > COMMENT_BYTES_MAX {
        return Err(Failure::Refused(GestureRefusal::TooLong {
            bytes: comment.text.len(),
            max: COMMENT_BYTES_MAX,
        }));
    }
    if !media.comments_enabled {
        return Err(Failure::Refused(GestureRefusal::CommentsDisabled));
    }
    if media.has_expired(now.as_millisecond()) {
        return Err(Failure::Refused(GestureRefusal::StoryExpired {
            media: media.media_id.as_str().to_owned(),
        }));
    }
    if media.is_live && !media.is_broadcasting() {
        return Err(Failure::Refused(GestureRefusal::LiveEnded));
    }
    let parent = match &comment.parent {
        None => None,
        Some(id) => Some(
            comments::by_id(tx, id)?
                .filter(|parent| parent.media == media.key)
                .ok_or_else(|| {
                    Failure::Refused(GestureRefusal::UnknownComment {
                        field: "parent",
                        comment: id.clone(),
                    })
                })?,
        ),
    };
    Ok(store_comment(
        tx,
        random,
        switches,
        &media,
        &author,
        parent.as_ref(),
        &comment.text,
        None,
        now,
    )?)
}

/// Stores a comment of a person or (with `app`) of an app, and notifies. Replies to replies join the top-level comment.
#[expect(clippy::too_many_arguments, reason = "one row with everything that it refers to")]
pub(super) fn store_comment(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    media: &Media,
    author: &Account,
    parent: Option<&Comment>,
    text: &str,
    app: Option<AppKey>,
    now: Timestamp,
) -> Result<Commented, StoreError> {
    let now_ms = now.as_millisecond();
    let owner = accounts::by_key(tx, media.owner)?.ok_or_else(|| StoreError::Corrupt {
        what: "media owner",
        value: media.owner.to_string(),
    })?;
    let (parent_key, parent_id) = match parent {
        None => (None, None),
        Some(Comment {
            parent: Some(top),
            parent_id,
            ..
        }) => (Some(*top), parent_id.clone()),
        Some(parent) => (Some(parent.key), Some(parent.comment_id.clone())),
    };
    let comment_id = identifiers::comment_id(random);
    let key = comments::insert(
        tx,
        &comments::NewComment {
            comment_id: comment_id.clone(),
            media: media.key,
            author: author.key,
            parent: parent_key,
            origin: if app.is_some() { Origin::Api } else { Origin::Phone },
            app,
            text: text.to_owned(),
            created_at_ms: now_ms,
        },
    )?;
    tx.tell(StreamEvent::Comment, key.0)?;
    let author_seen_as = sees(tx, random, &owner, author.key)?;
    let written = Written {
        id: &comment_id,
        parent_id: parent_id.as_ref(),
        text,
        author,
        author_seen_as: author_seen_as.as_ref(),
        at: now,
    };
    let mut told = vec![comment_written(&owner, media, written)];
    told.extend(
        mentioned_accounts(tx, text, &[owner.key, author.key])?
            .iter()
            .map(|account| mention_written(account, media, Some(&comment_id), now)),
    );
    let notifications = notify(tx, switches, &told, now_ms)?;
    Ok(Commented {
        comment_id,
        notifications,
    })
}

/// Professional accounts that a text names, without those that it comes from or goes to anyway.
pub(super) fn mentioned_accounts(tx: &Tx<'_>, text: &str, without: &[AccountKey]) -> Result<Vec<Account>, StoreError> {
    let mut found = Vec::new();
    for username in mentioned(text) {
        if let Some(account) = accounts::by_username(tx, username)?
            && account.kind.is_professional()
            && !without.contains(&account.key)
        {
            found.push(account);
        }
    }
    Ok(found)
}

fn find_media(tx: &Tx<'_>, author: &Account, reference: &str) -> Result<Media, Failure<GestureRefusal>> {
    let found = if reference == LATEST {
        match media::latest(tx, author.key)? {
            Some(own) => Some(own),
            None => media::latest_of_all(tx)?,
        }
    } else {
        media::by_id(tx, reference)?
    };
    found.ok_or_else(|| {
        Failure::Refused(GestureRefusal::UnknownMedia {
            media: reference.to_owned(),
        })
    })
}
