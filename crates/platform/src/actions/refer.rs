//! A person comes back into an existing thread through a link: `ig.me/m/{account}?ref=…`, or an ad (contract: webhooks §4.6).

use serde_json::Value;

use super::GestureRefusal;
use super::scene::{Scene, account};
use crate::domain::keys::{DeliveryKey, ThreadKey};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, person_referred};
use crate::store::{Durability, Failure, threads};
use crate::world::World;

/// A way back into a thread.
#[derive(Debug, Clone)]
pub struct Refer {
    /// Username of the person, with or without `@`.
    pub person: String,
    /// The professional account.
    pub to: String,
    /// `referral` as in webhooks.
    pub referral: Value,
}

/// What it brought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referred {
    /// The thread.
    pub thread: ThreadKey,
    /// Deliveries, suppressed ones included.
    pub notifications: Vec<DeliveryKey>,
}

impl World {
    /// Opens an existing thread through a link. Into a new thread the referral goes with the first message.
    pub async fn refer(&self, refer: Refer) -> Result<Referred, Failure<GestureRefusal>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let referred = self
            .store
            .write(Durability::Durable, move |tx| {
                let now_ms = now.as_millisecond();
                let person = account(tx, &refer.person, "as")?;
                let business = account(tx, &refer.to, "to")?;
                let actor = person.key;
                if actor == business.key || threads::between(tx, actor, business.key)?.is_none() {
                    return Err(Failure::Refused(GestureRefusal::NoThread {
                        username: person.username,
                        other: business.username,
                    }));
                }
                let scene = Scene::open(tx, &random, person, business, now_ms)?;
                let mid = scene.mint_tap_mid(tx, &random)?;
                let act = Act {
                    actor,
                    origin: Origin::Phone,
                    mid: &mid,
                    at: now,
                };
                let told = person_referred(&scene.parties, act, &refer.referral);
                Ok(Referred {
                    thread: scene.thread.key,
                    notifications: scene.tell(tx, &switches, told, now_ms)?,
                })
            })
            .await?;
        self.deliveries.ring();
        Ok(referred)
    }
}
