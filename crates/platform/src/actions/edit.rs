//! A person edits a message of hers.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// An edit.
#[derive(Debug, Clone)]
pub struct EditMessage {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// The message.
    pub mid: String,
    /// The new text.
    pub text: String,
}

impl World {
    /// Edits as a person; apps that subscribed to `message_edit` are told, except in the self thread.
    pub async fn edit(&self, edit: EditMessage) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{edit:?}")
    }
}
