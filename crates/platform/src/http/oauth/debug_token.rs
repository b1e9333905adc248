//! `GET /debug_token` — what a token is (contract: login-facebook §3.3).

use axum::extract::{Request, State};
use axum::response::Response;
use http::header;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::{Answered, Refusal, TokenRequest, read};
use super::client::{flow_of, is_secret};
use crate::domain::account::Account;
use crate::domain::app::App as DeveloperApp;
use crate::domain::caller::{Caller, TokenKind};
use crate::http::App;
use crate::http::graph::check_alive;
use crate::store::{apps, grants};

const FLOW: LoginFlow = LoginFlow::Facebook;
/// Access to data ends so long after the last login.
const DATA_ACCESS_MS: i64 = 90 * 24 * 60 * 60 * 1000;
const SUBCODE_EXPIRED: u32 = 463;

/// Answers the call.
pub(super) async fn debug_token(State(app): State<App>, request: Request) -> Response {
    let outcome = match read(request).await {
        Ok(request) => inspect(&app, &request).await,
        Err(refusal) => Err(refusal),
    };
    Answered {
        outcome,
        app: None,
        account: None,
    }
    .write(&app, FLOW)
}

async fn inspect(app: &App, request: &TokenRequest) -> Result<Value, Refusal> {
    let Some(input) = request.parameters.text("input_token") else {
        return Err(Refusal::graph(
            GraphError::parameter_required(FLOW, "input_token"),
            "the parameter input_token is missing",
        ));
    };
    let asker = asker(app, request).await?;
    if let Some(found) = app_behind(app, &input).await? {
        let body = json!({"app_id": app_id(&found, FLOW), "type": "APP", "application": found.name, "is_valid": true, "scopes": []});
        return Ok(json!({"data": body}));
    }
    let (found, further) = app
        .world
        .store
        .read(move |connection| {
            let found = grants::caller(connection, &input)?;
            let further = match &found {
                Some(caller) => grants::further_callers(connection, caller)?,
                None => Vec::new(),
            };
            Ok((found, further))
        })
        .await?;
    let Some(caller) = found.filter(|caller| caller.app == asker.key) else {
        return Ok(invalid(&asker, FLOW, "The access token could not be decrypted", None));
    };
    let accounts: Vec<&Account> = [&caller].into_iter().chain(&further).map(|one| &one.account).collect();
    Ok(described(&asker, &caller, &accounts, app.world.clock.now_ms()))
}

/// The app that asks: by its app token, or by a token that it owns.
async fn asker(app: &App, request: &TokenRequest) -> Result<DeveloperApp, Refusal> {
    let bearer = request
        .parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
    let Some(token) = request.parameters.text("access_token").or(bearer) else {
        return Err(Refusal::graph(
            GraphError::token_missing(FLOW),
            "access_token is the app token {app-id}|{app-secret}, or a token of the app",
        ));
    };
    if let Some(found) = app_behind(app, &token).await? {
        return Ok(found);
    }
    let found = app
        .world
        .store
        .read(move |connection| {
            let Some(caller) = grants::caller(connection, &token)? else {
                return Ok(None);
            };
            Ok(apps::by_key(connection, caller.app)?.map(|found| (caller, found)))
        })
        .await?;
    let Some((caller, found)) = found else {
        let why = "access_token is neither the app token {app-id}|{app-secret} nor a token of this platform";
        return Err(Refusal::graph(GraphError::token_unparseable(FLOW), why));
    };
    check_alive(&caller, app.world.clock.now_ms()).map_err(Refusal::Graph)?;
    Ok(found)
}

/// The app behind `{app-id}|{app-secret}`, of either identity.
async fn app_behind(app: &App, token: &str) -> Result<Option<DeveloperApp>, Refusal> {
    let Some((id, secret)) = token.split_once('|') else {
        return Ok(None);
    };
    let wanted = id.to_owned();
    let found = app
        .world
        .store
        .read(move |connection| apps::by_any_id(connection, &wanted))
        .await?;
    Ok(found.filter(|found| flow_of(found, id).is_some_and(|flow| is_secret(found, flow, Some(secret)))))
}

fn app_id(app: &DeveloperApp, flow: LoginFlow) -> &str {
    match flow {
        LoginFlow::Instagram => app.instagram_app_id.as_str(),
        LoginFlow::Facebook => app.meta_app_id.as_str(),
    }
}

fn invalid(app: &DeveloperApp, flow: LoginFlow, message: &str, subcode: Option<u32>) -> Value {
    let mut error = json!({"code": 190, "message": message});
    if let (Some(subcode), Some(object)) = (subcode, error.as_object_mut()) {
        object.insert("subcode".to_owned(), subcode.into());
    }
    json!({"data": {"app_id": app_id(app, flow), "application": app.name, "error": error, "is_valid": false, "scopes": []}})
}

/// `accounts` are those that the token reaches.
fn described(app: &DeveloperApp, caller: &Caller, accounts: &[&Account], now_ms: i64) -> Value {
    let token = &caller.token;
    let is_expired = token.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= now_ms);
    if let Some(subcode) = token.invalid_subcode.or_else(|| is_expired.then_some(SUBCODE_EXPIRED)) {
        return invalid(app, caller.flow(), "Error validating access token", Some(subcode));
    }
    let kind = if token.kind == TokenKind::Page { "PAGE" } else { "USER" };
    let user_id = match caller.flow() {
        LoginFlow::Instagram => caller.app_scoped_id.as_str(),
        LoginFlow::Facebook => caller.facebook_user_id.as_str(),
    };
    let ig_ids: Vec<&str> = accounts
        .iter()
        .filter_map(|account| Some(account.ig_id.as_ref()?.as_str()))
        .collect();
    let page_ids: Vec<&str> = accounts
        .iter()
        .filter_map(|account| Some(account.page.as_ref()?.page_id.as_str()))
        .collect();
    let targets = |scope: &str| {
        if scope.starts_with("pages_") {
            &page_ids
        } else {
            &ig_ids
        }
    };
    let granular: Vec<Value> = caller
        .scopes
        .iter()
        .map(|scope| json!({"scope": scope, "target_ids": targets(scope)}))
        .collect();
    let mut data = json!({
        "app_id": app_id(app, caller.flow()),
        "type": kind,
        "application": app.name,
        "data_access_expires_at": token.issued_at_ms.saturating_add(DATA_ACCESS_MS) / 1000,
        "expires_at": token.expires_at_ms.map_or(0, |expires_at_ms| expires_at_ms / 1000),
        "is_valid": true,
        "issued_at": token.issued_at_ms / 1000,
        "scopes": caller.scopes,
        "granular_scopes": granular,
        "user_id": user_id,
    });
    if let (TokenKind::Page, Some(page), Some(object)) = (token.kind, &caller.account.page, data.as_object_mut()) {
        object.insert("profile_id".to_owned(), page.page_id.as_str().into());
    }
    json!({ "data": data })
}
