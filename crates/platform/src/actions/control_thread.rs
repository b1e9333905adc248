//! An app passes the control of a thread on, takes it, asks for it, or lets it go (contract: other-apis §6.8, webhooks §4.6).
//!
//! Until the first pass or take nobody owns a thread and every app hears everything. Afterwards the owner alone may write, and
//! the others hear the thread on `standby`, until the owner lets go or nothing has happened for a day.

use selfsame_wire::events::EventKind;
use selfsame_wire::webhook::Handover;
use serde_json::{Map, Value};

use super::notify;
use super::resolve_recipient::resolve_recipient;
use super::scene::Scene;
use crate::domain::app::App;
use crate::domain::caller::Caller;
use crate::domain::keys::AppKey;
use crate::domain::messaging::{Party, control_told};
use crate::domain::sending::SendRuleBroken;
use crate::store::thread_owners::INBOX_APP_ID;
use crate::store::{Durability, Failure, StoreError, Tx, apps, thread_owners};
use crate::world::World;

/// What an app wants with the control of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Another app, or the inbox, shall own it.
    Pass {
        /// Either id of the other app, or the inbox's.
        target_app_id: String,
    },
    /// The caller takes it.
    Take,
    /// The caller asks its owner for it.
    Request,
    /// The caller lets it go: nobody owns the thread.
    Release,
}

/// A wish about the control of one thread.
#[derive(Debug, Clone)]
pub struct ControlThread {
    /// Who calls.
    pub caller: Caller,
    /// `recipient.id`: the person of the thread.
    pub recipient: String,
    /// What is wished.
    pub control: Control,
    /// Handed on to the other app as it is.
    pub metadata: Option<String>,
}

impl World {
    /// Moves the control, and tells the app that gains or loses it.
    pub async fn control_thread(&self, wish: ControlThread) -> Result<(), Failure<SendRuleBroken>> {
        let (world, switches, now) = (self.clone(), self.switches.current(), self.clock.now());
        self.store
            .write(Durability::Durable, move |tx| {
                let (person, _) = resolve_recipient(tx, &wish.caller, &wish.recipient)?;
                let account = wish.caller.account.clone();
                let scene = Scene::open(tx, &world.random, account.clone(), person, now.as_millisecond())?;
                let own = app(tx, wish.caller.app)?.meta_app_id.into_string();
                let (thread, now_ms) = (scene.thread.key, now.as_millisecond());
                let owner = thread_owners::of(tx, thread, account.key, switches.thread_active_since(now_ms))?;
                let moved = moved(tx, &wish, &own, owner.as_deref())?;
                match &moved.owner {
                    NextOwner::AsBefore => {}
                    NextOwner::App(id) => thread_owners::put(tx, thread, account.key, id, now_ms)?,
                    NextOwner::Nobody => thread_owners::delete(tx, thread, account.key)?,
                }
                if let (Some((to, handover)), Some(party)) = (moved.told, side_of(&scene, account.key)) {
                    notify(tx, &switches, &[control_told(party, to, handover, now)], now_ms)?;
                }
                Ok(())
            })
            .await?;
        self.deliveries.ring();
        Ok(())
    }
}

/// What a wish brings about.
struct Moved {
    owner: NextOwner,
    told: Option<(AppKey, Handover)>,
}

enum NextOwner {
    AsBefore,
    App(String),
    Nobody,
}

fn moved(tx: &Tx<'_>, wish: &ControlThread, own: &str, owner: Option<&str>) -> Result<Moved, Failure<SendRuleBroken>> {
    let others = owner.filter(|owner| *owner != own);
    match &wish.control {
        Control::Pass { target_app_id } => {
            refuse_others(tx, others)?;
            let target = apps::by_any_id(tx, target_app_id)?;
            let new_owner = match &target {
                Some(app) => app.meta_app_id.as_str().to_owned(),
                None if target_app_id == INBOX_APP_ID => INBOX_APP_ID.to_owned(),
                None => {
                    return Err(Failure::Refused(SendRuleBroken::TargetAppUnknown {
                        id: target_app_id.clone(),
                    }));
                }
            };
            let handover = handover(EventKind::PassThreadControl, Some(own), Some(&new_owner), wish);
            Ok(Moved {
                owner: NextOwner::App(new_owner),
                told: target.map(|app| (app.key, handover)),
            })
        }
        Control::Take => {
            let handover = handover(EventKind::TakeThreadControl, owner, Some(own), wish);
            Ok(Moved {
                owner: NextOwner::App(own.to_owned()),
                told: key_of(tx, others)?.map(|key| (key, handover)),
            })
        }
        Control::Request => {
            let mut body = Map::new();
            body.insert("requested_owner_app_id".to_owned(), own.into());
            put_metadata(&mut body, wish);
            let handover = Handover {
                kind: EventKind::RequestThreadControl,
                body: Value::Object(body),
            };
            Ok(Moved {
                owner: NextOwner::AsBefore,
                told: key_of(tx, others)?.map(|key| (key, handover)),
            })
        }
        Control::Release => {
            refuse_others(tx, others)?;
            Ok(Moved {
                owner: NextOwner::Nobody,
                told: None,
            })
        }
    }
}

/// The owner alone may let a thread go.
fn refuse_others(tx: &Tx<'_>, others: Option<&str>) -> Result<(), Failure<SendRuleBroken>> {
    match others {
        Some(owner) => Err(Failure::Refused(SendRuleBroken::NotThreadOwner {
            app: thread_owners::name_of(tx, owner)?,
        })),
        None => Ok(()),
    }
}

fn handover(kind: EventKind, from: Option<&str>, to: Option<&str>, wish: &ControlThread) -> Handover {
    let mut body = Map::new();
    if let Some(from) = from {
        body.insert("previous_owner_app_id".to_owned(), from.into());
    }
    if let Some(to) = to {
        body.insert("new_owner_app_id".to_owned(), to.into());
    }
    put_metadata(&mut body, wish);
    Handover {
        kind,
        body: Value::Object(body),
    }
}

fn put_metadata(body: &mut Map<String, Value>, wish: &ControlThread) {
    if let Some(metadata) = &wish.metadata {
        body.insert("metadata".to_owned(), metadata.as_str().into());
    }
}

fn key_of(tx: &Tx<'_>, owner: Option<&str>) -> Result<Option<AppKey>, StoreError> {
    let Some(owner) = owner else { return Ok(None) };
    Ok(apps::by_any_id(tx, owner)?.map(|app| app.key))
}

fn app(tx: &Tx<'_>, key: AppKey) -> Result<App, StoreError> {
    apps::by_key(tx, key)?.ok_or_else(|| StoreError::Corrupt {
        what: "app",
        value: key.to_string(),
    })
}

fn side_of(scene: &Scene, account: crate::domain::keys::AccountKey) -> Option<&Party> {
    std::iter::once(&scene.parties.a)
        .chain(scene.parties.b.as_ref())
        .find(|party| party.account.key == account)
}
