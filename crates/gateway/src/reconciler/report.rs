//! What a comparison came to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A note of every comparison that has not met the self thread.
pub(super) const SELF_THREAD_NOT_LISTED: &str =
    "the self thread was not compared: Instagram does not list it among the conversations";

/// How far a comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReconcileState {
    /// It waits for its turn.
    Waiting,
    /// It asks Instagram.
    Running,
    /// Everything within its limits was compared.
    Done,
    /// Somebody ended it; what was found until then is there.
    Interrupted,
    /// Instagram could not be asked; see `error`.
    Failed,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// A message.
    Message,
    /// A comment, or a reply to one.
    Comment,
}

/// Something that Instagram has and that never arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The mid or the comment id.
    pub id: String,
    /// What it is.
    pub kind: GapKind,
    /// Whether the business itself wrote it, in the Instagram app or by another app.
    pub own: bool,
    /// Whose thread, or who commented: a scoped id. None for comments of the business itself.
    pub person: Option<String>,
    /// The author's username, where told.
    pub username: Option<String>,
    /// What was written.
    pub text: Option<String>,
    /// When, RFC 3339.
    #[schema(value_type = Option<String>)]
    pub created_at: Option<Timestamp>,
    /// For comments: the post.
    pub media: Option<String>,
    /// For replies to comments: the comment.
    pub parent: Option<String>,
    /// Whether it can be brought in: its author and its text are known.
    pub replayable: bool,
    /// Whether it was brought in.
    pub replayed: bool,
}

/// A comparison of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReconcileReport {
    /// The account's Instagram id.
    pub account: String,
    /// How far it is.
    pub state: ReconcileState,
    /// Only what was written since then was compared, RFC 3339.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Calls that were made.
    pub calls: u32,
    /// Conversations that were looked at.
    pub conversations: u32,
    /// Messages that were compared.
    pub messages: u32,
    /// Posts whose comments were looked at.
    pub media: u32,
    /// Comments that were compared.
    pub comments: u32,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// What was not looked at, and why.
    pub notes: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl ReconcileState {
    /// Its name, as it is stored and shown.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

impl ReconcileReport {
    /// One that waits for its turn.
    pub(super) fn waiting(account: String, since: Timestamp) -> Self {
        Self {
            account,
            state: ReconcileState::Waiting,
            since,
            calls: 0,
            conversations: 0,
            messages: 0,
            media: 0,
            comments: 0,
            gaps: Vec::new(),
            notes: vec![
                SELF_THREAD_NOT_LISTED.to_owned(),
                "only the 20 newest messages of a conversation and the 50 newest comments of a post are told by \
                 Instagram"
                    .to_owned(),
            ],
            error: None,
        }
    }

    /// Whether it is over.
    pub const fn is_over(&self) -> bool {
        matches!(
            self.state,
            ReconcileState::Done | ReconcileState::Interrupted | ReconcileState::Failed
        )
    }
}
