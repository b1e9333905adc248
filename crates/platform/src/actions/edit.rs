//! A person edits a message of hers.

use super::scene::{Scene, account, message};
use super::{Gesture, GestureRefusal};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, message_edited};
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, messages};
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
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| {
                let person = account(tx, &edit.person, "as")?;
                let (actor, username) = (person.key, person.username.clone());
                if edit.text.trim().is_empty() {
                    return Err(Failure::Refused(GestureRefusal::Empty));
                }
                let message = message(tx, &edit.mid)?;
                let scene = Scene::of_message(tx, &random, person, &message)?;
                if message.sender != actor || message.origin != Origin::Phone {
                    return Err(Failure::Refused(GestureRefusal::NotYours { username }));
                }
                let edit_count = messages::edit(tx, message.key, &edit.text, now.as_millisecond())?;
                tx.tell(StreamEvent::Message, message.key.0)?;
                let act = Act {
                    actor,
                    origin: Origin::Phone,
                    mid: &message.mid,
                    at: now,
                };
                let told = message_edited(&scene.parties, act, &edit.text, edit_count);
                let notifications = scene.tell(tx, &switches, told, now.as_millisecond())?;
                Ok(Gesture {
                    mid: message.mid,
                    thread: scene.thread.key,
                    notifications,
                })
            })
            .await?;
        self.deliveries.ring();
        Ok(gesture)
    }
}
