//! `/access_token` and `/refresh_access_token` on graph.instagram.com (contract: login-instagram §2.4–2.5). GET and POST.

use axum::extract::{Request, State};
use axum::response::Response;
use http::{Method, header};
use selfsame_wire::flow::{LoginFlow, permission};
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::oauth::LongLivedToken;
use serde_json::Value;

use super::answer::{Answered, Refusal, TokenRequest, read};
use super::client::{Client, is_secret};
use super::exchange_code::issue;
use crate::actions::lifetime_ms;
use crate::domain::caller::{Caller, TokenKind};
use crate::http::App;
use crate::http::graph::{check_alive, login_of_request};
use crate::store::{Durability, Failure, apps, grants};

const FLOW: LoginFlow = LoginFlow::Instagram;
/// A long-lived token can be refreshed once it is so old.
const REFRESH_AGE_MS: i64 = 24 * 60 * 60 * 1000;

/// Short-lived into long-lived.
pub(super) async fn exchange_token(State(app): State<App>, request: Request) -> Response {
    answer(&app, request, Kind::Exchange).await
}

/// Another sixty days.
pub(super) async fn refresh_token(State(app): State<App>, request: Request) -> Response {
    answer(&app, request, Kind::Refresh).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exchange,
    Refresh,
}

async fn answer(app: &App, request: Request, kind: Kind) -> Response {
    let mut answered = Answered {
        outcome: Ok(Value::Null),
        app: None,
        account: None,
    };
    let flow = login_of_request(&request).unwrap_or(FLOW);
    answered.outcome = match read(request).await {
        Ok(_) if flow != FLOW => Err(Refusal::graph(
            GraphError::token_unparseable(flow),
            format!(
                "{} knows no token of the Instagram login; exchange and refresh them on {}",
                flow.graph_host(),
                FLOW.graph_host()
            ),
        )),
        Ok(request) => carry_out(app, &request, kind, &mut answered.app, &mut answered.account).await,
        Err(refusal) => Err(refusal),
    };
    answered.write(app, flow)
}

async fn carry_out(
    app: &App,
    request: &TokenRequest,
    kind: Kind,
    called_by: &mut Option<crate::domain::keys::AppKey>,
    about: &mut Option<crate::domain::keys::AccountKey>,
) -> Result<Value, Refusal> {
    let expected = match kind {
        Kind::Exchange => "ig_exchange_token",
        Kind::Refresh => "ig_refresh_token",
    };
    let method = &request.parts.method;
    if !matches!(*method, Method::GET | Method::HEAD | Method::POST) {
        let message = format!(
            "Unsupported request - method type: {}",
            method.as_str().to_ascii_lowercase()
        );
        let error = GraphError::new("IGApiException", 100, &message);
        return Err(Refusal::graph(error, "this endpoint takes GET and POST"));
    }
    if request
        .parameters
        .text("grant_type")
        .is_some_and(|given| given != expected)
    {
        let error = GraphError::invalid_parameter(FLOW, "Invalid grant_type");
        return Err(Refusal::graph(error, format!("grant_type is {expected} here")));
    }
    let caller = alive(app, request).await?;
    *called_by = Some(caller.app);
    *about = Some(caller.account.key);
    match kind {
        Kind::Exchange => exchange(app, request, caller).await,
        Kind::Refresh => refresh(app, caller).await,
    }
}

/// Who presents the token, if it is alive.
async fn alive(app: &App, request: &TokenRequest) -> Result<Caller, Refusal> {
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
            "the parameter access_token is missing",
        ));
    };
    let caller = app
        .world
        .store
        .read(move |connection| grants::caller(connection, &token))
        .await?;
    let Some(caller) = caller.filter(|caller| caller.flow() == FLOW) else {
        return Err(Refusal::graph(
            GraphError::token_unparseable(FLOW),
            "this platform issued no such token through the Instagram login",
        ));
    };
    check_alive(&caller, app.world.clock.now_ms()).map_err(Refusal::Graph)?;
    Ok(caller)
}

async fn exchange(app: &App, request: &TokenRequest, caller: Caller) -> Result<Value, Refusal> {
    let key = caller.app;
    let developer_app = app
        .world
        .store
        .read(move |connection| apps::by_key(connection, key))
        .await?;
    let client = Client::of(&request.parts, &request.parameters);
    if !developer_app.is_some_and(|developer_app| is_secret(&developer_app, FLOW, client.secret.as_deref())) {
        let error = GraphError::invalid_parameter(FLOW, "Error validating client secret.");
        return Err(Refusal::graph(
            error,
            format!(
                "client_secret is not the Instagram app secret of app {}",
                caller.app_name
            ),
        ));
    }
    if caller.token.kind != TokenKind::InstagramShort {
        let error = GraphError::token_unparseable(FLOW).with_subcode(33);
        return Err(Refusal::graph(
            error,
            "the token is long-lived already; only a short-lived one can be exchanged",
        ));
    }
    let (world, now_ms) = (app.world.clone(), app.world.clock.now_ms());
    let issued = app
        .world
        .store
        .write(Durability::Durable, move |tx| -> Result<_, Failure<Refusal>> {
            let grant = grants::grant_by_key(tx, caller.token.grant)?;
            let Some(grant) = grant else {
                return Err(Failure::Refused(Refusal::graph(
                    GraphError::token_unparseable(FLOW),
                    "the grant is gone",
                )));
            };
            issue(&world, tx, &grant, TokenKind::InstagramLong, now_ms)
        })
        .await?;
    Ok(long_lived(issued.token))
}

async fn refresh(app: &App, caller: Caller) -> Result<Value, Refusal> {
    let now_ms = app.world.clock.now_ms();
    if caller.token.kind != TokenKind::InstagramLong {
        let error = GraphError::invalid_parameter(FLOW, "Only long-lived access tokens can be refreshed");
        return Err(Refusal::graph(
            error,
            "exchange the short-lived token first: GET /access_token?grant_type=ig_exchange_token",
        ));
    }
    if !caller
        .scopes
        .iter()
        .any(|scope| scope == permission::INSTAGRAM_BUSINESS_BASIC)
    {
        let error = GraphError::permission_missing(FLOW, permission::INSTAGRAM_BUSINESS_BASIC);
        return Err(Refusal::graph(
            error,
            "the owner has not granted instagram_business_basic",
        ));
    }
    if now_ms.saturating_sub(caller.token.issued_at_ms) < REFRESH_AGE_MS {
        let error =
            GraphError::invalid_parameter(FLOW, "The access token must be at least 24 hours old to be refreshed");
        return Err(Refusal::graph(
            error,
            "the token is younger than 24 hours of world time; `selfsame clock advance 25h`",
        ));
    }
    let Some(lifetime) = lifetime_ms(TokenKind::InstagramLong) else {
        return Ok(long_lived(caller.token.token));
    };
    let text = caller.token.token.clone();
    app.world
        .store
        .write(Durability::Durable, move |tx| -> Result<_, Failure<Refusal>> {
            Ok(grants::extend_token(
                tx,
                &text,
                now_ms.saturating_add(lifetime),
                now_ms,
            )?)
        })
        .await?;
    Ok(long_lived(caller.token.token))
}

fn long_lived(access_token: String) -> Value {
    let expires_in_s = lifetime_ms(TokenKind::InstagramLong).map(|lifetime| lifetime / 1000);
    LongLivedToken {
        access_token,
        token_type: Some("bearer".to_owned()),
        expires_in_s,
        permissions: Vec::new(),
    }
    .to_body()
}
