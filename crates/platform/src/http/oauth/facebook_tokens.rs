//! `GET|POST graph.facebook.com/oauth/access_token` — codes, long-lived user tokens, app tokens (contract: login-facebook §3.2).

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::oauth::LongLivedToken;
use serde_json::{Value, json};

use super::answer::{Answered, Refusal, TokenRequest};
use super::client::{Client, app_of, is_secret};
use super::exchange_code::{BadCode, issue, use_code};
use crate::actions::lifetime_ms;
use crate::domain::app::App as DeveloperApp;
use crate::domain::caller::TokenKind;
use crate::domain::keys::{AccountKey, AppKey};
use crate::http::App;
use crate::http::graph::check_alive;
use crate::store::{Durability, Failure, grants};

const FLOW: LoginFlow = LoginFlow::Facebook;
/// Subcodes of a redirect that differs and of a code that does not parse.
const SUBCODE_REDIRECT: i64 = 36_008;
const SUBCODE_CODE_USED: i64 = 36_009;
/// Code of an unknown application.
const CODE_UNKNOWN_APP: i64 = 101;

/// Answers the call.
pub(super) async fn answer(app: &App, request: &TokenRequest, client: Client) -> Answered {
    let mut answered = Answered {
        outcome: Ok(Value::Null),
        app: None,
        account: None,
    };
    answered.outcome = carry_out(app, request, client, &mut answered.app, &mut answered.account).await;
    answered
}

async fn carry_out(
    app: &App,
    request: &TokenRequest,
    client: Client,
    called_by: &mut Option<AppKey>,
    about: &mut Option<AccountKey>,
) -> Result<Value, Refusal> {
    let Some(id) = client.id else {
        return Err(Refusal::graph(
            plain(CODE_UNKNOWN_APP, "Missing client_id parameter."),
            "the parameter client_id is missing",
        ));
    };
    let wanted = id.clone();
    let found = app
        .world
        .store
        .read(move |connection| app_of(connection, FLOW, &wanted))
        .await?;
    let Some(developer_app) = found else {
        let message = "Error validating application. Cannot get application info due to a system error.";
        let why = format!(
            "no app has the Meta app id {id:?}; the Facebook login takes the Meta pair, not the Instagram pair"
        );
        return Err(Refusal::graph(plain(CODE_UNKNOWN_APP, message), why));
    };
    *called_by = Some(developer_app.key);
    if !is_secret(&developer_app, FLOW, client.secret.as_deref()) {
        let why = format!("client_secret is not the Meta app secret of app {}", developer_app.name);
        return Err(Refusal::graph(plain(1, "Error validating client secret."), why));
    }
    match request.parameters.text("grant_type").as_deref() {
        Some("client_credentials") => {
            Ok(json!({"access_token": format!("{id}|{}", developer_app.meta_app_secret), "token_type": "bearer"}))
        }
        Some("fb_exchange_token") => exchange_token(app, request, developer_app, about).await,
        None | Some("authorization_code") => exchange_code(app, request, developer_app, about).await,
        Some(other) => {
            let why =
                format!("grant_type is authorization_code, fb_exchange_token or client_credentials, not {other:?}");
            Err(Refusal::graph(
                GraphError::invalid_parameter(FLOW, "Invalid grant_type"),
                why,
            ))
        }
    }
}

async fn exchange_code(
    app: &App,
    request: &TokenRequest,
    developer_app: DeveloperApp,
    about: &mut Option<AccountKey>,
) -> Result<Value, Refusal> {
    if request.parameters.text("code").is_none() {
        return Err(Refusal::graph(
            GraphError::invalid_parameter(FLOW, "Missing authorization code"),
            "the parameter code is missing",
        ));
    }
    let (world, parameters, now_ms) = (app.world.clone(), request.parameters.clone(), app.world.clock.now_ms());
    let exchanged = app
        .world
        .store
        .write(Durability::Durable, move |tx| {
            let grant = use_code(tx, &developer_app, FLOW, &parameters, now_ms)?;
            let user = issue(&world, tx, &grant, TokenKind::FacebookUserShort, now_ms)?;
            let further = grants::further(tx, grant.key)?;
            for one in further.iter().filter(|one| one.revoked_at_ms.is_none()).chain([&grant]) {
                if grants::page_token(tx, one.key)?.is_none() {
                    issue(&world, tx, one, TokenKind::Page, now_ms)?;
                }
            }
            Ok((grant, user))
        })
        .await;
    let (grant, user) = exchanged.map_err(|failure| match failure {
        Failure::Refused(bad) => Refusal::graph(error_of(bad), bad.to_string()),
        Failure::Store(error) => error.into(),
    })?;
    *about = Some(grant.account);
    Ok(body(user.token, TokenKind::FacebookUserShort))
}

/// OAuth's own errors carry no `(#code)` before their words.
fn plain(code: i64, message: &str) -> GraphError {
    GraphError::new("OAuthException", code, message)
}

fn error_of(bad: BadCode) -> GraphError {
    match bad {
        BadCode::Used => GraphError::authorization_code_used().with_subcode(SUBCODE_CODE_USED),
        BadCode::RedirectMismatch => plain(
            100,
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        )
        .with_subcode(SUBCODE_REDIRECT),
        BadCode::Expired => plain(100, "This authorization code has expired."),
        BadCode::Unknown | BadCode::Verifier | BadCode::Revoked => plain(100, "Invalid verification code format."),
    }
}

async fn exchange_token(
    app: &App,
    request: &TokenRequest,
    developer_app: DeveloperApp,
    about: &mut Option<AccountKey>,
) -> Result<Value, Refusal> {
    let Some(text) = request.parameters.text("fb_exchange_token") else {
        return Err(Refusal::graph(
            GraphError::parameter_required(FLOW, "fb_exchange_token"),
            "the parameter fb_exchange_token is missing",
        ));
    };
    let caller = app
        .world
        .store
        .read(move |connection| grants::caller(connection, &text))
        .await?;
    let is_user = |kind| matches!(kind, TokenKind::FacebookUserShort | TokenKind::FacebookUserLong);
    let Some(caller) = caller.filter(|caller| caller.app == developer_app.key && is_user(caller.token.kind)) else {
        let why = "fb_exchange_token is no user token that this app got through the Facebook login";
        return Err(Refusal::graph(GraphError::token_unparseable(FLOW), why));
    };
    let now_ms = app.world.clock.now_ms();
    check_alive(&caller, now_ms).map_err(Refusal::Graph)?;
    *about = Some(caller.account.key);
    let (world, key) = (app.world.clone(), caller.token.grant);
    let issued = app
        .world
        .store
        .write(Durability::Durable, move |tx| -> Result<_, Failure<Refusal>> {
            let Some(grant) = grants::grant_by_key(tx, key)? else {
                return Err(Failure::Refused(Refusal::graph(
                    GraphError::token_unparseable(FLOW),
                    "the grant is gone",
                )));
            };
            issue(&world, tx, &grant, TokenKind::FacebookUserLong, now_ms)
        })
        .await?;
    Ok(body(issued.token, TokenKind::FacebookUserLong))
}

fn body(access_token: String, kind: TokenKind) -> Value {
    let expires_in_s = lifetime_ms(kind).map(|lifetime| lifetime / 1000);
    LongLivedToken {
        access_token,
        token_type: Some("bearer".to_owned()),
        expires_in_s,
        permissions: Vec::new(),
    }
    .to_body()
}
