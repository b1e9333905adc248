//! A person opens a thread and so has seen it.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// A person has seen a message and all before it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// The newest message she has seen.
    pub mid: String,
}

impl World {
    /// Marks as seen; apps that subscribed to `messaging_seen` are told, except in the self thread.
    pub async fn seen(&self, seen: Seen) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{seen:?}")
    }
}
