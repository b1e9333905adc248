//! What somebody does in a preview: gestures that are made up, or that an automation waits for.

use selfsame_wire::ids::CommentId;
use serde::{Deserialize, Serialize};

use super::event::{CommentFacts, MessageFacts, PostbackFacts, Trigger};

/// The longest text of a gesture, in characters.
pub const GESTURE_LIMIT_CHARS: usize = 2_000;
/// The id of a comment that nobody made.
const MADE_UP_COMMENT: &str = "made-up-comment";

/// A gesture, named as in `when:` of an automations file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Gesture {
    /// A direct message.
    Message {
        /// What it says.
        text: String,
    },
    /// A tap on a button or an ice breaker.
    Postback {
        /// What it sends back.
        payload: String,
        /// What it says; the payload when absent.
        #[serde(default)]
        title: String,
    },
    /// A comment under a post.
    Comment {
        /// What it says.
        text: String,
    },
    /// A comment under a live broadcast.
    LiveComment {
        /// What it says.
        text: String,
    },
    /// An answer to a story.
    StoryReply {
        /// What it says.
        text: String,
    },
    /// A mention in somebody's story.
    StoryMention {},
    /// Somebody comes through a link.
    Referral {
        /// The `ref` of the link.
        #[serde(rename = "ref")]
        reference: String,
    },
    /// The first message of a person.
    FirstMessage {
        /// What it says.
        text: String,
    },
}

impl Gesture {
    /// The event it makes.
    pub(super) fn trigger(&self) -> Trigger {
        let message = |text: &str| MessageFacts {
            text: Some(text.to_owned()),
            ..MessageFacts::default()
        };
        let comment = |text: &str, live| {
            Trigger::Comment(CommentFacts {
                comment_id: CommentId::new(MADE_UP_COMMENT),
                media_id: None,
                text: text.to_owned(),
                parent_id: None,
                live,
            })
        };
        match self {
            Self::Message { text } | Self::FirstMessage { text } => Trigger::Message(message(text)),
            Self::Postback { payload, title } => Trigger::Postback(PostbackFacts {
                mid: None,
                title: if title.is_empty() { payload } else { title }.clone(),
                payload: payload.clone(),
            }),
            Self::Comment { text } => comment(text, false),
            Self::LiveComment { text } => comment(text, true),
            Self::StoryReply { text } => Trigger::Message(MessageFacts {
                replied_story_id: Some("made-up-story".to_owned()),
                ..message(text)
            }),
            Self::StoryMention {} => Trigger::Message(MessageFacts {
                attachment_kinds: vec!["story_mention".to_owned()],
                ..MessageFacts::default()
            }),
            Self::Referral { reference } => Trigger::Referral {
                reference: reference.clone(),
            },
        }
    }

    /// Whether it is the first thing this person ever does.
    pub(super) const fn is_first_contact(&self) -> bool {
        matches!(self, Self::FirstMessage { .. })
    }

    /// Its kind, as in `when:`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Postback { .. } => "postback",
            Self::Comment { .. } => "comment",
            Self::LiveComment { .. } => "live_comment",
            Self::StoryReply { .. } => "story_reply",
            Self::StoryMention {} => "story_mention",
            Self::Referral { .. } => "referral",
            Self::FirstMessage { .. } => "first_message",
        }
    }

    /// What was written or tapped.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Message { text }
            | Self::Comment { text }
            | Self::LiveComment { text }
            | Self::StoryReply { text }
            | Self::FirstMessage { text } => Some(text),
            Self::Postback { payload, title } => Some(if title.is_empty() { payload } else { title }),
            Self::Referral { reference } => Some(reference),
            Self::StoryMention {} => None,
        }
    }

    /// What the owner has to do for it, in plain words.
    pub fn instruction(&self) -> String {
        match self {
            Self::Message { text } | Self::FirstMessage { text } => format!("Write “{text}” to yourself."),
            Self::Postback { payload, title } => {
                let title = if title.is_empty() { payload } else { title };
                format!("Tap “{title}” in the chat with yourself.")
            }
            Self::Comment { text } => format!("Comment “{text}” under one of your own posts."),
            Self::LiveComment { text } => format!("Comment “{text}” under your own live broadcast."),
            Self::StoryReply { text } => format!("Answer one of your own stories with “{text}”."),
            Self::StoryMention {} => "Mention yourself in a story.".to_owned(),
            Self::Referral { reference } => format!("Open your own ig.me link with ref={reference}."),
        }
    }

    /// Whether its texts fit.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn check(&self) -> Result<(), String> {
        let texts = match self {
            Self::Postback { payload, title } => vec![payload, title],
            Self::Message { text }
            | Self::Comment { text }
            | Self::LiveComment { text }
            | Self::StoryReply { text }
            | Self::FirstMessage { text } => vec![text],
            Self::Referral { reference } => vec![reference],
            Self::StoryMention {} => Vec::new(),
        };
        if texts.iter().any(|text| text.chars().count() > GESTURE_LIMIT_CHARS) {
            return Err(format!(
                "the text of a gesture is at most {GESTURE_LIMIT_CHARS} characters long"
            ));
        }
        if texts.first().is_some_and(|text| text.trim().is_empty()) {
            return Err(format!("a {} needs a text or a payload", self.kind()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_gesture_is_written_as_in_the_file_and_unknown_parts_are_named() {
        let read = |value| serde_json::from_value::<Gesture>(value);
        assert_eq!(
            read(json!({"message": {"text": "menu"}})).unwrap(),
            Gesture::Message {
                text: "menu".to_owned()
            }
        );
        assert_eq!(
            read(json!({"postback": {"payload": "COFFEE"}})).unwrap().said(),
            Some("COFFEE")
        );
        assert_eq!(read(json!({"story_mention": {}})).unwrap(), Gesture::StoryMention {});
        for wrong in [
            json!({"message": {"txt": "menu"}}),
            json!({"message": {"text": "menu", "more": 1}}),
            json!({"telegram": {}}),
            json!("menu"),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gesture_without_words_or_with_too_many_is_refused() {
        let message = |text: &str| Gesture::Message { text: text.to_owned() };
        assert!(message("menu").check().is_ok());
        assert!(message("  ").check().is_err());
        assert!(message(&"x".repeat(GESTURE_LIMIT_CHARS + 1)).check().is_err());
        assert!(Gesture::StoryMention {}.check().is_ok());
    }
}
