//! `POST /_sim/trigger`: any documented event, without a gesture behind it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::GestureError;
use super::dm::post_gesture;
use crate::connection::HouseClient;

/// An event to send.
#[derive(Debug, Clone, Default)]
pub struct Trigger {
    /// Name of a sample or of a webhook field.
    pub event: String,
    /// The person; anybody when absent.
    pub acting: Option<String>,
    /// The professional account; the only one when absent.
    pub towards: Option<String>,
    /// Values by dotted path. What is not there is added.
    pub changes: Map<String, Value>,
    /// Dotted paths to remove.
    pub removals: Vec<String>,
    /// The whole body, in place of the sample: JSON, or a text that is sent as it is.
    pub raw: Option<Value>,
    /// In the shape of the App Dashboard's Test button.
    pub dashboard: bool,
    /// Whose dashboard: `instagram` or `facebook`.
    pub flow: Option<String>,
}

/// What was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Triggered {
    /// Ids of the deliveries, suppressed ones included.
    pub notifications: Vec<Value>,
}

impl Trigger {
    /// Sends the event.
    ///
    /// # Errors
    /// See [`GestureError`].
    pub async fn make(self, house: &HouseClient) -> Result<Triggered, GestureError> {
        let mut body = Map::new();
        body.insert("event".to_owned(), self.event.into());
        body.insert("override".to_owned(), Value::Object(self.changes));
        body.insert("remove".to_owned(), self.removals.into());
        body.insert("dashboard".to_owned(), self.dashboard.into());
        let optional = [
            ("as", self.acting.map(Value::from)),
            ("to", self.towards.map(Value::from)),
            ("raw", self.raw),
            ("flow", self.flow.map(Value::from)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        Ok(post_gesture(house, "/_sim/trigger", Value::Object(body)).await?)
    }
}
