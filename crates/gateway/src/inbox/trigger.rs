//! An incoming event as the automations see it.

use selfsame_wire::ids::{CommentId, MessageId};
use selfsame_wire::webhook::{Event, Incoming, ReplyTo};

use crate::automation::{CommentFacts, MentionFacts, MessageFacts, PostbackFacts, Trigger};

/// What a person did, if it is something that automations can be for.
pub(super) fn trigger_of(incoming: &Incoming) -> Option<Trigger> {
    Some(match &incoming.event {
        Event::Message(message) => Trigger::Message(MessageFacts {
            mid: Some(message.mid.clone()),
            text: message.text.clone(),
            attachment_kinds: message.attachments.iter().map(|one| one.kind.clone()).collect(),
            quick_reply_payload: message.quick_reply.as_ref().map(|tap| tap.payload.clone()),
            replied_story_id: match &message.reply_to {
                Some(ReplyTo::Story { id, .. }) => id.as_ref().map(|id| id.as_str().to_owned()),
                _ => None,
            },
            referral: message
                .referral
                .as_ref()
                .and_then(|referral| referral.reference.clone()),
        }),
        Event::Postback(postback) => Trigger::Postback(PostbackFacts {
            mid: postback.mid.clone(),
            title: postback.title.clone().unwrap_or_default(),
            payload: postback.payload.clone().unwrap_or_default(),
        }),
        Event::Comment(comment) | Event::LiveComment(comment) => Trigger::Comment(CommentFacts {
            comment_id: comment.id.clone(),
            media_id: comment.media.as_ref().map(|media| media.id.clone()),
            text: comment.text.clone().unwrap_or_default(),
            parent_id: comment.parent_id.clone(),
            live: matches!(incoming.event, Event::LiveComment(_)),
        }),
        Event::Mention(mention) => Trigger::Mention(MentionFacts {
            media_id: mention.media_id.clone()?,
            comment_id: mention.comment_id.clone(),
        }),
        Event::Referral(referral) => Trigger::Referral {
            reference: referral.reference.clone().unwrap_or_default(),
        },
        _ => return None,
    })
}

/// The mid or comment id an event is about.
pub(super) fn subject_of(incoming: &Incoming) -> Option<&str> {
    match &incoming.event {
        Event::Message(message) => Some(message.mid.as_str()),
        Event::Postback(postback) => postback.mid.as_ref().map(MessageId::as_str),
        Event::Reaction(reaction) => Some(reaction.mid.as_str()),
        Event::Read(read) => Some(read.mid.as_str()),
        Event::Edit(edit) => Some(edit.mid.as_str()),
        Event::Comment(comment) | Event::LiveComment(comment) => Some(comment.id.as_str()),
        Event::Mention(mention) => mention.comment_id.as_ref().map(CommentId::as_str),
        _ => None,
    }
}

/// What was written or tapped, for people.
pub(super) fn said_by(incoming: &Incoming) -> Option<&str> {
    match &incoming.event {
        Event::Message(message) => message.text.as_deref(),
        Event::Postback(postback) => postback.title.as_deref().or(postback.payload.as_deref()),
        Event::Comment(comment) | Event::LiveComment(comment) => comment.text.as_deref(),
        _ => None,
    }
}

/// The event's kind as stored and shown.
pub(super) const fn kind_of(event: &Event) -> &'static str {
    match event {
        Event::Message(message) if message.is_deleted => "unsend",
        Event::Message(_) => "message",
        Event::Postback(_) => "postback",
        Event::Reaction(_) => "reaction",
        Event::Read(_) => "read",
        Event::Edit(_) => "edit",
        Event::Referral(_) => "referral",
        Event::Optin(_) => "optin",
        Event::Handover(_) => "handover",
        Event::Comment(_) => "comment",
        Event::LiveComment(_) => "live_comment",
        Event::Mention(_) => "mention",
        Event::StoryInsights(_) => "story_insights",
        Event::Kept(kept) => kept.name,
        Event::Unrecognised { .. } => "unrecognised",
    }
}
