//! Rendering nodes: the requested fields of an object, from a connection.

use jiff::Timestamp;
use jiff::fmt::strtime;
use rusqlite::Connection;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Map, Value};

use super::call::{Call, Outcome};
use super::fields::Field;
use super::refusal::GraphRefusal;
use crate::domain::caller::Caller;
use crate::store::StoreError;
use crate::switches::Switches;

/// Why an object is not rendered.
#[derive(Debug)]
pub(super) enum RenderError {
    /// A field that the object does not have.
    UnknownField(String),
    /// A documented refusal.
    Refused(Box<GraphRefusal>),
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for RenderError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What rendering needs to know.
pub(super) struct Scope<'a> {
    /// A reading connection.
    pub(super) connection: &'a Connection,
    /// Who asks.
    pub(super) caller: &'a Caller,
    /// Where the platform was called, for URLs of files.
    pub(super) base: &'a str,
    /// `{base}/{version}`, for URLs of following pages.
    pub(super) root: &'a str,
    /// Fidelity switches.
    pub(super) switches: &'a Switches,
    /// World time, ms.
    pub(super) now_ms: i64,
}

/// The value of a field: present, absent (left out), or an error.
pub(super) type Rendered = Result<Option<Value>, RenderError>;

/// Builds an object from its requested fields (or the defaults), in order; `id` is always there.
pub(super) fn object(
    requested: &[Field],
    defaults: &[&str],
    mut field_value: impl FnMut(&Field) -> Rendered,
) -> Result<Value, RenderError> {
    let mut object = Map::new();
    let default_fields: Vec<Field>;
    let fields = if requested.is_empty() {
        default_fields = defaults
            .iter()
            .map(|name| Field {
                name: (*name).to_owned(),
                ..Field::default()
            })
            .collect();
        &default_fields
    } else {
        requested
    };
    for field in fields {
        if let Some(value) = field_value(field)? {
            object.insert(field.name.clone(), value);
        }
    }
    if !object.contains_key("id")
        && let Some(id) = field_value(&Field {
            name: "id".to_owned(),
            ..Field::default()
        })?
    {
        object.insert("id".to_owned(), id);
    }
    Ok(Value::Object(object))
}

/// Renders on a reading connection.
pub(super) async fn render(
    call: &Call,
    caller: &Caller,
    work: impl FnOnce(&Scope<'_>) -> Result<Value, RenderError> + Send + 'static,
) -> Outcome {
    let flow = caller.flow();
    let caller = caller.clone();
    let base = call.base.clone();
    let root = format!("{base}/{}", call.path.version);
    let switches = call.app.world.switches.current();
    let now_ms = call.app.world.clock.now_ms();
    let rendered = call
        .app
        .world
        .store
        .read(move |connection| {
            let scope = Scope {
                connection,
                caller: &caller,
                base: &base,
                root: &root,
                switches: &switches,
                now_ms,
            };
            match work(&scope) {
                Err(RenderError::Store(error)) => Err(error),
                other => Ok(other),
            }
        })
        .await?;
    rendered.map_err(|error| match error {
        RenderError::UnknownField(name) => {
            let why =
                format!("this object has no field {name:?}; ask for documented fields only (contract: other-apis)");
            GraphRefusal::new(GraphError::nonexisting_field(flow, &name), why)
        }
        RenderError::Refused(refusal) => *refusal,
        RenderError::Store(error) => error.into(),
    })
}

/// `2017-08-31T19:16:02+0000`.
pub(super) fn graph_time(at_ms: i64) -> Value {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    strtime::format("%Y-%m-%dT%H:%M:%S+0000", at)
        .unwrap_or_else(|_| at.to_string())
        .into()
}

/// A refusal inside rendering.
pub(super) fn refused(refusal: GraphRefusal) -> RenderError {
    RenderError::Refused(Box::new(refusal))
}
