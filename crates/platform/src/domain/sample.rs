//! Documented payloads with the ids of this world in place of those of the documents.

use selfsame_wire::events::{DASHBOARD_SAMPLES, EventSpec, Placement, Sample};
use selfsame_wire::flow::LoginFlow;
use serde_json::{Map, Value, json};

/// Ids of the fixtures (`wire/fixtures`).
const FIXTURE_ACCOUNT: &str = "17841400000000001";
const FIXTURE_PERSON: &str = "1500000000000001";
const FIXTURE_SELF: &str = "8100000000000001";
const FIXTURE_USERNAME: &str = "luna.coffee";
const FIXTURE_PERSON_USERNAME: &str = "sam";
/// How ids of a kind begin in the fixtures.
const MID_PREFIX: &str = "aWdf";
const MEDIA_PREFIX: &str = "1791";
const COMMENT_PREFIX: &str = "1787";
/// Numbers beyond it are milliseconds, below it seconds.
const SECONDS_MAX: i64 = 100_000_000_000;

/// What stands in for the ids of the documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleIds {
    /// IG id of the account.
    pub ig_id: String,
    /// Its username.
    pub username: String,
    /// Its self IGSID.
    pub self_igsid: String,
    /// The person as the account sees her.
    pub igsid: String,
    /// Her username.
    pub person_username: String,
    /// A fresh message id.
    pub mid: String,
    /// A fresh comment id.
    pub comment_id: String,
    /// Media of the account.
    pub media_id: Option<String>,
    /// Now, ms of world time.
    pub now_ms: i64,
}

impl SampleIds {
    /// The payload of a sample in this world. `None` when the sample is no JSON, which a test of `wire` rules out.
    pub fn fill(&self, sample: &Sample) -> Option<Value> {
        let mut payload: Value = serde_json::from_str(sample.json).ok()?;
        self.fill_value("", &mut payload);
        Some(payload)
    }

    fn fill_value(&self, name: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    self.fill_value(name, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.fill_value(name, item);
                }
            }
            Value::Number(number) if matches!(name, "time" | "timestamp") => {
                let is_seconds = number.as_i64().is_some_and(|number| number < SECONDS_MAX);
                *value = if is_seconds {
                    (self.now_ms / 1000).into()
                } else {
                    self.now_ms.into()
                };
            }
            Value::String(text) => {
                if let Some(ours) = self.ours(name, text) {
                    *text = ours;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn ours(&self, name: &str, text: &str) -> Option<String> {
        match text {
            FIXTURE_ACCOUNT => return Some(self.ig_id.clone()),
            FIXTURE_PERSON => return Some(self.igsid.clone()),
            FIXTURE_SELF => return Some(self.self_igsid.clone()),
            FIXTURE_USERNAME if name == "username" => return Some(self.username.clone()),
            FIXTURE_PERSON_USERNAME if name == "username" => return Some(self.person_username.clone()),
            _ => {}
        }
        if text.starts_with(MID_PREFIX) {
            Some(self.mid.clone())
        } else if text.starts_with(COMMENT_PREFIX) {
            Some(self.comment_id.clone())
        } else if text.starts_with(MEDIA_PREFIX) {
            self.media_id.clone()
        } else {
            None
        }
    }
}

/// Ids of the App Dashboard's tests (contract: webhooks §4.4).
const DASHBOARD_ENTRY: &str = "0";
const DASHBOARD_SENDER: &str = "12334";
const DASHBOARD_RECIPIENT: &str = "23245";
const DASHBOARD_TIMESTAMP: &str = "1527459824";

/// What the App Dashboard's Test button sends for an event: the recorded body where there is one, and otherwise the sample in the
/// same shape. The Instagram login's puts everything into `changes[]`. `None` when the sample is no JSON.
pub fn dashboard(spec: &EventSpec, found: &Sample, flow: LoginFlow, now_ms: i64) -> Option<Value> {
    let is_first = spec.samples.first().is_some_and(|first| first.name == found.name);
    let recorded = match (spec.field, flow) {
        ("messages", LoginFlow::Instagram) => Some("dashboard_message"),
        ("messages", LoginFlow::Facebook) => Some("dashboard_message_facebook"),
        ("comments", _) => Some("dashboard_comment"),
        _ => None,
    };
    let recorded = recorded
        .filter(|_| is_first)
        .and_then(|name| DASHBOARD_SAMPLES.iter().find(|sample| sample.name == name));
    let mut payload: Value = serde_json::from_str(recorded.unwrap_or(found).json).ok()?;
    let is_messaging = spec.placement != Placement::Changes;
    let in_changes = !is_messaging || flow == LoginFlow::Instagram;
    let now: Value = if in_changes { now_ms / 1000 } else { now_ms }.into();
    if recorded.is_some() {
        let entry = payload.pointer_mut("/entry/0")?;
        *entry.get_mut("time")? = now;
        return Some(payload);
    }
    let mut event = event_in(&mut payload)?.take();
    if is_messaging {
        let timestamp = if in_changes {
            DASHBOARD_TIMESTAMP.into()
        } else {
            now_ms.into()
        };
        for (name, value) in [
            ("sender", json!({"id": DASHBOARD_SENDER})),
            ("recipient", json!({"id": DASHBOARD_RECIPIENT})),
            ("timestamp", timestamp),
        ] {
            if let Some(there) = event.get_mut(name) {
                *there = value;
            }
        }
    }
    let mut entry = Map::new();
    entry.insert("id".to_owned(), DASHBOARD_ENTRY.into());
    entry.insert("time".to_owned(), now);
    if in_changes {
        entry.insert("changes".to_owned(), json!([{"field": spec.field, "value": event}]));
    } else {
        entry.insert("messaging".to_owned(), json!([event]));
    }
    Some(json!({"object": "instagram", "entry": [entry]}))
}

/// Sets the value at a dotted path. Paths begin at the body (`object`, `entry`) or at the one event in it.
pub fn put(payload: &mut Value, path: &str, new: Value) -> bool {
    let Some((parent, name)) = parent_of(payload, path, true) else {
        return false;
    };
    match parent {
        Value::Object(fields) => {
            fields.insert(name, new);
            true
        }
        Value::Array(items) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items[index] = new;
                true
            }
            Ok(index) if index == items.len() => {
                items.push(new);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

/// Removes the value at a dotted path; false when there is none.
pub fn remove(payload: &mut Value, path: &str) -> bool {
    match parent_of(payload, path, false) {
        Some((Value::Object(fields), name)) => fields.shift_remove(&name).is_some(),
        Some((Value::Array(items), name)) => match name.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn parent_of<'v>(payload: &'v mut Value, path: &str, make: bool) -> Option<(&'v mut Value, String)> {
    let mut keys: Vec<&str> = path.split('.').filter(|key| !key.is_empty()).collect();
    let last = keys.pop()?.to_owned();
    let first = keys.first().copied().unwrap_or(last.as_str());
    let mut here = if matches!(first, "object" | "entry") {
        payload
    } else {
        event_in(payload)?
    };
    for key in keys {
        here = match here {
            Value::Object(fields) => {
                if make && !fields.contains_key(key) {
                    fields.insert(key.to_owned(), Value::Object(Map::new()));
                }
                fields.get_mut(key)?
            }
            Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some((here, last))
}

/// The one event of a body: an element of `messaging` or `standby`, or the `value` of a change.
fn event_in(payload: &mut Value) -> Option<&mut Value> {
    let entry = payload.pointer_mut("/entry/0")?;
    let pointer = ["/messaging/0", "/standby/0", "/changes/0/value"]
        .into_iter()
        .find(|pointer| entry.pointer(pointer).is_some())?;
    entry.pointer_mut(pointer)
}

#[cfg(test)]
mod tests {
    use selfsame_wire::events::EVENTS;
    use serde_json::json;

    use super::*;

    fn ids() -> SampleIds {
        SampleIds {
            ig_id: "OUR-ACCOUNT".to_owned(),
            username: "nova".to_owned(),
            self_igsid: "OUR-SELF".to_owned(),
            igsid: "OUR-PERSON".to_owned(),
            person_username: "kim".to_owned(),
            mid: "OUR-MID".to_owned(),
            comment_id: "OUR-COMMENT".to_owned(),
            media_id: Some("OUR-MEDIA".to_owned()),
            now_ms: 1_780_315_200_123,
        }
    }

    #[test]
    fn no_sample_keeps_an_id_or_time_of_the_documents() {
        for sample in EVENTS.iter().flat_map(|spec| spec.samples) {
            let filled = ids().fill(sample).unwrap();
            let text = filled.to_string();
            for foreign in [
                FIXTURE_ACCOUNT,
                FIXTURE_PERSON,
                FIXTURE_SELF,
                "\"1569262486134\"",
                "1569262486134",
            ] {
                assert!(!text.contains(foreign), "{}: {text}", sample.name);
            }
            assert_eq!(filled["entry"][0]["id"], "OUR-ACCOUNT", "{}", sample.name);
        }
    }

    #[test]
    fn every_sample_has_a_dashboard_test_of_entry_zero_in_the_shape_of_its_flow() {
        for spec in EVENTS {
            for sample in spec.samples {
                for flow in LoginFlow::ALL {
                    let body = dashboard(spec, sample, flow, 1_780_315_200_123).unwrap();
                    let entry = &body["entry"][0];
                    assert_eq!(entry["id"], "0", "{}", sample.name);
                    let in_changes = flow == LoginFlow::Instagram || spec.placement == Placement::Changes;
                    assert_eq!(entry.get("changes").is_some(), in_changes, "{} {body}", sample.name);
                    if in_changes {
                        assert_eq!(entry["changes"][0]["field"], spec.field);
                        assert_eq!(entry["time"], 1_780_315_200);
                    }
                }
            }
        }
    }

    #[test]
    fn paths_begin_at_the_event_or_at_the_body() {
        let mut payload =
            json!({"object": "instagram", "entry": [{"id": "1", "messaging": [{"message": {"text": "a"}}]}]});
        assert!(put(&mut payload, "message.text", json!("b")));
        assert!(put(&mut payload, "message.reply_to.mid", json!("m")));
        assert!(put(&mut payload, "entry.0.id", json!("2")));
        assert!(!put(&mut payload, "entry.7.id", json!("2")));
        assert_eq!(
            payload,
            json!({"object": "instagram", "entry": [{"id": "2", "messaging": [{"message": {"text": "b", "reply_to": {"mid": "m"}}}]}]})
        );
        assert!(remove(&mut payload, "message.text"));
        assert!(!remove(&mut payload, "message.text"));
    }
}
