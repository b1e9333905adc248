//! What gestures answer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::actions::{Commented, Gesture};

/// What a gesture brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GestureAnswer {
    /// The message it made or was about.
    mid: String,
    /// Its thread.
    thread_id: i64,
    /// Ids of the deliveries it caused, suppressed ones included.
    notifications: Vec<i64>,
}

impl From<Gesture> for GestureAnswer {
    fn from(gesture: Gesture) -> Self {
        Self {
            mid: gesture.mid.into_string(),
            thread_id: gesture.thread.0,
            notifications: gesture.notifications.into_iter().map(|key| key.0).collect(),
        }
    }
}

/// What a comment brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentAnswer {
    /// The comment.
    comment_id: String,
    /// Ids of the deliveries it caused, suppressed ones included.
    notifications: Vec<i64>,
}

impl From<Commented> for CommentAnswer {
    fn from(commented: Commented) -> Self {
        Self {
            comment_id: commented.comment_id.into_string(),
            notifications: commented.notifications.into_iter().map(|key| key.0).collect(),
        }
    }
}
