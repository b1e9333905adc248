//! A person reacts to a message, or takes her reaction back.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// A reaction.
#[derive(Debug, Clone)]
pub struct React {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// The message.
    pub mid: String,
    /// An emoji or a name such as `love`; `None` takes the reaction back.
    pub reaction: Option<String>,
}

impl World {
    /// Reacts as a person. Reactions of the business have no webhook.
    pub async fn react(&self, react: React) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{react:?}")
    }
}
