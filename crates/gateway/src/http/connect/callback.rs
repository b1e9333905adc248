//! `GET /connect/{instagram,facebook}/callback` — where the dialogs send the browser back to.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use selfsame_client::{AppCredentials, CallFailure, Caller, CodeExchange};
use selfsame_ui::parts::segment;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::LongLivedToken;
use selfsame_wire::secret::{AccessToken, AppSecret};
use serde::Deserialize;

use super::address::{public_base, redirect_uri};
use super::choose_page;
use super::session;
use super::start::redirect_with;
use crate::config;
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::ui::PageError;
use crate::onboarding::{Connected, NewToken, OnboardError, explain};

/// What a dialog sends back. No `Debug`: the code buys a token.
#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Back from Instagram.
pub(super) async fn instagram(
    State(app): State<App>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, PageError> {
    let flow = LoginFlow::Instagram;
    let (code, _state) = check(&headers, flow, returned)?;
    let credentials = credentials_of(&app.config.instagram_app);
    let redirect_uri = redirect_uri(&public_base(&app, &headers), flow);
    let exchange = CodeExchange {
        code: &code,
        redirect_uri: &redirect_uri,
    };
    let short = app
        .client
        .exchange_code(&credentials, exchange)
        .await
        .map_err(|failure| exchange_failed(&failure))?;
    let short_token = AccessToken::new(short.access_token);
    let long = app
        .client
        .exchange_long_lived(&credentials, &short_token)
        .await
        .map_err(|failure| exchange_failed(&failure))?;
    let scopes = if short.permissions.is_empty() {
        long.permissions.clone()
    } else {
        short.permissions
    };
    let token = new_token(flow, long, scopes);
    let connected = app.onboarding.connect(token, None).await.map_err(ApiError::from)?;
    welcome(&connected)
}

/// Back from Facebook.
pub(super) async fn facebook(
    State(app): State<App>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, PageError> {
    let flow = LoginFlow::Facebook;
    let (code, state) = check(&headers, flow, returned)?;
    let credentials = credentials_of(&app.config.meta_app);
    let redirect_uri = redirect_uri(&public_base(&app, &headers), flow);
    let exchange = CodeExchange {
        code: &code,
        redirect_uri: &redirect_uri,
    };
    let short = app
        .client
        .exchange_facebook_code(&credentials, exchange)
        .await
        .map_err(|failure| exchange_failed(&failure))?;
    let short_token = AccessToken::new(short.access_token);
    let long = app
        .client
        .exchange_facebook_long_lived(&credentials, &short_token)
        .await
        .map_err(|failure| exchange_failed(&failure))?;
    let token = new_token(flow, long, Vec::new());
    match app.onboarding.connect(token.clone(), None).await {
        Ok(connected) => welcome(&connected),
        Err(OnboardError::ChoosePage { pages }) => {
            Ok(choose_page::offer(&app, &state, &token.caller, &pages)?.into_response())
        }
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// On to the account's own page; the login is over.
pub(super) fn welcome(connected: &Connected) -> Result<Response, PageError> {
    let id = segment(connected.account.ig_id.as_str());
    redirect_with(&format!("/connect/accounts/{id}"), session::forget(connected.flow))
}

/// The code of a dialog that this very browser opened, with its state.
fn check(headers: &HeaderMap, flow: LoginFlow, returned: Returned) -> Result<(String, String), PageError> {
    let remembered = session::remembered(headers, flow).ok_or_else(|| {
        PageError::refused(
            "This browser did not begin this login, or an hour has gone by.",
            "Begin again from Connect, in one browser and under one address (localhost and 127.0.0.1 are two).",
        )
    })?;
    let state = returned.state.unwrap_or_default();
    if !session::is_same(&remembered, &state) {
        return Err(PageError::refused(
            "The answer belongs to another login than the one this browser began.",
            "Somebody may have sent you a link of theirs. Begin again from Connect.",
        ));
    }
    if let Some(error) = returned.error {
        let told = returned.error_description.unwrap_or(error);
        return Err(PageError::refused(
            format!("The login was cancelled: {told}"),
            "Nothing was connected. Begin again and leave every permission on.",
        ));
    }
    let code = returned
        .code
        .filter(|code| !code.is_empty())
        .ok_or_else(|| PageError::refused("The login came back without a code.", "Begin again from Connect."))?;
    Ok((code, state))
}

fn new_token(flow: LoginFlow, long: LongLivedToken, scopes: Vec<String>) -> NewToken {
    let expires_in = long.expires_in_s.and_then(|seconds| u64::try_from(seconds).ok());
    NewToken {
        caller: Caller {
            flow,
            token: AccessToken::new(long.access_token),
        },
        scopes: (!scopes.is_empty()).then_some(scopes),
        expires_in: expires_in.map(Duration::from_secs),
    }
}

fn credentials_of(app: &config::AppCredentials) -> AppCredentials {
    AppCredentials {
        client_id: app.id.clone(),
        client_secret: AppSecret::new(app.secret.clone()),
    }
}

fn exchange_failed(failure: &CallFailure) -> PageError {
    PageError::refused(
        format!(
            "The login's code could not be exchanged for a token: {}",
            explain(failure)
        ),
        "A code works once. Begin again from Connect; if it fails again, compare the app's id, secret and redirect URI with the App Dashboard.",
    )
}
