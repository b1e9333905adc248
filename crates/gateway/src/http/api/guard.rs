//! Who may call this API: the owner of the house, or whoever shows a key with the scope that the
//! request needs (design "Who may call").

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db::Durability;
use selfsame_runtime::http::Admitted;

use super::error::ApiError;
use crate::api_key::{ApiKeyDigest, PREFIX, Scope};
use crate::http::App;
use crate::store::StoreError;
use crate::store::api_keys::{self, ApiKeyRow};

/// How exact "last used" is, in milliseconds: a write for every request would cost more than the
/// request.
const LAST_USED_EXACTNESS_MS: i64 = 60_000;

/// Lets a request through, or refuses it.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let shown = shown_key(&request).map(str::to_owned);
    let is_owner = request
        .extensions()
        .get::<Admitted>()
        .is_some_and(|admitted| admitted.is_owner);
    let needed = scope_of(request.method(), request.uri().path());
    match admit(&app, shown, is_owner, needed).await {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let is_unauthorized = error.status() == StatusCode::UNAUTHORIZED;
            let mut response = error.into_response();
            if is_unauthorized {
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

async fn admit(app: &App, shown: Option<String>, is_owner: bool, needed: Scope) -> Result<(), ApiError> {
    // A key that is shown counts, also at home: whoever tries a key wants to see what it may do.
    if let Some(shown) = shown {
        let key = find_key(app, &shown).await?;
        if !needed.is_within(&key.scopes) {
            let message = format!(
                "this needs the scope {}; the key {:?} has {}",
                needed.as_str(),
                key.name,
                key.scopes
                    .iter()
                    .map(|scope| scope.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            return Err(ApiError::bad_request("scope_missing", message, None).with_status(StatusCode::FORBIDDEN));
        }
        note_use(app, &key).await;
        return Ok(());
    }
    if is_owner {
        return Ok(());
    }
    let message = "this needs a key: send it as `Authorization: Bearer ssk_…`, or use the admin token; \
                   keys are made with `selfsame keys add` or on /studio/keys";
    Err(ApiError::bad_request("key_needed", message, None).with_status(StatusCode::UNAUTHORIZED))
}

fn shown_key(request: &Request) -> Option<&str> {
    let text = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(PREFIX)).then_some(token)
}

async fn find_key(app: &App, shown: &str) -> Result<ApiKeyRow, ApiError> {
    let digest = ApiKeyDigest::of(shown);
    let found = app
        .database
        .read(move |connection| api_keys::find(connection, &digest))
        .await?;
    found.filter(|key| key.revoked_at.is_none()).ok_or_else(|| {
        ApiError::bad_request("key_invalid", "this key is unknown or was revoked", None)
            .with_status(StatusCode::UNAUTHORIZED)
    })
}

/// Remembers that a key was used.
pub(in crate::http) async fn note_use(app: &App, key: &ApiKeyRow) {
    let now_ms = app.world.now_ms();
    let is_noted = key
        .last_used_at
        .is_some_and(|at| now_ms.saturating_sub(at.as_millisecond()).abs() < LAST_USED_EXACTNESS_MS);
    if is_noted {
        return;
    }
    let id = key.id;
    let noted = app
        .database
        .write(Durability::Relaxed, move |tx| api_keys::touch(tx, id, now_ms))
        .await
        .map_err(StoreError::from);
    if let Err(error) = noted {
        // Reading goes on while the disk is full.
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the use of a key could not be noted"
        );
    }
}

/// The scope that a request needs. What is not listed needs all of them.
pub(super) fn scope_of(method: &Method, path: &str) -> Scope {
    let path = path.trim_start_matches("/api/v1").trim_matches('/');
    let mut segments = path.split('/');
    let first = segments.next().unwrap_or_default();
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    match first {
        // Making signatures for any body is being able to forge webhooks.
        "keys" | "signature-lab" => Scope::Admin,
        // Whoever reads a preview reads its link, and a link may publish.
        "previews" => Scope::Automations,
        _ if is_read => Scope::Read,
        "messages" | "paused-threads" | "deliveries" => Scope::Send,
        "automations" => Scope::Automations,
        "accounts" if segments.nth(1) == Some("automations") => Scope::Automations,
        "accounts" => Scope::Accounts,
        _ => Scope::Admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_needs_the_scope_of_what_it_changes() {
        for (method, path, scope) in [
            (Method::GET, "/api/v1/messages", Scope::Read),
            (Method::GET, "/api/v1/accounts/17/health", Scope::Read),
            (Method::GET, "/api/v1/keys", Scope::Admin),
            (Method::GET, "/api/v1/previews", Scope::Automations),
            (Method::POST, "/api/v1/keys", Scope::Admin),
            (Method::DELETE, "/api/v1/keys/1", Scope::Admin),
            (Method::POST, "/api/v1/signature-lab", Scope::Admin),
            (Method::POST, "/api/v1/messages", Scope::Send),
            (Method::POST, "/api/v1/messages/s1/send-again", Scope::Send),
            (Method::PUT, "/api/v1/paused-threads", Scope::Send),
            (Method::POST, "/api/v1/deliveries/1/replay", Scope::Send),
            (Method::POST, "/api/v1/automations/publish", Scope::Automations),
            (Method::PUT, "/api/v1/accounts/17/automations/draft", Scope::Automations),
            (Method::POST, "/api/v1/accounts", Scope::Accounts),
            (Method::PATCH, "/api/v1/accounts/17", Scope::Accounts),
            (Method::DELETE, "/api/v1/accounts/17", Scope::Accounts),
            (Method::POST, "/api/v1/accounts/17/webhooks", Scope::Accounts),
            (Method::POST, "/api/v1/accounts/automations", Scope::Accounts),
            (Method::PUT, "/api/v1/kill-switch", Scope::Admin),
            (Method::POST, "/api/v1/something-new", Scope::Admin),
        ] {
            assert_eq!(scope_of(&method, path), scope, "{method} {path}");
        }
    }
}
