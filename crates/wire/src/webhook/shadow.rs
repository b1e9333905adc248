//! The lenient reading of bodies behind [`super::parse()`]: envelope, entries, elements.
//!
//! Everything is cut into raw pieces first and each piece is read on its own, so that one broken
//! piece cannot take its neighbours along. What an element means is read from the table of events.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::members::Members;
use super::parse::{Delivery, Event, Found, Incoming};
use super::shadow_payload::{read_change, read_payload};
use crate::events::{EventSpec, Placement};
use crate::ids::{IgUserId, ParticipantId};
use crate::lenient;

/// `entry.id` of the App Dashboard's test.
const DASHBOARD_ENTRY_ID: &str = "0";
/// Below this a time is in seconds, above it in milliseconds: 1973 in one, the year 5138 in the other.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// An entry, cut into raw pieces.
#[derive(Deserialize)]
struct RawEntry<'a> {
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    time: Option<Value>,
    #[serde(borrow, default)]
    messaging: Option<&'a RawValue>,
    #[serde(borrow, default)]
    standby: Option<&'a RawValue>,
    #[serde(borrow, default)]
    changes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    field: Option<&'a RawValue>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// An envelope, cut into raw pieces.
#[derive(Deserialize)]
struct RawEnvelope<'a> {
    #[serde(default)]
    object: Option<Value>,
    #[serde(borrow)]
    entry: &'a RawValue,
}

/// An element of `changes[]`, or an entry that carries `field` and `value` itself.
#[derive(Deserialize)]
struct RawChange<'a> {
    field: String,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

pub(super) fn read_body(table: &[EventSpec], body: &[u8]) -> Delivery {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut delivery = Delivery {
        object: None,
        events: Vec::new(),
    };
    for envelope in one_or_many(text) {
        match serde_json::from_str::<RawEnvelope<'_>>(envelope) {
            Ok(parts) => {
                delivery.object = delivery
                    .object
                    .or_else(|| parts.object.as_ref().and_then(lenient::text));
                for entry in one_or_many(parts.entry.get()) {
                    read_entry(table, entry, &mut delivery.events);
                }
            }
            Err(error) => {
                let reason = format!("the body is not a webhook envelope: {error}");
                delivery
                    .events
                    .push(Context::new(table).unrecognised(Found::Nowhere, envelope, reason));
            }
        }
    }
    delivery
}

/// What is known about all events of an entry.
struct Context<'t> {
    table: &'t [EventSpec],
    entry_id: Option<IgUserId>,
    entry_time: Option<Timestamp>,
}

impl<'t> Context<'t> {
    const fn new(table: &'t [EventSpec]) -> Self {
        Self {
            table,
            entry_id: None,
            entry_time: None,
        }
    }

    fn incoming(&self, found: Found, raw: &str, event: Event) -> Incoming {
        let is_dashboard_test = self
            .entry_id
            .as_ref()
            .is_some_and(|id| id.as_str() == DASHBOARD_ENTRY_ID);
        Incoming {
            entry_id: self.entry_id.clone(),
            entry_time: self.entry_time,
            found,
            field: None,
            sender: None,
            recipient: None,
            timestamp: None,
            is_self: false,
            is_dashboard_test,
            event,
            raw: raw.to_owned(),
        }
    }

    fn unrecognised(&self, found: Found, raw: &str, reason: impl Into<String>) -> Incoming {
        self.incoming(found, raw, Event::Unrecognised { reason: reason.into() })
    }
}

fn read_entry(table: &[EventSpec], raw: &str, events: &mut Vec<Incoming>) {
    let entry: RawEntry<'_> = match serde_json::from_str(raw) {
        Ok(entry) => entry,
        Err(error) => {
            let reason = format!("the entry is not readable: {error}");
            events.push(Context::new(table).unrecognised(Found::Entry, raw, reason));
            return;
        }
    };
    let context = Context {
        table,
        entry_id: entry.id.as_ref().and_then(lenient::text).map(IgUserId::new),
        entry_time: entry.time.as_ref().and_then(read_time),
    };
    let lists = [
        (Found::Messaging, entry.messaging),
        (Found::Standby, entry.standby),
        (Found::Changes, entry.changes),
    ];
    let mut has_content = false;
    for (found, list) in lists {
        let Some(list) = list else { continue };
        has_content = true;
        for element in one_or_many(list.get()) {
            events.push(match found {
                Found::Changes => read_changes_element(&context, found, element),
                _ => read_messaging_element(&context, found, None, element, element),
            });
        }
    }
    if let Some(field) = entry.field {
        events.push(if has_content {
            // Cut out as a change of its own, so that its neighbours do not come along with it.
            let value = entry
                .value
                .map(|value| format!(r#","value":{value}"#))
                .unwrap_or_default();
            let change = format!(r#"{{"field":{field}{value}}}"#);
            read_changes_element(&context, Found::Changes, &change)
        } else {
            read_changes_element(&context, Found::Entry, raw)
        });
    } else if !has_content {
        let reason = "the entry has neither messaging, standby, changes nor field";
        events.push(context.unrecognised(Found::Entry, raw, reason));
    }
}

fn read_changes_element(context: &Context<'_>, found: Found, raw: &str) -> Incoming {
    let change: RawChange<'_> = match serde_json::from_str(raw) {
        Ok(change) => change,
        Err(error) => {
            return context.unrecognised(found, raw, format!("the change is not readable: {error}"));
        }
    };
    let Some(value) = change.value else {
        let mut incoming = context.unrecognised(found, raw, "the change has no value");
        incoming.field = Some(change.field);
        return incoming;
    };
    let of_field = |spec: &&EventSpec| spec.field == change.field;
    if let Some(spec) = context.table.iter().find(of_field)
        && spec.placement == Placement::Changes
    {
        let mut incoming = context.incoming(found, raw, read_change(spec.kind, value.get()));
        incoming.field = Some(change.field);
        return incoming;
    }
    read_messaging_element(context, found, Some(change.field), value.get(), raw)
}

/// Reads sender, recipient and payload from `element`; `raw` is what is kept.
fn read_messaging_element(
    context: &Context<'_>,
    found: Found,
    field: Option<String>,
    element: &str,
    raw: &str,
) -> Incoming {
    let members: Members<'_> = match serde_json::from_str(element) {
        Ok(members) => members,
        Err(error) => {
            let mut incoming = context.unrecognised(found, raw, format!("the event is not readable: {error}"));
            incoming.field = field;
            return incoming;
        }
    };
    let payload = context.table.iter().find_map(|spec| {
        let body = members.get(spec.key?)?;
        Some((spec, body))
    });
    let event = match payload {
        Some((spec, body)) => read_payload(spec.kind, body),
        None => Event::Unrecognised {
            reason: format!("no known payload among the keys {}", members.names().join(", ")),
        },
    };
    let mut incoming = context.incoming(found, raw, event);
    incoming.field = field.or_else(|| payload.map(|(spec, _)| spec.field.to_owned()));
    incoming.sender = members.get("sender").and_then(read_party);
    incoming.recipient = members.get("recipient").and_then(read_party);
    incoming.timestamp = members.value("timestamp").as_ref().and_then(read_time);
    incoming.is_self = members.value("is_self").as_ref().and_then(lenient::boolean) == Some(true);
    incoming
}

fn read_party(raw: &str) -> Option<ParticipantId> {
    let party: Value = serde_json::from_str(raw).ok()?;
    let id = lenient::text(lenient::member(&party, "id")?)?;
    (!id.is_empty()).then(|| ParticipantId::new(id))
}

fn read_time(value: &Value) -> Option<Timestamp> {
    let number = lenient::integer(value)?;
    if number < MILLISECONDS_FROM {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

/// The elements of a JSON array; anything else is its own only element.
fn one_or_many(text: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(elements) => elements.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![text],
    }
}

pub(super) fn write_single(incoming: &Incoming) -> Vec<u8> {
    let raw = &incoming.raw;
    let list = match incoming.found {
        Found::Messaging => "messaging",
        Found::Standby => "standby",
        Found::Changes => "changes",
        Found::Entry => return format!(r#"{{"object":"instagram","entry":[{raw}]}}"#).into_bytes(),
        Found::Nowhere => return write_body(raw),
    };
    let entry_id = incoming.entry_id.as_ref();
    let id = entry_id
        .map(|id| format!(r#""id":{},"#, Value::from(id.as_str())))
        .unwrap_or_default();
    let time = incoming.entry_time.map(|time| write_time(incoming.found, time));
    let time = time.map(|time| format!(r#""time":{time},"#)).unwrap_or_default();
    format!(r#"{{"object":"instagram","entry":[{{{id}{time}"{list}":[{raw}]}}]}}"#).into_bytes()
}

/// A body that was not understood; a list keeps its brackets by getting another pair.
fn write_body(raw: &str) -> Vec<u8> {
    let is_list = serde_json::from_str::<Vec<&RawValue>>(raw).is_ok();
    if is_list {
        format!("[{raw}]").into_bytes()
    } else {
        raw.as_bytes().to_vec()
    }
}

/// Seconds beside `changes` as long as that loses nothing, and whenever milliseconds would be read as
/// seconds.
fn write_time(found: Found, time: Timestamp) -> i64 {
    let (second, millisecond) = (time.as_second(), time.as_millisecond());
    let is_whole_second = time.subsec_nanosecond() == 0 && second < MILLISECONDS_FROM;
    if millisecond < MILLISECONDS_FROM || (found == Found::Changes && is_whole_second) {
        second
    } else {
        millisecond
    }
}

/// For reasons: a short extract of something long.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    const CHARS_MAX: usize = 80;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}
