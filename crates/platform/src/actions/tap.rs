//! A person taps a button, an ice breaker or a menu item.

use jiff::Timestamp;
use selfsame_runtime::random::Random;
use selfsame_wire::send::Button;
use serde_json::Value;

use super::scene::{Scene, account, message};
use super::{Gesture, GestureRefusal};
use crate::domain::message::Origin;
use crate::domain::messaging::{Act, button_tapped};
use crate::domain::messenger_profile;
use crate::store::{Durability, Failure, Tx, messenger_profiles, taps, threads};
use crate::switches::Switches;
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
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| write(tx, &random, &switches, &tap, now))
            .await?;
        self.deliveries.ring();
        Ok(gesture)
    }
}

fn write(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    tap: &Tap,
    now: Timestamp,
) -> Result<Gesture, Failure<GestureRefusal>> {
    let now_ms = now.as_millisecond();
    let person = account(tx, &tap.person, "as")?;
    let actor = person.key;
    let (mut scene, button) = match &tap.target {
        TapTarget::Button { mid, button } => {
            let message = message(tx, mid)?;
            let scene = Scene::of_message(tx, random, person, &message)?;
            (scene, find_button(&message.content.buttons, button)?)
        }
        TapTarget::IceBreaker { to, title } => {
            let business = account(tx, to, "to")?;
            let set = messenger_profiles::get(tx, business.key, "ice_breakers")?;
            let button = profile_item(set.as_ref(), "question", title)
                .ok_or_else(|| unknown_item(&business.username, "ice breaker", title))?;
            (Scene::open(tx, random, person, business, now_ms)?, button)
        }
        TapTarget::Menu { to, title } => {
            let business = account(tx, to, "to")?;
            let set = messenger_profiles::get(tx, business.key, "persistent_menu")?;
            let button = profile_item(set.as_ref(), "title", title)
                .ok_or_else(|| unknown_item(&business.username, "menu item", title))?;
            (Scene::open(tx, random, person, business, now_ms)?, button)
        }
    };
    let mid = scene.mint_tap_mid(tx, random)?;
    let Button::Postback { title, payload } = button else {
        return Ok(Gesture {
            mid,
            thread: scene.thread.key,
            notifications: Vec::new(),
        });
    };
    scene.gesture(actor, now_ms);
    threads::update(tx, &scene.thread)?;
    taps::insert(tx, &mid, scene.thread.key, actor, &title, now_ms)?;
    let act = Act {
        actor,
        origin: Origin::Phone,
        mid: &mid,
        at: now,
    };
    let told = button_tapped(&scene.parties, act, &title, &payload);
    let notifications = scene.tell(tx, switches, told, now_ms)?;
    Ok(Gesture {
        mid,
        thread: scene.thread.key,
        notifications,
    })
}

fn find_button(buttons: &[Button], wanted: &str) -> Result<Button, Failure<GestureRefusal>> {
    let by_title = buttons.iter().find(|button| button.title() == wanted);
    let by_folded = || {
        buttons
            .iter()
            .find(|button| button.title().to_lowercase() == wanted.trim().to_lowercase())
    };
    let by_index = || wanted.parse::<usize>().ok().and_then(|index| buttons.get(index));
    by_title.or_else(by_folded).or_else(by_index).cloned().ok_or_else(|| {
        let available = buttons
            .iter()
            .map(|button| format!("{:?}", button.title()))
            .collect::<Vec<_>>();
        let available = if available.is_empty() {
            "none".to_owned()
        } else {
            available.join(", ")
        };
        Failure::Refused(GestureRefusal::UnknownButton {
            button: wanted.to_owned(),
            available,
        })
    })
}

/// The item of a messenger profile with this title, as far as the phone shows it.
fn profile_item(set: Option<&Value>, title_key: &str, wanted: &str) -> Option<Button> {
    messenger_profile::shown(set?).iter().find_map(|item| {
        let title = item
            .get(title_key)?
            .as_str()
            .filter(|title| *title == wanted)?
            .to_owned();
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        match (text("payload"), text("url")) {
            (Some(payload), _) => Some(Button::Postback { title, payload }),
            (None, Some(url)) => Some(Button::WebUrl { title, url }),
            (None, None) => None,
        }
    })
}

fn unknown_item(account: &str, what: &'static str, title: &str) -> Failure<GestureRefusal> {
    Failure::Refused(GestureRefusal::UnknownProfileItem {
        account: account.to_owned(),
        what,
        title: title.to_owned(),
    })
}
