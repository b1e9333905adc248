//! From a key of ours to the account it speaks for.

use axum::http::{HeaderMap, header};
use ring::digest;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::parameters::Values;

use super::answer::Refusal;
use crate::http::App;
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::{engine_keys, events};

/// An account in whose name a call may be made.
pub(super) struct Speaker {
    /// The account.
    pub(super) account: Account,
    /// In whose dialect it is answered.
    pub(super) flow: LoginFlow,
}

/// What is kept of a key.
pub fn digest_of_key(key: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.as_bytes()).as_ref().to_vec()
}

/// The key of a call: `Authorization: Bearer`, else the parameter `access_token`.
pub(super) fn key_of(headers: &HeaderMap, values: &Values) -> Option<String> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth"))
        .map(|(_, token)| token.trim().to_owned());
    let named = values
        .get("access_token")
        .and_then(|token| token.as_str())
        .map(str::to_owned);
    bearer.or(named).filter(|key| !key.is_empty())
}

/// Finds out in whose name a call is made: an engine key names its account; with the admin token the
/// path does (`node`), or there is only one account.
pub(super) async fn authenticate(app: &App, key: Option<&str>, node: &str) -> Result<Speaker, Refusal> {
    let flow = LoginFlow::Instagram;
    let Some(key) = key else {
        return Err(Refusal::new(
            GraphError::token_missing(flow),
            "no access token: send the account's engine key as `Authorization: Bearer KEY` or as access_token; \
             POST /api/v1/accounts/{id}/forward/key makes one",
        ));
    };
    let account = if app.config.admin_token.matches(key) {
        of_admin(app, node).await?
    } else {
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
                GraphError::token_unparseable(flow),
                "this is no engine key of a connected account; Instagram's own tokens stay inside the gateway. \
                 POST /api/v1/accounts/{id}/forward/key makes a key",
            )
        })?
    };
    let wanted = account.ig_id.clone();
    let token = app
        .database
        .read(move |connection| accounts::working_token(connection, &wanted))
        .await?;
    match token {
        Some(token) => Ok(Speaker {
            account,
            flow: token.flow,
        }),
        None => Err(Refusal::new(
            GraphError::token_invalidated(flow),
            "the account has no token that works: connect it again at /connect",
        )),
    }
}

async fn of_admin(app: &App, node: &str) -> Result<Account, Refusal> {
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
            "the admin token does not say which account is meant: name it in the path, or use the account's \
             engine key",
        )
    })
}
