//! Codes into tokens: `POST api.instagram.com/oauth/access_token` (contract: login-instagram §2.3), and the part that both logins share.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::{CodeExchangeAnswer, CodeExchangeShape, OAuthError};
use serde_json::{Value, json};

use super::answer::{Answered, Refusal, TokenRequest};
use super::client::{Client, app_of, is_secret};
use crate::actions::lifetime_ms;
use crate::domain::app::App as DeveloperApp;
use crate::domain::authorization::verifier_fits;
use crate::domain::caller::{Token, TokenKind};
use crate::http::App;
use crate::http::graph::Parameters;
use crate::store::grants::Grant;
use crate::store::{Durability, Failure, Tx, accounts, authorization_codes, grants};
use crate::switches::{Switches, TokenShape};
use crate::world::World;

/// Why a code gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadCode {
    /// Never made, or made for another app or login.
    #[error(
        "this platform never made that code for this app; strip the #_ that follows it in the address, and take it whole"
    )]
    Unknown,
    /// Used before.
    #[error("the code was used before; a code works once")]
    Used,
    /// Too old.
    #[error("the code has expired in world time; a code lives one hour")]
    Expired,
    /// Made for another redirect address.
    #[error("redirect_uri is not the one that the dialog was called with")]
    RedirectMismatch,
    /// The PKCE verifier does not answer the challenge.
    #[error("code_verifier does not answer the dialog's code_challenge")]
    Verifier,
    /// The owner has taken the grant back since.
    #[error("the owner has disconnected the app since the dialog")]
    Revoked,
}

/// Uses a code up and answers its grant.
pub(super) fn use_code(
    tx: &Tx<'_>,
    app: &DeveloperApp,
    flow: LoginFlow,
    parameters: &Parameters,
    now_ms: i64,
) -> Result<Grant, Failure<BadCode>> {
    let text = parameters.text("code").unwrap_or_default();
    let code = authorization_codes::get(tx, &text)?.ok_or(Failure::Refused(BadCode::Unknown))?;
    let grant = grants::grant_by_key(tx, code.grant)?.filter(|grant| grant.app == app.key && grant.flow == flow);
    let grant = grant.ok_or(Failure::Refused(BadCode::Unknown))?;
    if code.used_at_ms.is_some() {
        return Err(Failure::Refused(BadCode::Used));
    }
    if code.expires_at_ms <= now_ms {
        return Err(Failure::Refused(BadCode::Expired));
    }
    if parameters.text("redirect_uri").as_deref() != Some(code.redirect_uri.as_str()) {
        return Err(Failure::Refused(BadCode::RedirectMismatch));
    }
    if let Some(challenge) = &code.code_challenge {
        let verifier = parameters.text("code_verifier").unwrap_or_default();
        if !verifier_fits(challenge, code.code_challenge_method.as_deref(), &verifier) {
            return Err(Failure::Refused(BadCode::Verifier));
        }
    }
    if grant.revoked_at_ms.is_some() {
        return Err(Failure::Refused(BadCode::Revoked));
    }
    if !authorization_codes::use_up(tx, &text, now_ms)? {
        return Err(Failure::Refused(BadCode::Used));
    }
    Ok(grant)
}

/// Issues a token of a grant.
pub(super) fn issue<E>(
    world: &World,
    tx: &Tx<'_>,
    grant: &Grant,
    kind: TokenKind,
    now_ms: i64,
) -> Result<Token, Failure<E>> {
    let token = Token {
        token: crate::domain::identifiers::token(&world.random, kind),
        grant: grant.key,
        kind,
        issued_at_ms: now_ms,
        expires_at_ms: lifetime_ms(kind).map(|lifetime| now_ms.saturating_add(lifetime)),
        invalid_subcode: None,
    };
    grants::insert_token(tx, &token)?; // chance makes no text twice
    Ok(token)
}

/// Answers the Instagram login's exchange.
pub(super) async fn instagram(app: &App, request: &TokenRequest, client: Client) -> Answered {
    let mut answered = Answered {
        outcome: Ok(Value::Null),
        app: None,
        account: None,
    };
    answered.outcome = exchange(app, request, client, &mut answered.app, &mut answered.account).await;
    answered
}

async fn exchange(
    app: &App,
    request: &TokenRequest,
    client: Client,
    called_by: &mut Option<crate::domain::keys::AppKey>,
    about: &mut Option<crate::domain::keys::AccountKey>,
) -> Result<Value, Refusal> {
    let id = client.id.unwrap_or_default();
    let wanted = id.clone();
    let found = app
        .world
        .store
        .read(move |connection| app_of(connection, LoginFlow::Instagram, &wanted))
        .await?;
    let Some(developer_app) = found else {
        let why = format!(
            "no app has the Instagram app id {id:?}; the Instagram login takes the Instagram pair, not the Meta pair"
        );
        return Err(Refusal::flat(OAuthError::invalid_platform_app(), why));
    };
    *called_by = Some(developer_app.key);
    if !is_secret(&developer_app, LoginFlow::Instagram, client.secret.as_deref()) {
        let why = format!(
            "client_secret is not the Instagram app secret of app {}",
            developer_app.name
        );
        return Err(Refusal::flat(OAuthError::invalid_client_secret(), why));
    }
    if request
        .parameters
        .text("grant_type")
        .is_some_and(|grant_type| grant_type != "authorization_code")
    {
        return Err(Refusal::flat(
            OAuthError::new("Invalid grant_type"),
            "grant_type is authorization_code",
        ));
    }
    let (world, parameters, now_ms) = (app.world.clone(), request.parameters.clone(), app.world.clock.now_ms());
    let exchanged = app
        .world
        .store
        .write(Durability::Durable, move |tx| {
            let grant = use_code(tx, &developer_app, LoginFlow::Instagram, &parameters, now_ms)?;
            let token = issue(&world, tx, &grant, TokenKind::InstagramShort, now_ms)?;
            let ids = grants::app_scoped_ids(tx, grant.app, grant.account)?;
            let account = accounts::by_key(tx, grant.account)?;
            Ok((grant, token, ids, account))
        })
        .await;
    let (grant, token, ids, account) = exchanged.map_err(|failure| match failure {
        Failure::Refused(bad) => Refusal::flat(
            match bad {
                BadCode::RedirectMismatch => OAuthError::redirect_uri_mismatch(),
                BadCode::Unknown | BadCode::Used | BadCode::Expired | BadCode::Verifier | BadCode::Revoked => {
                    OAuthError::code_not_found()
                }
            },
            bad.to_string(),
        ),
        Failure::Store(error) => error.into(),
    })?;
    *about = Some(grant.account);
    let switches = app.world.switches.current();
    // The documents' two samples differ in the id they show; each shape gets the one of its sample.
    let user_id = match switches.oauth_token_shape {
        TokenShape::Data => ids.map(|ids| ids.instagram_user_id.into_string()),
        TokenShape::Flat => account
            .and_then(|account| account.ig_id)
            .map(|id| id.as_str().to_owned()),
    };
    let answer = CodeExchangeAnswer {
        access_token: token.token,
        user_id,
        permissions: grant.scopes,
    };
    Ok(shaped(&answer, &switches))
}

fn shaped(answer: &CodeExchangeAnswer, switches: &Switches) -> Value {
    let shape = match switches.oauth_token_shape {
        TokenShape::Data => CodeExchangeShape::Data,
        TokenShape::Flat => CodeExchangeShape::Flat,
    };
    let mut body = answer.to_body(shape);
    let object = match shape {
        CodeExchangeShape::Data => body.pointer_mut("/data/0"),
        CodeExchangeShape::Flat => Some(&mut body),
    };
    if let Some(Value::Object(object)) = object {
        if switches.oauth_user_id_as_number
            && let Some(number) = answer.user_id.as_ref().and_then(|id| id.parse::<u64>().ok())
        {
            object.insert("user_id".to_owned(), json!(number));
        }
        if switches.oauth_token_type_in_code_exchange {
            object.insert("token_type".to_owned(), json!("bearer"));
            object.insert("expires_in".to_owned(), json!(3600));
        }
    }
    body
}
