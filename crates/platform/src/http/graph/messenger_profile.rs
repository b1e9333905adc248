//! `GET|POST|DELETE /{account or page}/messenger_profile` — ice breakers and persistent menu (contract: other-apis §6.4).

use http::Method;
use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Map, Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::refusal::GraphRefusal;
use super::subscribed_apps::settle;
use crate::domain::caller::Caller;
use crate::store::{Durability, messenger_profiles};

const PROPERTIES: [&str; 2] = ["ice_breakers", "persistent_menu"];
/// Questions of ice breakers.
const ICE_BREAKERS_MAX: usize = 4;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    match call.method {
        Method::GET => read(call, caller).await,
        Method::POST => set(call, caller).await,
        Method::DELETE => delete(call, caller).await,
        _ => Err(GraphRefusal::unsupported(
            caller.flow(),
            &call.method,
            call.id(),
            "messenger_profile knows GET, POST and DELETE",
        )),
    }
}

async fn read(call: &Call, caller: &Caller) -> Outcome {
    let asked = properties(call, caller)?;
    let account = caller.account.key;
    let found = call
        .app
        .world
        .store
        .read(move |connection| {
            let mut found = Vec::new();
            for name in asked {
                if let Some(value) = messenger_profiles::get(connection, account, name)? {
                    found.push((name, value));
                }
            }
            Ok(found)
        })
        .await?;
    let mut data = Vec::new();
    for (name, value) in found {
        // Ice breakers stand in `data` themselves, grouped by locale; the menu stands under its name.
        if name == "ice_breakers" {
            data.extend(grouped(value));
        } else {
            data.push(json!({name: value}));
        }
    }
    Ok(json!({"data": data}))
}

/// The flat form `[{question, payload}]` reads back as one group.
fn grouped(ice_breakers: Value) -> Vec<Value> {
    match ice_breakers {
        Value::Array(items) if items.iter().all(|item| item.get("call_to_actions").is_some()) => items,
        other => vec![json!({"call_to_actions": other, "locale": "default"})],
    }
}

async fn set(call: &Call, caller: &Caller) -> Outcome {
    let flow = caller.flow();
    let mut new = Map::new();
    for name in PROPERTIES {
        let Some(value) = call.parameters.json(name) else {
            continue;
        };
        let Value::Array(items) = &value else {
            let why = format!("{name} is a JSON array");
            return Err(GraphRefusal::new(
                GraphError::invalid_parameter(flow, &format!("Param {name} must be an array.")),
                why,
            ));
        };
        if name == "ice_breakers" && count(items) > ICE_BREAKERS_MAX {
            let why = format!("at most {ICE_BREAKERS_MAX} ice breakers are allowed");
            return Err(GraphRefusal::new(
                GraphError::invalid_parameter(flow, "Param ice_breakers has too many elements."),
                why,
            ));
        }
        new.insert(name.to_owned(), value);
    }
    if new.is_empty() {
        let why = "send ice_breakers or persistent_menu";
        return Err(GraphRefusal::new(
            GraphError::parameter_required(flow, "ice_breakers"),
            why,
        ));
    }
    let account = caller.account.key;
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                for (name, value) in &new {
                    messenger_profiles::put(tx, account, name, value)?;
                }
                Ok(())
            })
            .await,
    )?;
    Ok(json!({"result": "success"}))
}

fn count(items: &[Value]) -> usize {
    items
        .iter()
        .map(|item| {
            item.get("call_to_actions")
                .and_then(Value::as_array)
                .map_or(1, Vec::len)
        })
        .max()
        .unwrap_or(0)
        .max(
            items
                .iter()
                .filter(|item| item.get("call_to_actions").is_none())
                .count(),
        )
}

async fn delete(call: &Call, caller: &Caller) -> Outcome {
    let asked = properties(call, caller)?;
    let account = caller.account.key;
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                for name in asked {
                    messenger_profiles::delete(tx, account, name)?;
                }
                Ok(())
            })
            .await,
    )?;
    Ok(json!({"result": "success"}))
}

fn properties(call: &Call, caller: &Caller) -> Result<Vec<&'static str>, GraphRefusal> {
    let names = call.parameters.names("fields");
    let known: Vec<&'static str> = PROPERTIES
        .into_iter()
        .filter(|known| names.iter().any(|name| name == known))
        .collect();
    match names.iter().find(|name| !PROPERTIES.contains(&name.as_str())) {
        Some(unknown) => {
            let why = format!("messenger_profile has ice_breakers and persistent_menu, not {unknown:?}");
            Err(GraphRefusal::new(
                GraphError::nonexisting_field(caller.flow(), unknown),
                why,
            ))
        }
        None if known.is_empty() => Err(GraphRefusal::new(
            GraphError::parameter_required(caller.flow(), "fields"),
            "fields=ice_breakers or persistent_menu",
        )),
        None => Ok(known),
    }
}
