//! A developer sends any documented event, changed as she likes, without a gesture behind it.

use selfsame_wire::events::{self, EventKind, EventSpec, STANDBY_FIELD, STANDBY_SAMPLE, Sample};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::webhook::{Escapes, to_wire_bytes};
use serde_json::{Map, Value};

use super::SetupRefusal;
use super::create_app::refuse;
use super::notify::{Body, send_or_hold, tell_account};
use super::scene::sees;
use crate::domain::account::Account;
use crate::domain::app::{App, CallbackState};
use crate::domain::identifiers;
use crate::domain::keys::{AccountKey, DeliveryKey};
use crate::domain::notification::{Audience, strip_values};
use crate::domain::requirements::Suppression;
use crate::domain::sample::{self, SampleIds};
use crate::store::deliveries::NewDelivery;
use crate::store::{Durability, Failure, Tx, accounts, apps, deliveries, media};
use crate::world::World;

/// First attempts of triggered events keep their order.
const LINE: &str = "trigger";

/// An event to send.
#[derive(Debug, Clone, Default)]
pub struct Trigger {
    /// Name of a sample, or of a field: its first sample.
    pub event: String,
    /// The person; the account itself in `self_…` events, else anybody.
    pub person: Option<String>,
    /// The professional account; the only one unless given.
    pub to: Option<String>,
    /// Values by dotted path, from the event or from the body.
    pub changes: Map<String, Value>,
    /// Dotted paths to remove.
    pub removals: Vec<String>,
    /// The whole body, in place of the sample.
    pub raw: Option<Value>,
    /// As the App Dashboard's Test button sends it.
    pub dashboard: Option<DashboardTest>,
}

/// The App Dashboard's Test button: other ids and another shape, to an app whatever its accounts have installed (contract:
/// webhooks §4.4).
#[derive(Debug, Clone)]
pub struct DashboardTest {
    /// Name of the app; every app with a callback unless given.
    pub app: Option<String>,
    /// Whose dashboard: shape and signing secret follow.
    pub flow: LoginFlow,
}

impl World {
    /// Sends the event to every app that may be told of its kind.
    pub async fn trigger(&self, trigger: Trigger) -> Result<Vec<DeliveryKey>, Failure<SetupRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        let made = self
            .store
            .write(Durability::Durable, move |tx| world.trigger_in(tx, &trigger, now_ms))
            .await?;
        self.deliveries.ring();
        Ok(made)
    }

    fn trigger_in(
        &self,
        tx: &Tx<'_>,
        trigger: &Trigger,
        now_ms: i64,
    ) -> Result<Vec<DeliveryKey>, Failure<SetupRefusal>> {
        let Some((spec, found, audience)) = event_named(&trigger.event) else {
            let names: Vec<&str> = events::EVENTS
                .iter()
                .flat_map(|spec| spec.samples)
                .chain([&STANDBY_SAMPLE])
                .map(|sample| sample.name)
                .collect();
            return refuse("event", trigger.event.clone(), &format!("one of {}", names.join(", ")));
        };
        let account = addressed(tx, trigger.to.as_deref())?;
        let ids = self.sample_ids(tx, &account, trigger, found.name.starts_with("self_"), now_ms)?;
        let payload = payload_of(spec, found, &ids, trigger, now_ms)?;
        let switches = self.switches.current();
        let escapes = if switches.webhooks_older_escapes {
            Escapes::Older
        } else {
            Escapes::Current
        };
        // A raw text is sent as it is, JSON or not.
        let bytes = match &trigger.raw {
            Some(Value::String(text)) => text.clone().into_bytes(),
            _ => to_wire_bytes(&payload, escapes),
        };
        // Without values only what is JSON loses them.
        let stripped = if trigger.raw.is_some() {
            bytes.clone()
        } else {
            let mut body = payload.clone();
            strip_values(&mut body);
            to_wire_bytes(&body, escapes)
        };
        let (mid, comment_id) = subjects_of(&payload);
        if let Some(test) = &trigger.dashboard {
            let told = Tested {
                account: account.key,
                field: spec.field,
                mid,
                comment_id,
                bytes,
            };
            return told.to_apps(tx, test, now_ms);
        }
        let mut made = Vec::new();
        let body = Body {
            kind: spec.kind,
            mid,
            comment_id,
            line: LINE,
            audience: &audience,
            bytes: &|include_values, _| {
                if include_values {
                    bytes.clone()
                } else {
                    stripped.clone()
                }
            },
        };
        tell_account(tx, &switches, &account, &body, now_ms, &mut made)?;
        Ok(made)
    }

    fn sample_ids(
        &self,
        tx: &Tx<'_>,
        account: &Account,
        trigger: &Trigger,
        is_self: bool,
        now_ms: i64,
    ) -> Result<SampleIds, Failure<SetupRefusal>> {
        let person = match &trigger.person {
            Some(reference) => known(tx, "as", reference)?,
            None if is_self => account.clone(),
            None => accounts::all(tx)?
                .into_iter()
                .find(|other| other.key != account.key)
                .unwrap_or_else(|| account.clone()),
        };
        let seen_as = sees(tx, &self.random, account, person.key)?;
        let scoped_id = seen_as.unwrap_or_else(|| identifiers::ig_scoped_id(&self.random)); // a personal account sees nobody
        let ig_id = account
            .ig_id
            .clone()
            .unwrap_or_else(|| identifiers::ig_user_id(&self.random));
        let serial = identifiers::thread_serial(&self.random);
        Ok(SampleIds {
            mid: identifiers::message_id(&self.random, &ig_id, serial, now_ms).into_string(),
            ig_id: ig_id.into_string(),
            username: account.username.clone(),
            self_igsid: account
                .self_igsid
                .as_ref()
                .map(|id| id.as_str().to_owned())
                .unwrap_or_default(),
            igsid: scoped_id.into_string(),
            person_username: person.username,
            comment_id: identifiers::comment_id(&self.random).into_string(),
            media_id: media::latest(tx, account.key)?.map(|media| media.media_id.into_string()),
            now_ms,
        })
    }
}

/// An event by the name of a sample or of a field, and who hears it. On standby everybody is meant who does not own a thread.
fn event_named(name: &str) -> Option<(&'static EventSpec, &'static Sample, Audience)> {
    if name == STANDBY_FIELD || name == STANDBY_SAMPLE.name {
        let audience = Audience::Owned { owner: String::new() };
        return Some((EventKind::Message.spec()?, &STANDBY_SAMPLE, audience));
    }
    let (spec, found) =
        events::sample(name).or_else(|| events::by_field(name).and_then(|spec| Some((spec, spec.samples.first()?))))?;
    Some((spec, found, Audience::All))
}

/// The body that was asked for.
fn payload_of(
    spec: &EventSpec,
    found: &Sample,
    ids: &SampleIds,
    trigger: &Trigger,
    now_ms: i64,
) -> Result<Value, Failure<SetupRefusal>> {
    if let Some(raw) = &trigger.raw {
        return Ok(raw.clone());
    }
    let filled = match &trigger.dashboard {
        Some(test) => sample::dashboard(spec, found, test.flow, now_ms),
        None => ids.fill(found),
    };
    changed(filled.unwrap_or_default(), trigger)
}

/// What a Test button sends.
struct Tested {
    account: AccountKey,
    field: &'static str,
    mid: Option<String>,
    comment_id: Option<String>,
    bytes: Vec<u8>,
}

impl Tested {
    fn to_apps(
        &self,
        tx: &Tx<'_>,
        test: &DashboardTest,
        now_ms: i64,
    ) -> Result<Vec<DeliveryKey>, Failure<SetupRefusal>> {
        let mut made = Vec::new();
        for app in tested_apps(tx, test)? {
            let new = NewDelivery {
                app: Some(app.key),
                account: self.account,
                flow: Some(test.flow),
                field: self.field.to_owned(),
                mid: self.mid.clone(),
                comment_id: self.comment_id.clone(),
                suppressed: untold(&app),
                raw: self.bytes.clone(),
                created_at_ms: now_ms,
            };
            let is_told = new.suppressed.is_none();
            let key = deliveries::insert(tx, &new)?;
            if is_told {
                send_or_hold(tx, key, &format!("{}:{LINE}", app.key), now_ms)?;
            }
            made.push(key);
        }
        Ok(made)
    }
}

/// The apps whose Test button is meant.
fn tested_apps(tx: &Tx<'_>, test: &DashboardTest) -> Result<Vec<App>, Failure<SetupRefusal>> {
    let Some(name) = &test.app else {
        let with_callback = apps::all(tx)?.into_iter().filter(|app| app.subscription.is_some());
        return Ok(with_callback.collect());
    };
    match apps::by_name(tx, name)? {
        Some(app) => Ok(vec![app]),
        None => Err(Failure::Refused(SetupRefusal::UnknownApp { name: name.clone() })),
    }
}

/// Why a test does not reach an app: only its callback matters.
fn untold(app: &App) -> Option<(String, String)> {
    let reason = match &app.subscription {
        None => Suppression::NoCallback,
        Some(subscription) if subscription.state != CallbackState::Verified => Suppression::CallbackUnverified,
        Some(_) => return None,
    };
    let remedy = match reason {
        Suppression::NoCallback => format!("App {} has no callback URL; set one on the dashboard.", app.name),
        _ => format!(
            "The callback of app {} has not answered the hub.challenge handshake.",
            app.name
        ),
    };
    Some((reason.code().to_owned(), remedy))
}

/// What the event is about: message and comment.
fn subjects_of(payload: &Value) -> (Option<String>, Option<String>) {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let mid = ["message", "postback", "reaction", "read", "message_edit"]
        .into_iter()
        .find_map(|key| text(&format!("/entry/0/messaging/0/{key}/mid")));
    (
        mid,
        text("/entry/0/changes/0/value/id").or_else(|| text("/entry/0/changes/0/value/comment_id")),
    )
}

fn changed(mut payload: Value, trigger: &Trigger) -> Result<Value, Failure<SetupRefusal>> {
    for (path, value) in &trigger.changes {
        if !sample::put(&mut payload, path, value.clone()) {
            return refuse(
                "override",
                path.clone(),
                "a dotted path in the event, such as message.text, or in the body, such as entry.0.id",
            );
        }
    }
    for path in &trigger.removals {
        if !sample::remove(&mut payload, path) {
            return refuse("remove", path.clone(), "a dotted path of something that is there");
        }
    }
    Ok(payload)
}

fn known(tx: &Tx<'_>, field: &'static str, reference: &str) -> Result<Account, Failure<SetupRefusal>> {
    let found = accounts::by_username(tx, reference)?;
    found.ok_or_else(|| {
        Failure::Refused(SetupRefusal::UnknownAccount {
            field,
            reference: reference.to_owned(),
        })
    })
}

fn addressed(tx: &Tx<'_>, to: Option<&str>) -> Result<Account, Failure<SetupRefusal>> {
    if let Some(reference) = to {
        return known(tx, "to", reference);
    }
    let mut professional = accounts::all(tx)?
        .into_iter()
        .filter(|account| account.kind.is_professional());
    match (professional.next(), professional.next()) {
        (Some(only), None) => Ok(only),
        _ => refuse(
            "to",
            String::new(),
            "the professional account that the event is about; there is not exactly one",
        ),
    }
}
