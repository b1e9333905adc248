//! `GET|POST|DELETE /{account or page}/subscribed_apps` — the account's webhook install (contract: webhooks §4.3).

use http::Method;
use selfsame_wire::events::subscribable_fields;
use selfsame_wire::flow::{Feature, LoginFlow, permission};
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::refusal::GraphRefusal;
use crate::domain::caller::Caller;
use crate::store::{Durability, Failure, StoreError, apps, grants};

/// Fields of the object `page` that also enable the linked account's events (contract: login-facebook §3.7).
const PAGE_FIELDS: [&str; 14] = [
    "feed",
    "mention",
    "name",
    "picture",
    "category",
    "description",
    "conversations",
    "messaging_referrals",
    "messaging_handovers",
    "message_edits",
    "message_reads",
    "message_deliveries",
    "messaging_account_linking",
    "messaging_feedback",
];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require_page_token(caller)?;
    match call.method {
        Method::GET => list(call, caller).await,
        Method::POST => install(call, caller).await,
        Method::DELETE => remove(call, caller).await,
        _ => Err(GraphRefusal::unsupported(
            caller.flow(),
            &call.method,
            call.id(),
            "subscribed_apps knows GET, POST and DELETE",
        )),
    }
}

async fn list(call: &Call, caller: &Caller) -> Outcome {
    let (app, account, flow) = (caller.app, caller.account.key, caller.flow());
    let found = call
        .app
        .world
        .store
        .read(move |connection| {
            let fields = grants::install(connection, app, account, flow)?;
            Ok(fields.zip(apps::by_key(connection, app)?))
        })
        .await?;
    let Some((fields, app)) = found else {
        return Ok(json!({"data": []}));
    };
    let mut entry = serde_json::Map::new();
    if flow == LoginFlow::Facebook {
        entry.insert("category".to_owned(), "Business".into());
        entry.insert("link".to_owned(), "https://www.facebook.com/".into());
    }
    entry.insert("name".to_owned(), app.name.into());
    let id = match flow {
        LoginFlow::Instagram => app.instagram_app_id.into_string(),
        LoginFlow::Facebook => app.meta_app_id.into_string(),
    };
    entry.insert("id".to_owned(), id.into());
    entry.insert("subscribed_fields".to_owned(), fields.into());
    Ok(json!({"data": [Value::Object(entry)]}))
}

async fn install(call: &Call, caller: &Caller) -> Outcome {
    let flow = caller.flow();
    let fields = call.parameters.names("subscribed_fields");
    let mut known = subscribable_fields();
    if flow == LoginFlow::Facebook {
        known.extend(PAGE_FIELDS);
    }
    if fields.is_empty() {
        let why = "subscribed_fields is missing: a comma list or a JSON array of webhook fields";
        return Err(GraphRefusal::new(
            GraphError::unknown_subscribed_field(flow, &known, ""),
            why,
        ));
    }
    if let Some(unknown) = fields.iter().find(|field| !known.contains(&field.as_str())) {
        let why = format!("{unknown:?} is no webhook field of the object instagram");
        return Err(GraphRefusal::new(
            GraphError::unknown_subscribed_field(flow, &known, unknown),
            why,
        ));
    }
    require_install(caller)?;
    let (app, account, now_ms) = (caller.app, caller.account.key, call.app.world.clock.now_ms());
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                Ok(grants::put_install(tx, app, account, flow, &fields, now_ms)?)
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}

/// Installing webhooks on a Page, and uninstalling them, needs a permission of its own (contract: login-facebook §3.7).
fn require_install(caller: &Caller) -> Result<(), GraphRefusal> {
    let needed = permission::PAGES_MANAGE_METADATA;
    if caller.flow() == LoginFlow::Instagram {
        return require(caller, Feature::Basic);
    }
    if caller.scopes.iter().any(|scope| scope == needed) {
        return Ok(());
    }
    Err(GraphRefusal::new(
        GraphError::permission_missing(LoginFlow::Facebook, needed),
        format!("the owner has not granted {needed}, which installing webhooks on a Page needs"),
    ))
}

async fn remove(call: &Call, caller: &Caller) -> Outcome {
    require_install(caller)?;
    let (app, account, flow) = (caller.app, caller.account.key, caller.flow());
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                Ok(grants::delete_install(tx, app, account, flow)?)
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}

/// A write that no rule can refuse.
pub(super) fn settle<T>(result: Result<T, Failure<std::convert::Infallible>>) -> Result<T, StoreError> {
    result.map_err(StoreError::from)
}
