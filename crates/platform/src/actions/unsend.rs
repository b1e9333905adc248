//! A person takes a message of hers back.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// An unsend.
#[derive(Debug, Clone)]
pub struct Unsend {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// The message.
    pub mid: String,
}

impl World {
    /// Unsends as a person; apps are told with `is_deleted`.
    pub async fn unsend(&self, unsend: Unsend) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{unsend:?}")
    }
}
