//! `POST /dashboard/switches` — fidelity switches.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;
use crate::store::{Durability, Failure, StoreError, settings};
use crate::switches::Switches;

/// Stores every switch and puts them in force.
pub(in crate::http::ui) async fn save_switches(State(app): State<App>, fields: Fields) -> Response {
    let outcome = save(&app, &fields).await;
    answer(&app, &fields, outcome).await
}

async fn save(app: &App, fields: &Fields) -> Result<(), PageError> {
    let switches = read(fields)?;
    let stored = switches.clone();
    let written = app.world.store.write(Durability::Durable, move |tx| {
        settings::put_switches(tx, &stored)?;
        Ok::<(), Failure<std::convert::Infallible>>(())
    });
    written.await.map_err(StoreError::from)?;
    app.world.switches.replace(switches);
    Ok(())
}

/// The form holds one field for each switch, typed by the switch's default.
fn read(fields: &Fields) -> Result<Switches, PageError> {
    let Ok(Value::Object(defaults)) = serde_json::to_value(Switches::default()) else {
        return Err(PageError::refused("The switches cannot be listed."));
    };
    let mut object = Map::new();
    for (name, default) in defaults {
        let given = fields.filled(&name);
        let value = match default {
            Value::Bool(_) => Value::Bool(given.is_some()),
            Value::Number(_) => {
                let number: u32 = given
                    .unwrap_or_default()
                    .trim()
                    .parse()
                    .map_err(|_| PageError::refused(format!("{name} is a number.")))?;
                Value::from(number)
            }
            Value::Null => given.map_or(Value::Null, Value::String),
            Value::String(_) | Value::Array(_) | Value::Object(_) => Value::String(given.unwrap_or_default()),
        };
        object.insert(name, value);
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| PageError::refused(format!("A switch cannot be set so: {error}")))
}
