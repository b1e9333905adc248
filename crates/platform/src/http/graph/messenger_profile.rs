//! `GET|POST|DELETE /{account or page}/messenger_profile` — ice breakers and persistent menu (contract: other-apis §6.4).

use http::Method;
use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Map, Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::refusal::GraphRefusal;
use super::subscribed_apps::settle;
use crate::domain::caller::Caller;
use crate::domain::messenger_profile::{self, PROPERTIES};
use crate::store::{Durability, messenger_profiles};

/// Properties of Messenger's profile that Instagram does not have: ice breakers and the menu stand without a Get Started button.
const MESSENGERS: [&str; 7] = [
    "get_started",
    "greeting",
    "whitelisted_domains",
    "account_linking_url",
    "target_audience",
    "home_url",
    "commands",
];

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
    if let Some(foreign) = MESSENGERS.iter().find(|name| call.parameters.get(name).is_some()) {
        return Err(not_of_instagram(caller, foreign));
    }
    let mut new = Map::new();
    for name in PROPERTIES {
        let Some(value) = call.parameters.json(name) else {
            continue;
        };
        messenger_profile::check(name, &value).map_err(|why| {
            GraphRefusal::new(
                GraphError::invalid_parameter(flow, &format!("Param {name} is invalid.")),
                why,
            )
        })?;
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

fn not_of_instagram(caller: &Caller, name: &str) -> GraphRefusal {
    let whose = if MESSENGERS.contains(&name) {
        " (that is Messenger's; on Instagram ice breakers and the menu need no Get Started button)"
    } else {
        ""
    };
    GraphRefusal::new(
        GraphError::nonexisting_field(caller.flow(), name),
        format!(
            "messenger_profile has {}, not {name:?}{whose}",
            PROPERTIES.join(" and ")
        ),
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
        Some(unknown) => Err(not_of_instagram(caller, unknown)),
        None if known.is_empty() => Err(GraphRefusal::new(
            GraphError::parameter_required(caller.flow(), "fields"),
            "fields=ice_breakers or persistent_menu",
        )),
        None => Ok(known),
    }
}
