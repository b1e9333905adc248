//! A person takes a message of hers back.

use super::scene::{Scene, account, message};
use super::{Gesture, GestureRefusal};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, message_unsent};
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, assets, messages};
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
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| {
                let person = account(tx, &unsend.person, "as")?;
                let (actor, username) = (person.key, person.username.clone());
                let message = message(tx, &unsend.mid)?;
                let scene = Scene::of_message(tx, &random, person, &message)?;
                if message.sender != actor {
                    return Err(Failure::Refused(GestureRefusal::NotYours { username }));
                }
                messages::delete(tx, message.key, now.as_millisecond())?;
                assets::erase_of_message(tx, message.key)?;
                tx.tell(StreamEvent::Message, message.key.0)?;
                let act = Act {
                    actor,
                    origin: Origin::Phone,
                    mid: &message.mid,
                    at: now,
                };
                let told = message_unsent(&scene.parties, act);
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
