//! `GET|POST|DELETE /{app-id}/subscriptions` with the app token — the app-level callback (contract: webhooks §4.3).

use http::Method;
use selfsame_wire::events::subscribable_fields;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::refusal::GraphRefusal;
use super::subscribed_apps::settle;
use crate::delivery::shake_hands;
use crate::domain::app::App;
use crate::store::apps::NewCallback;
use crate::store::{Durability, apps};

/// The object of every subscription here.
const OBJECT: &str = "instagram";
/// Version shown beside subscribed fields.
const FIELD_VERSION: &str = "v25.0";

/// Answers the call; any host.
pub(super) async fn handle(call: &Call, flow: LoginFlow) -> Outcome {
    let app = authenticate_app(call, flow).await?;
    match call.method {
        Method::GET => Ok(list(&app)),
        Method::POST => subscribe(call, flow, app).await,
        Method::DELETE => unsubscribe(call, app).await,
        _ => Err(GraphRefusal::unsupported(
            flow,
            &call.method,
            call.id(),
            "subscriptions knows GET, POST and DELETE",
        )),
    }
}

/// The app behind `{app-id}|{app-secret}`, which must be the app in the path. Both pairs of an app are accepted.
async fn authenticate_app(call: &Call, flow: LoginFlow) -> Result<App, GraphRefusal> {
    let id = call.id().to_owned();
    let found = call
        .app
        .world
        .store
        .read(move |connection| apps::by_any_id(connection, &id))
        .await?;
    let Some(app) = found else {
        let why = "no app has this id; see `selfsame world`";
        return Err(GraphRefusal::unsupported(flow, &call.method, call.id(), why));
    };
    let Some(token) = &call.token else {
        return Err(GraphRefusal::new(
            GraphError::token_missing(flow),
            "send the app token {app-id}|{app-secret} as access_token",
        ));
    };
    let fits = token.split_once('|').is_some_and(|(id, secret)| {
        (id == app.meta_app_id.as_str() && secret == app.meta_app_secret)
            || (id == app.instagram_app_id.as_str() && secret == app.instagram_app_secret)
    });
    if fits {
        return Ok(app);
    }
    let why = "this call takes the app token {app-id}|{app-secret} of the app in the path, not the token of an account";
    Err(GraphRefusal::new(GraphError::token_unparseable(flow), why))
}

fn list(app: &App) -> Value {
    let Some(subscription) = &app.subscription else {
        return json!({"data": []});
    };
    let fields: Vec<Value> = subscription
        .fields
        .iter()
        .map(|name| json!({"name": name, "version": FIELD_VERSION}))
        .collect();
    json!({"data": [{
        "object": OBJECT,
        "callback_url": subscription.callback_url,
        "active": subscription.state == crate::domain::app::CallbackState::Verified,
        "fields": fields,
    }]})
}

async fn subscribe(call: &Call, flow: LoginFlow, app: App) -> Outcome {
    let parameters = &call.parameters;
    let need = |name: &'static str| {
        parameters
            .text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| GraphRefusal::new(GraphError::parameter_required(flow, name), format!("{name} is missing")))
    };
    let object = need("object")?;
    if object != OBJECT {
        let why = format!("object {object:?} is not served here; the only one is {OBJECT}");
        return Err(GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Param object must be one of {instagram}"),
            why,
        ));
    }
    let callback_url = need("callback_url")?;
    let verify_token = need("verify_token")?;
    let fields = parameters.names("fields");
    let known = subscribable_fields();
    if let Some(unknown) = fields.iter().find(|field| !known.contains(&field.as_str())) {
        let why = format!("{unknown:?} is no webhook field of the object instagram");
        return Err(GraphRefusal::new(
            GraphError::unknown_subscribed_field(flow, &known, unknown),
            why,
        ));
    }
    if let Err(error) = shake_hands(&call.app.world, &call.app.transport, &callback_url, &verify_token).await {
        let mut refusal = GraphError::invalid_parameter(flow, "Callback verification failed");
        refusal.subcode = Some(2_200_000);
        return Err(GraphRefusal::new(
            refusal,
            format!("the hub.challenge handshake failed: {error}"),
        ));
    }
    let include_values = parameters.flag("include_values").unwrap_or(true);
    let new = NewCallback {
        callback_url,
        verify_token,
        fields,
        include_values,
        verified: true,
    };
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                Ok(apps::put_callback(tx, app.key, &new)?)
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}

async fn unsubscribe(call: &Call, app: App) -> Outcome {
    let gone = call.parameters.names("fields");
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                match app.subscription {
                    Some(subscription) if !gone.is_empty() => {
                        let kept: Vec<String> = subscription
                            .fields
                            .into_iter()
                            .filter(|field| !gone.contains(field))
                            .collect();
                        apps::put_fields(tx, app.key, &kept)?;
                    }
                    _ => {
                        apps::delete_callback(tx, app.key)?;
                    }
                }
                Ok(())
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}
