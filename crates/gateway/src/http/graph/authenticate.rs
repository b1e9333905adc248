//! From a key of ours to the account it speaks for.

use axum::http::{HeaderMap, header};
use ring::digest;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::parameters::Values;
use selfsame_wire::signature::verify_appsecret_proof;

use super::answer::Refusal;
use crate::api_key::{ApiKeyDigest, PREFIX, Scope};
use crate::http::{App, api};
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::{api_keys, engine_keys, events};

/// How old a proof with a time may be, in milliseconds; as long as Meta takes one.
const PROOF_AGE_MAX_MS: u64 = 5 * 60 * 1_000;

/// An account in whose name a call may be made.
#[derive(Clone)]
pub(super) struct Speaker {
    /// The account.
    pub(super) account: Account,
    /// In whose dialect it is answered.
    pub(super) flow: LoginFlow,
    /// What a key of the API may do; none: it was the account's engine key or the admin token.
    scopes: Option<Vec<Scope>>,
}

impl Speaker {
    /// Refuses what the key may not do.
    pub(super) fn require(&self, needed: Scope) -> Result<(), Refusal> {
        match &self.scopes {
            Some(scopes) if !needed.is_within(scopes) => {
                let error = GraphError::on(self.flow, 10, "Application does not have permission for this action");
                let why = format!(
                    "this key of the API has not the scope {}; reading needs read, everything else needs send",
                    needed.as_str()
                );
                Err(Refusal::new(error.with_status(403), why))
            }
            _ => Ok(()),
        }
    }
}

/// The key of a call, and where it stood.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The key itself.
    pub(super) text: String,
    /// Whether it stood among the parameters, so that addresses for the same caller may carry it.
    pub(super) is_parameter: bool,
}

/// What is kept of a key.
pub fn digest_of_key(key: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.as_bytes()).as_ref().to_vec()
}

/// The key of a call: `Authorization: Bearer`, else the parameter `access_token`.
pub(super) fn key_of(headers: &HeaderMap, values: &Values) -> Option<Key> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth"))
        .map(|(_, token)| token.trim())
        .filter(|key| !key.is_empty());
    if let Some(bearer) = bearer {
        return Some(Key {
            text: bearer.to_owned(),
            is_parameter: false,
        });
    }
    key_in(values)
}

/// The key among parameters.
pub(super) fn key_in(values: &Values) -> Option<Key> {
    let named = values.get("access_token").and_then(|token| token.as_str());
    named.filter(|key| !key.is_empty()).map(|key| Key {
        text: key.to_owned(),
        is_parameter: true,
    })
}

/// Checks `appsecret_proof`, where one is given: the hex HMAC-SHA256 of the key under an app secret that events are
/// signed with. With `appsecret_time` beside it, of `key|time`, as Meta's own clients write it.
pub(super) fn check_proof(app: &App, key: &Key, values: &Values) -> Result<(), Refusal> {
    let text = |name: &str| match values.get(name) {
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let Some(given) = values.get("appsecret_proof") else {
        return Ok(());
    };
    let proven = match text("appsecret_time") {
        Some(time) => {
            if !is_recent(&time, app.process.now().as_millis()) {
                return Err(Refusal::new(
                    GraphError::invalid_appsecret_proof(),
                    "appsecret_time is not within five minutes of the time here (seconds since 1970): \
                     make the proof anew for each call",
                ));
            }
            format!("{}|{time}", key.text)
        }
        None => key.text.clone(),
    };
    let proof = given.as_str().unwrap_or_default();
    let mut secrets = app.webhook_secrets.iter().filter(|secret| !secret.expose().is_empty());
    if secrets.any(|secret| verify_appsecret_proof(secret, &proven, proof)) {
        return Ok(());
    }
    Err(Refusal::new(
        GraphError::invalid_appsecret_proof(),
        "appsecret_proof is not the hex HMAC-SHA256 of this key under an app secret that the gateway signs events with",
    ))
}

/// Whether that time, in seconds since 1970, is near enough to now for a proof that was made with it.
fn is_recent(time: &str, now_ms: i64) -> bool {
    let at_ms = time.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000));
    at_ms.is_some_and(|at_ms| now_ms.abs_diff(at_ms) <= PROOF_AGE_MAX_MS)
}

/// Finds out in whose name a call is made: an engine key names its account; with the admin token or a key of
/// the API the path does (`node`), or there is only one account.
pub(super) async fn authenticate(app: &App, key: Option<&Key>, node: &str) -> Result<Speaker, Refusal> {
    let flow = LoginFlow::Instagram;
    let Some(Key { text: key, .. }) = key else {
        return Err(Refusal::new(
            GraphError::token_missing(flow),
            "no access token: send the account's engine key as `Authorization: Bearer KEY` or as access_token; \
             POST /api/v1/accounts/{id}/forward/key makes one",
        ));
    };
    let mut scopes = None;
    let account = if app.config.admin_token.matches(key) {
        of_path(app, node).await?
    } else if key.starts_with(PREFIX) {
        scopes = Some(scopes_of(app, key).await?);
        of_path(app, node).await?
    } else {
        of_engine(app, key).await?
    };
    let wanted = account.ig_id.clone();
    let token = app
        .database
        .read(move |connection| accounts::working_token(connection, &wanted, None))
        .await?;
    match token {
        Some(token) => Ok(Speaker {
            account,
            flow: token.flow,
            scopes,
        }),
        None => Err(Refusal::new(
            GraphError::token_invalidated(flow),
            "the account has no token that works: connect it again at /connect",
        )),
    }
}

async fn of_engine(app: &App, key: &str) -> Result<Account, Refusal> {
    let digest = digest_of_key(key);
    let found = app
        .database
        .read(
            move |connection| match engine_keys::find_account(connection, &digest)? {
                Some(ig_id) => accounts::find(connection, &ig_id),
                None => Ok(None),
            },
        )
        .await?;
    found.ok_or_else(|| {
        Refusal::new(
            GraphError::token_unparseable(LoginFlow::Instagram),
            "this is no engine key of a connected account; Instagram's own tokens stay inside the gateway. \
             POST /api/v1/accounts/{id}/forward/key makes a key",
        )
    })
}

async fn scopes_of(app: &App, key: &str) -> Result<Vec<Scope>, Refusal> {
    let digest = ApiKeyDigest::of(key);
    let found = app
        .database
        .read(move |connection| api_keys::find(connection, &digest))
        .await?;
    let Some(key) = found.filter(|key| key.revoked_at.is_none()) else {
        return Err(Refusal::new(
            GraphError::token_unparseable(LoginFlow::Instagram),
            "this key of the API is unknown or was revoked",
        ));
    };
    api::note_use(app, &key).await;
    Ok(key.scopes)
}

async fn of_path(app: &App, node: &str) -> Result<Account, Refusal> {
    let node = node.to_owned();
    let found = app
        .database
        .read(move |connection| {
            if let Some(account) = accounts::find_by_any_name(connection, &node)? {
                return Ok::<_, StoreError>(Some(account));
            }
            let all = accounts::list(connection)?;
            if let [only] = all.as_slice() {
                return Ok(Some(only.clone()));
            }
            for account in all {
                if events::find_comment(connection, &account.ig_id, &node)?.is_some() {
                    return Ok(Some(account));
                }
            }
            Ok(None)
        })
        .await?;
    found.ok_or_else(|| {
        Refusal::new(
            GraphError::token_unparseable(LoginFlow::Instagram),
            "this key does not say which account is meant: name it in the path, or use the account's engine key",
        )
    })
}
