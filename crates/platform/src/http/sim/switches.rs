//! `GET /_sim/switches`, `PUT /_sim/switches` — what Meta leaves open, and what a test wants different.

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value};

use super::error::{ErrorAnswer, SimError};
use super::request::SimJson;
use crate::http::App;
use crate::store::{Durability, Failure, accounts, settings};
use crate::switches::Switches;

/// Reads every fidelity switch: `{name: value}`.
#[utoipa::path(get, path = "/_sim/switches",
    responses((status = 200, body = Object), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_switches(State(app): State<App>) -> Json<Switches> {
    Json(app.world.switches.current().as_ref().clone())
}

/// Sets the switches that are named; the others stay. `null` puts one back to its default.
#[utoipa::path(put, path = "/_sim/switches", request_body = Object,
    responses((status = 200, body = Object), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn put_switches(
    State(app): State<App>,
    SimJson(changes): SimJson<Map<String, Value>>,
) -> Result<Json<Switches>, SimError> {
    let switches = app
        .world
        .store
        .write(Durability::Durable, move |tx| {
            let switches = changed(&settings::switches(tx)?, changes).map_err(Failure::Refused)?;
            if let Some(username) = &switches.login_auto_consent
                && accounts::by_username(tx, username)?.is_none()
            {
                let words = format!("there is no account {username:?}");
                return Err(Failure::Refused(SimError::bad_request(
                    "unknown_account",
                    words,
                    Some("login.auto_consent"),
                )));
            }
            settings::put_switches(tx, &switches)?;
            Ok(switches)
        })
        .await?;
    app.world.switches.replace(switches.clone());
    Ok(Json(switches))
}

fn changed(current: &Switches, changes: Map<String, Value>) -> Result<Switches, SimError> {
    let as_object = |switches: &Switches| match serde_json::to_value(switches) {
        Ok(Value::Object(object)) => object,
        Ok(_) | Err(_) => Map::new(),
    };
    let mut object = as_object(current);
    let defaults = as_object(&Switches::default());
    for (name, value) in changes {
        let Some(default) = defaults.get(&name) else {
            let known: Vec<&str> = defaults.keys().map(String::as_str).collect();
            let words = format!("there is no switch {name:?}; there are {}", known.join(", "));
            return Err(SimError::bad_request("unknown_field", words, Some(&name)));
        };
        let value = if value.is_null() { default.clone() } else { value };
        let mut alone = Map::new();
        alone.insert(name.clone(), value.clone());
        if let Err(error) = serde_json::from_value::<Switches>(Value::Object(alone)) {
            return Err(SimError::bad_request("invalid_value", error.to_string(), Some(&name)));
        }
        object.insert(name, value);
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| SimError::bad_request("invalid_value", error.to_string(), None))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn only_the_named_switches_change_and_null_means_the_default() {
        let first = changed(
            &Switches::default(),
            object(json!({"self.second_event": true, "login.auto_consent": "@luna"})),
        )
        .unwrap();
        assert!(first.self_second_event);

        let second = changed(&first, object(json!({"login.auto_consent": null}))).unwrap();
        assert!(second.self_second_event);
        assert_eq!(second.login_auto_consent, None);
    }

    #[test]
    fn an_unknown_switch_and_an_impossible_value_are_named() {
        for (changes, field) in [
            (json!({"self.typo": true}), "self.typo"),
            (json!({"self.api_echo": "maybe"}), "self.api_echo"),
        ] {
            let error = changed(&Switches::default(), object(changes)).unwrap_err();
            assert!(
                format!("{error:?}").contains(&format!("field: Some({field:?})")),
                "{error:?}"
            );
        }
    }
}
