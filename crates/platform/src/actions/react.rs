//! A person reacts to a message, or takes her reaction back.

use super::scene::{Scene, account, message};
use super::{Gesture, GestureRefusal};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, message_reacted};
use crate::domain::reactions;
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, messages};
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
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        if let Some(reaction) = react.reaction.as_deref().filter(|given| !reactions::is_reaction(given)) {
            return Err(Failure::Refused(GestureRefusal::NoReaction {
                reaction: reaction.to_owned(),
            }));
        }
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| {
                let now_ms = now.as_millisecond();
                let person = account(tx, &react.person, "as")?;
                let actor = person.key;
                let message = message(tx, &react.mid)?;
                let scene = Scene::of_message(tx, &random, person, &message)?;
                let named = react.reaction.as_deref().map(reactions::named);
                let changed = match &named {
                    Some((name, emoji)) => {
                        messages::react(tx, message.key, actor, name, emoji, now_ms)?;
                        true
                    }
                    None => messages::unreact(tx, message.key, actor)?,
                };
                let mut notifications = Vec::new();
                if changed {
                    tx.tell(StreamEvent::Message, message.key.0)?;
                    let act = Act {
                        actor,
                        origin: Origin::Phone,
                        mid: &message.mid,
                        at: now,
                    };
                    let named = named.as_ref().map(|(name, emoji)| (name.as_str(), emoji.as_str()));
                    notifications = scene.tell(tx, &switches, message_reacted(&scene.parties, act, named), now_ms)?;
                }
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
