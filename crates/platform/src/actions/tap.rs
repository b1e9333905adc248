//! A person taps a button, an ice breaker or a menu item.

use super::{Gesture, GestureRefusal};
use crate::store::Failure;
use crate::world::World;

/// A tap. References are usernames, with or without `@`.
#[derive(Debug, Clone)]
pub struct Tap {
    /// Who taps.
    pub person: String,
    /// What she taps.
    pub target: TapTarget,
}

/// What is tapped.
#[derive(Debug, Clone)]
pub enum TapTarget {
    /// A button of a message, by title or by index from 0.
    Button {
        /// The message.
        mid: String,
        /// Title or index.
        button: String,
    },
    /// An ice breaker of the thread with this account, by its question.
    IceBreaker {
        /// The professional account.
        to: String,
        /// The question.
        title: String,
    },
    /// A persistent-menu item of the thread with this account, by its title.
    Menu {
        /// The professional account.
        to: String,
        /// The title.
        title: String,
    },
}

impl World {
    /// Taps; a postback goes out for postback buttons, ice breakers and menu items. Quick replies are sent with [`World::dm`].
    pub async fn tap(&self, tap: Tap) -> Result<Gesture, Failure<GestureRefusal>> {
        todo!("{tap:?}")
    }
}
