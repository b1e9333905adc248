//! A person opens a thread and so has seen it.

use super::scene::{Scene, account, message};
use super::{Gesture, GestureRefusal};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, message_seen};
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, threads};
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
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| {
                let person = account(tx, &seen.person, "as")?;
                let actor = person.key;
                let message = message(tx, &seen.mid)?;
                let scene = Scene::of_message(tx, &random, person, &message)?;
                threads::seen(tx, &scene.thread, actor, message.key)?;
                tx.tell(StreamEvent::Message, message.key.0)?;
                let act = Act {
                    actor,
                    origin: Origin::Phone,
                    mid: &message.mid,
                    at: now,
                };
                let told = message_seen(&scene.parties, act);
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
