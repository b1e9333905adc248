//! What the apps of a media's owner are told about a comment (contract: webhooks §4.7, self-messaging §8.1 rule 11).

use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, IgScopedId, ParticipantId};
use selfsame_wire::webhook::{Change, Comment as CommentEvent, CommentAuthor, CommentMedia, Mention};

use super::account::Account;
use super::media::{Comment, Media};
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
            ad_id: media.ad.as_ref().map(|ad| ad.ad_id.clone()),
            ad_title: media.ad.as_ref().and_then(|ad| ad.ad_title.clone()),
            original_media_id: media.ad.as_ref().and_then(|ad| ad.original_media_id.clone()),
        }),
    };
    let change = if media.is_broadcasting() {
        Change::LiveComment(event)
    } else {
        Change::Comment(event)
    };
    Notification::comment(owner.key, owner.ig_id.as_ref(), written.at, Some(written.id), change)
}

/// Accounts named in one text at most.
const MENTIONS_MAX: usize = 20;

/// The usernames behind `@` in a text, each once.
pub fn mentioned(text: &str) -> Vec<&str> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
    let mut names: Vec<&str> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let follows_name = text[..at].chars().next_back().is_some_and(is_name);
        let rest = &text[at.saturating_add(1)..];
        let name = rest[..rest.find(|character| !is_name(character)).unwrap_or(rest.len())].trim_end_matches('.');
        if !follows_name && !name.is_empty() && !names.contains(&name) && names.len() < MENTIONS_MAX {
            names.push(name);
        }
    }
    names
}

/// Whether a comment is a mention of an account: somebody else's, under somebody else's media, that names it. The error says why not.
pub fn mentions_in_comment(own: &Account, comment: &Comment, under: &Media) -> Result<(), String> {
    if under.owner == own.key {
        return Err("that comment stands under the account's own media; read it as GET /{comment}, and answer it by POST /{comment}/replies".to_owned());
    }
    if comment.author == own.key || !mentioned(&comment.text).contains(&own.username.as_str()) {
        return Err(format!("that comment is nobody else's that names @{}", own.username));
    }
    Ok(())
}

/// Whether media is a mention of an account: somebody else's, whose caption names it. The error says why not.
pub fn mentions_in_caption(own: &Account, media: &Media) -> Result<(), String> {
    if media.owner == own.key {
        return Err("that media is the account's own; read it as GET /{media}".to_owned());
    }
    if !mentioned(media.caption.as_deref().unwrap_or_default()).contains(&own.username.as_str()) {
        return Err(format!(
            "the caption of that media does not name @{}; a comment under it that does is named by comment_id",
            own.username
        ));
    }
    Ok(())
}

/// An account was named in a caption, or in a comment under somebody else's media (contract: webhooks §4.7).
pub fn mention_written(
    mentioned: &Account,
    media: &Media,
    comment_id: Option<&CommentId>,
    at: Timestamp,
) -> Notification {
    let change = Change::Mention(Mention {
        comment_id: comment_id.cloned(),
        media_id: Some(media.media_id.clone()),
    });
    Notification::comment(mentioned.key, mentioned.ig_id.as_ref(), at, comment_id, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_the_names_behind_an_at_sign_each_once() {
        let cases: [(&str, &[&str]); 5] = [
            ("@luna.coffee, look", &["luna.coffee"]),
            ("hi @sam and @luna.coffee. @sam!", &["sam", "luna.coffee"]),
            ("mail me at a@b.c", &[]),
            ("@ nobody", &[]),
            ("\u{e9}@sam\u{e9}", &["sam"]),
        ];
        for (text, names) in cases {
            assert_eq!(mentioned(text), names, "{text}");
        }
    }
}
