//! From a token to a caller (contract: errors §7.4 "no/garbled token", login-instagram §2.8).

use std::sync::Arc;

use http::header;
use http::request::Parts;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::verify_appsecret_proof;

use super::parameters::Parameters;
use super::refusal::GraphRefusal;
use crate::domain::caller::Caller;
use crate::store::apps;
use crate::world::World;

/// Subcodes of dead tokens.
const SUBCODE_APP_REMOVED: u32 = 458;
const SUBCODE_PASSWORD_CHANGED: u32 = 460;
const SUBCODE_EXPIRED: u32 = 463;

/// The token of a call: `Authorization: Bearer`, else the parameter `access_token`.
pub(super) fn token_of(parts: &Parts, parameters: &Parameters) -> Option<String> {
    let bearer = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let is_bearer = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
            is_bearer.then(|| token.trim().to_owned())
        });
    bearer
        .or_else(|| parameters.text("access_token"))
        .filter(|token| !token.is_empty())
}

/// The flow in whose dialect a call without a known token is answered.
pub(super) fn dialect(host: Option<LoginFlow>, token: Option<&str>) -> LoginFlow {
    host.or_else(|| {
        let token = token?;
        LoginFlow::ALL
            .into_iter()
            .find(|flow| token.starts_with(flow.token_prefix()))
    })
    .unwrap_or(LoginFlow::Instagram)
}

/// Who calls, or the documented refusal.
pub(super) async fn authenticate(
    world: &World,
    host: Option<LoginFlow>,
    token: Option<&str>,
    parameters: &Parameters,
) -> Result<Arc<Caller>, GraphRefusal> {
    let flow = dialect(host, token);
    let Some(token) = token else {
        let why = "the call carries no token; send it as Authorization: Bearer or as access_token (see `selfsame world` for tokens)";
        return Err(GraphRefusal::new(GraphError::token_missing(flow), why));
    };
    let Some(caller) = world.store.caller(token).await? else {
        let why =
            "this platform never issued that token; see `selfsame world` or `selfsame env` for the tokens there are";
        return Err(GraphRefusal::new(GraphError::token_unparseable(flow), why));
    };
    if host.is_some_and(|host| host != caller.flow()) {
        let right = caller.flow().graph_host();
        let why = format!(
            "the token belongs to the {} login; use it on {right}, not on {}",
            caller.flow().name(),
            flow.graph_host()
        );
        return Err(GraphRefusal::new(GraphError::token_unparseable(flow), why));
    }
    check_alive(&caller, world.clock.now_ms())?;
    check_proof(world, &caller, parameters).await?;
    Ok(caller)
}

/// Whether a token still works at an instant of world time, or the documented refusal.
pub(in crate::http) fn check_alive(caller: &Caller, now_ms: i64) -> Result<(), GraphRefusal> {
    let flow = caller.flow();
    let expired = caller.token.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms);
    let (error, why) = match caller.token.invalid_subcode {
        Some(SUBCODE_APP_REMOVED) => (
            GraphError::app_not_installed(flow),
            "the owner has removed the app; she must log in again",
        ),
        Some(SUBCODE_PASSWORD_CHANGED) => (
            GraphError::password_changed(flow),
            "the owner has changed her password; she must log in again",
        ),
        Some(SUBCODE_EXPIRED) => (
            GraphError::token_expired(flow),
            "the token has expired; refresh tokens in time, or log in again",
        ),
        Some(_) => (
            GraphError::token_invalidated(flow),
            "the token was invalidated; the owner must log in again",
        ),
        None if expired => (
            GraphError::token_expired(flow),
            "the token has expired in world time (see `selfsame clock`); refresh in time, or log in again",
        ),
        None => return Ok(()),
    };
    Err(GraphRefusal::new(error, why))
}

async fn check_proof(world: &World, caller: &Caller, parameters: &Parameters) -> Result<(), GraphRefusal> {
    let Some(proof) = parameters.text("appsecret_proof") else {
        if !caller.proof_required {
            return Ok(());
        }
        let why = format!(
            "app {} requires the app secret; send appsecret_proof, the hex HMAC-SHA256 of the token under the {} app secret, or turn Require App Secret off (dashboard)",
            caller.app_name,
            caller.flow().name()
        );
        return Err(GraphRefusal::new(GraphError::appsecret_proof_required(), why));
    };
    let key = caller.app;
    let app = world
        .store
        .read(move |connection| apps::by_key(connection, key))
        .await?;
    let secret = app.map(|app| match caller.flow() {
        LoginFlow::Instagram => app.instagram_app_secret,
        LoginFlow::Facebook => app.meta_app_secret,
    });
    let fits =
        secret.is_some_and(|secret| verify_appsecret_proof(&AppSecret::new(secret), &caller.token.token, &proof));
    if fits {
        return Ok(());
    }
    let why = format!(
        "appsecret_proof is not HMAC-SHA256 of this token under the {} app secret",
        caller.flow().name()
    );
    Err(GraphRefusal::new(GraphError::invalid_appsecret_proof(), why))
}
