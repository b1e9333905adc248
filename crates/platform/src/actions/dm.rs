//! A person writes a message on the phone.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// A message typed on the phone. References are usernames, with or without `@`.
#[derive(Debug, Clone, Default)]
pub struct Dm {
    /// Who writes.
    pub sender: String,
    /// To whom; the sender herself for a self message.
    pub recipient: String,
    /// Text.
    pub text: Option<String>,
    /// One attachment.
    pub attachment: Option<DmAttachment>,
    /// The heart sticker.
    pub like_heart: bool,
    /// Mid of the message it answers inline.
    pub reply_to: Option<String>,
    /// Payload of the quick reply that was tapped.
    pub quick_reply: Option<String>,
}

/// An attachment that a person sends, by URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmAttachment {
    /// `image`, `video`, `audio`, `file`, `share`, `story_mention`, `ephemeral`, …
    pub kind: String,
    /// Where it lies.
    pub url: Option<String>,
}

impl World {
    /// Writes a message as a person and notifies the apps of every professional account in the thread.
    pub async fn dm(&self, dm: Dm) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{dm:?}")
    }
}
