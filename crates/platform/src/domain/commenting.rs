//! What the apps of a media's owner are told about a comment (contract: webhooks §4.7, self-messaging §8.1 rule 11).

use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, IgScopedId, ParticipantId};
use selfsame_wire::webhook::{Change, Comment as CommentEvent, CommentAuthor, CommentMedia};

use super::account::Account;
use super::media::Media;
use super::notification::Notification;

/// A comment that was written.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// Its id.
    pub id: &'a CommentId,
    /// The comment it answers.
    pub parent_id: Option<&'a CommentId>,
    /// Text.
    pub text: &'a str,
    /// Who wrote it.
    pub author: &'a Account,
    /// The author as the media's owner sees her; the self IGSID for the owner's own comment.
    pub author_seen_as: Option<&'a IgScopedId>,
    /// When.
    pub at: Timestamp,
}

/// The one notification that a comment causes. The owner's own comments, replies through the API included, are told too:
/// with her IG id as `from.id` and her self IGSID beside it.
pub fn comment_written(owner: &Account, media: &Media, written: Written<'_>) -> Notification {
    let is_own = owner.key == written.author.key;
    let from = CommentAuthor {
        id: if is_own {
            owner.ig_id.as_ref().map(ParticipantId::of_account)
        } else {
            written.author_seen_as.map(ParticipantId::of_person)
        },
        username: Some(written.author.username.clone()),
        self_ig_scoped_id: if is_own { written.author_seen_as.cloned() } else { None },
    };
    let event = CommentEvent {
        id: written.id.clone(),
        parent_id: written.parent_id.cloned(),
        text: Some(written.text.to_owned()),
        from: Some(from),
        media: Some(CommentMedia {
            id: media.media_id.clone(),
            media_product_type: Some(media.media_product_type.clone()),
            ad_id: None,
            ad_title: None,
            original_media_id: None,
        }),
    };
    let change = if media.is_broadcasting() {
        Change::LiveComment(event)
    } else {
        Change::Comment(event)
    };
    Notification::comment(owner.key, owner.ig_id.as_ref(), written.at, written.id, change)
}
