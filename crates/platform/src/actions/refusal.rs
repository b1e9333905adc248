//! Why a person cannot do something, in the words of `/_sim` and of the phone.

/// A gesture that makes no sense in this world. `code` is stable; `field` names the input at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GestureRefusal {
    /// No account of this name.
    #[error("there is no account {reference:?}; see `selfsame world` for the accounts")]
    UnknownAccount {
        /// Input that named it.
        field: &'static str,
        /// As given.
        reference: String,
    },
    /// No message of this id.
    #[error("there is no message {mid:?}")]
    UnknownMessage {
        /// As given.
        mid: String,
    },
    /// No media of this id.
    #[error("there is no media {media:?}")]
    UnknownMedia {
        /// As given.
        media: String,
    },
    /// No comment of this id, or none under the media in question.
    #[error("there is no comment {comment:?} here")]
    UnknownComment {
        /// Input that named it.
        field: &'static str,
        /// As given.
        comment: String,
    },
    /// The message has no such button.
    #[error("the message has no button {button:?}; it has: {available}")]
    UnknownButton {
        /// As given.
        button: String,
        /// Titles there are.
        available: String,
    },
    /// The account does not take part in the thread of that message.
    #[error("@{username} does not take part in that thread")]
    NotInThread {
        /// Who tried.
        username: String,
    },
    /// The message was written by somebody else.
    #[error("the message was not written by @{username} on the phone")]
    NotYours {
        /// Who tried.
        username: String,
    },
    /// The message was unsent.
    #[error("the message was unsent")]
    Unsent,
    /// Something to react with that is neither an emoji nor a name.
    #[error("{reaction:?} is neither an emoji nor one of love, laugh, wow, sad, angry, like")]
    NoReaction {
        /// As given.
        reaction: String,
    },
    /// Nothing to send.
    #[error("a message needs text, an attachment or a heart")]
    Empty,
    /// Text that Instagram would not take.
    #[error("the text has {bytes} bytes; at most {max} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A file that a phone cannot send.
    #[error("{name:?} cannot be sent: {why}")]
    File {
        /// Its name.
        name: String,
        /// Its type or size.
        why: String,
    },
    /// Several files that do not go into one message.
    #[error("several files go together only when all are pictures, at most {max}; send the others one by one")]
    MixedFiles {
        /// Pictures in one message.
        max: usize,
    },
    /// The account has no such ice breaker or menu item.
    #[error("@{account} has no {what} {title:?}")]
    UnknownProfileItem {
        /// The account.
        account: String,
        /// `ice breaker` or `menu item`.
        what: &'static str,
        /// As given.
        title: String,
    },
    /// Two people without a professional account between them.
    #[error("neither @{a} nor @{b} is a professional account; nothing of their thread is visible to any app")]
    NoProfessional {
        /// One.
        a: String,
        /// The other.
        b: String,
    },
    /// The owner switched comments off.
    #[error("comments are switched off for this media")]
    CommentsDisabled,
    /// The broadcast is over.
    #[error("the broadcast has ended")]
    LiveEnded,
    /// A story whose day is over.
    #[error("the story {media:?} has expired; stories live for 24 hours of world time")]
    StoryExpired {
        /// As given.
        media: String,
    },
    /// A reply to something that is no story.
    #[error("the media {media:?} is no story")]
    NoStory {
        /// As given.
        media: String,
    },
    /// A link into a thread that does not exist.
    #[error(
        "@{username} and @{other} have no thread yet; the referral of a link goes with the first message (dm with referral)"
    )]
    NoThread {
        /// Who came.
        username: String,
        /// To whom.
        other: String,
    },
    /// Blocked by the other side.
    #[error("@{other} has blocked @{username}")]
    Blocked {
        /// Who tried.
        username: String,
        /// Who blocked.
        other: String,
    },
}

impl GestureRefusal {
    /// Stable code of the error object.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount { .. } => "unknown_account",
            Self::UnknownMessage { .. } => "unknown_message",
            Self::UnknownMedia { .. } => "unknown_media",
            Self::UnknownComment { .. } => "unknown_comment",
            Self::UnknownButton { .. } => "unknown_button",
            Self::UnknownProfileItem { .. } => "unknown_profile_item",
            Self::NotInThread { .. } => "not_in_thread",
            Self::NotYours { .. } => "not_yours",
            Self::Unsent => "unsent",
            Self::NoReaction { .. } => "invalid_value",
            Self::Empty => "empty_message",
            Self::TooLong { .. } => "too_long",
            Self::File { .. } => "file_refused",
            Self::MixedFiles { .. } => "mixed_files",
            Self::NoProfessional { .. } => "no_professional_account",
            Self::CommentsDisabled => "comments_disabled",
            Self::LiveEnded => "live_ended",
            Self::Blocked { .. } => "blocked",
            Self::StoryExpired { .. } => "story_expired",
            Self::NoStory { .. } => "no_story",
            Self::NoThread { .. } => "no_thread",
        }
    }

    /// The input at fault.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownAccount { field, .. } | Self::UnknownComment { field, .. } => Some(field),
            Self::UnknownMessage { .. } | Self::NotInThread { .. } | Self::NotYours { .. } | Self::Unsent => {
                Some("mid")
            }
            Self::UnknownMedia { .. } | Self::CommentsDisabled | Self::LiveEnded | Self::StoryExpired { .. } => {
                Some("media")
            }
            Self::NoReaction { .. } => Some("reaction"),
            Self::NoStory { .. } => Some("story"),
            Self::UnknownButton { .. } => Some("button"),
            Self::UnknownProfileItem { what, .. } => Some(if what.len() > 9 { "ice_breaker" } else { "menu" }),
            Self::Empty | Self::TooLong { .. } => Some("text"),
            Self::File { .. } | Self::MixedFiles { .. } => Some("file"),
            Self::NoProfessional { .. } | Self::Blocked { .. } | Self::NoThread { .. } => Some("to"),
        }
    }

    /// Whether the input names something that does not exist (404), rather than something that makes no sense (400).
    pub const fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::UnknownAccount { .. }
                | Self::UnknownMessage { .. }
                | Self::UnknownMedia { .. }
                | Self::UnknownComment { .. }
        )
    }
}
