//! `GET|POST /oauth/authorize`, `GET|POST /dialog/oauth` — the login dialogs (contract: login-instagram §2.1, login-facebook §3.1).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use rusqlite::Connection;
use selfsame_wire::flow::LoginFlow;

use super::client::app_of;
use super::dialog_page::{Choice, choice_page, error_page};
use crate::actions::SetupRefusal;
use crate::domain::account::Account;
use crate::domain::app::{App as DeveloperApp, AppMode};
use crate::domain::authorization::{AuthorizationParameters, AuthorizationRequest, DialogRefusal};
use crate::domain::keys::{AccountKey, AppKey};
use crate::http::App;
use crate::store::authorization_codes::AuthorizationCode;
use crate::store::grants::Grant;
use crate::store::{Durability, Failure, StoreError, accounts, apps, authorization_codes, grants, roles};

/// Codes live an hour of world time (contract: login-instagram §2.2).
const CODE_LIFETIME_MS: i64 = 60 * 60 * 1000;
const CODE_BYTES: usize = 60;
/// Pages that one login may choose.
const PAGES_MAX: usize = 25;

/// The Instagram login's dialog.
pub(super) async fn ask_instagram(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    ask(&app, LoginFlow::Instagram, &query.unwrap_or_default()).await
}

/// The Facebook login's dialog.
pub(super) async fn ask_facebook(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    ask(&app, LoginFlow::Facebook, &query.unwrap_or_default()).await
}

/// What the person chose in the Instagram login's dialog.
pub(super) async fn answer_instagram(State(app): State<App>, RawQuery(query): RawQuery, form: Bytes) -> Response {
    decide(&app, LoginFlow::Instagram, &query.unwrap_or_default(), &form).await
}

/// What the person chose in the Facebook login's dialog.
pub(super) async fn answer_facebook(State(app): State<App>, RawQuery(query): RawQuery, form: Bytes) -> Response {
    decide(&app, LoginFlow::Facebook, &query.unwrap_or_default(), &form).await
}

/// Why a dialog does not go on.
enum Stopped {
    Refused(DialogRefusal),
    Setup(SetupRefusal),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure<SetupRefusal>> for Stopped {
    fn from(failure: Failure<SetupRefusal>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Setup(refusal),
            Failure::Store(error) => Self::Store(error),
        }
    }
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => {
                tracing::info!(target: "selfsame::refusal", why = refusal.why(), "refused a login dialog");
                error_page(StatusCode::BAD_REQUEST, &refusal.to_string(), &refusal.why())
            }
            Self::Setup(refusal) => error_page(
                StatusCode::BAD_REQUEST,
                "This account cannot be connected",
                &refusal.to_string(),
            ),
            Self::Store(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a login dialog failed in the store"
                );
                error_page(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Something went wrong",
                    "The platform's store failed; its log says why.",
                )
            }
        }
    }
}

async fn ask(app: &App, flow: LoginFlow, query: &str) -> Response {
    match asked(app, flow, query).await {
        Ok(response) => response,
        Err(stopped) => stopped.into_response(),
    }
}

async fn asked(app: &App, flow: LoginFlow, query: &str) -> Result<Response, Stopped> {
    let (developer_app, request) = checked(app, flow, query).await?;
    if let Some(username) = &app.world.switches.current().login_auto_consent {
        let wanted = username.clone();
        let account = app
            .world
            .store
            .read(move |connection| accounts::by_username(connection, &wanted))
            .await?;
        let Some(account) = account else {
            let reference = username.clone();
            return Err(Stopped::Setup(SetupRefusal::UnknownAccount {
                field: "login.auto_consent",
                reference,
            }));
        };
        let scopes = request.scopes.clone();
        return Ok(redirect(
            &consent(app, developer_app, vec![account], request, scopes).await?,
        ));
    }
    let app_key = developer_app.key;
    let choices = app
        .world
        .store
        .read(move |connection| choices(connection, app_key, flow))
        .await?;
    Ok(choice_page(&developer_app, &request, &choices, None))
}

async fn decide(app: &App, flow: LoginFlow, query: &str, form: &Bytes) -> Response {
    match decided(app, flow, query, form).await {
        Ok(response) => response,
        Err(stopped) => stopped.into_response(),
    }
}

async fn decided(app: &App, flow: LoginFlow, query: &str, form: &Bytes) -> Result<Response, Stopped> {
    let (developer_app, request) = checked(app, flow, query).await?;
    let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let first = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    if first("decision").as_deref() != Some("allow") {
        return Ok(redirect(&request.denied_address()));
    }
    let ticked: Vec<&str> = fields
        .iter()
        .filter(|(key, _)| key == "scope")
        .map(|(_, value)| value.as_str())
        .collect();
    let required = request.required_scope();
    let scopes: Vec<String> = request
        .scopes
        .iter()
        .filter(|scope| *scope == required || ticked.contains(&scope.as_str()))
        .cloned()
        .collect();

    // An Instagram login is one account's; a Facebook user may let an app have several Pages.
    let most = if flow == LoginFlow::Facebook { PAGES_MAX } else { 1 };
    let wanted: Vec<String> = fields
        .iter()
        .filter(|(key, _)| key == "account")
        .take(most)
        .map(|(_, value)| value.clone())
        .collect();
    let chosen = app
        .world
        .store
        .read(move |connection| {
            let mut chosen: Vec<Account> = Vec::new();
            for username in &wanted {
                if let Some(account) = accounts::by_username(connection, username)?
                    && chosen.iter().all(|other| other.key != account.key)
                {
                    chosen.push(account);
                }
            }
            Ok(chosen)
        })
        .await?;
    if chosen.is_empty() {
        let app_key = developer_app.key;
        let choices = app
            .world
            .store
            .read(move |connection| choices(connection, app_key, flow))
            .await?;
        return Ok(choice_page(
            &developer_app,
            &request,
            &choices,
            Some(match flow {
                LoginFlow::Instagram => "Choose an account first.",
                LoginFlow::Facebook => "Choose a Page first.",
            }),
        ));
    }
    Ok(redirect(&consent(app, developer_app, chosen, request, scopes).await?))
}

async fn checked(app: &App, flow: LoginFlow, query: &str) -> Result<(DeveloperApp, AuthorizationRequest), Stopped> {
    let mut asked = AuthorizationParameters::default();
    let mut client_id = String::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "client_id" | "app_id" => {
                client_id = value.into_owned();
                continue;
            }
            "redirect_uri" => &mut asked.redirect_uri,
            "response_type" => &mut asked.response_type,
            "scope" => &mut asked.scope,
            "config_id" => &mut asked.config_id,
            "state" => &mut asked.state,
            "force_reauth" => &mut asked.force_reauth,
            "enable_fb_login" => &mut asked.enable_fb_login,
            "auth_type" => &mut asked.auth_type,
            "code_challenge" => &mut asked.code_challenge,
            "code_challenge_method" => &mut asked.code_challenge_method,
            _ => continue, // unknown parameters are ignored, as at Meta
        };
        *slot = Some(value.into_owned());
    }
    let wanted = client_id.clone();
    let (found, other) = app
        .world
        .store
        .read(move |connection| {
            Ok((
                app_of(connection, flow, &wanted)?,
                apps::by_any_id(connection, &wanted)?,
            ))
        })
        .await?;
    let Some(found) = found else {
        let other_identity_of = other.map(|other| other.name);
        return Err(Stopped::Refused(DialogRefusal::UnknownApp {
            client_id,
            other_identity_of,
        }));
    };
    let request = AuthorizationRequest::check(flow, &found, asked).map_err(Stopped::Refused)?;
    Ok((found, request))
}

/// Accounts that can be connected through this login.
fn choices(connection: &Connection, app: AppKey, flow: LoginFlow) -> Result<Vec<Choice>, StoreError> {
    let accounts = accounts::all(connection)?;
    let fits =
        |account: &Account| account.kind.is_professional() && (flow == LoginFlow::Instagram || account.page.is_some());
    let mut choices = Vec::new();
    for account in accounts.into_iter().filter(fits) {
        choices.push(Choice {
            declined: grant_before(connection, app, account.key, flow)?
                .map(|grant| grant.declined)
                .unwrap_or_default(),
            page: account.page.map(|page| page.name),
            username: account.username,
            name: account.name,
        });
    }
    Ok(choices)
}

/// What an account allowed and declined before; nothing once it has removed the app.
fn grant_before(
    connection: &Connection,
    app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
) -> Result<Option<Grant>, StoreError> {
    Ok(grants::grant(connection, app, account, flow)?.filter(|grant| grant.revoked_at_ms.is_none()))
}

/// Records the consent and makes the code that the dialog hands out. The first account is the one that logs in.
async fn consent(
    app: &App,
    developer_app: DeveloperApp,
    chosen: Vec<Account>,
    request: AuthorizationRequest,
    allowed: Vec<String>,
) -> Result<String, Stopped> {
    let code = format!("AQ{}", app.world.random.base64url(CODE_BYTES));
    let (world, now_ms, minted) = (app.world.clone(), app.world.clock.now_ms(), code.clone());
    let stored = request.clone();
    app.world
        .store
        .write(Durability::Durable, move |tx| -> Result<(), Failure<SetupRefusal>> {
            let mut made = Vec::with_capacity(chosen.len());
            for account in chosen {
                if developer_app.mode == AppMode::Development && !roles::counts(tx, developer_app.key, account.key)? {
                    return Err(Failure::Refused(SetupRefusal::InsufficientRole {
                        username: account.username,
                        app: developer_app.name,
                    }));
                }
                let before = grant_before(tx, developer_app.key, account.key, stored.flow)?;
                let (granted_before, declined_before) =
                    before.map(|grant| (grant.scopes, grant.declined)).unwrap_or_default();
                let chosen = stored.granted_of(allowed.clone(), &declined_before);
                let is_declined = |scope: &&String| !chosen.contains(scope);
                let refused: Vec<String> = stored.scopes.iter().filter(is_declined).cloned().collect();
                let granted = stored.added_to(&granted_before, &chosen);
                let declined = stored.added_to(&declined_before, &refused);
                made.push(world.consent_in(tx, &developer_app, &account, stored.flow, &granted, &declined, now_ms)?);
            }
            let Some((grant, further)) = made.split_first() else {
                return Ok(()); // nobody was chosen: the code is never made
            };
            grants::put_further(tx, *grant, further)?;
            let grant = *grant;
            let new = AuthorizationCode {
                grant,
                redirect_uri: stored.redirect_uri,
                code_challenge: stored.code_challenge,
                code_challenge_method: stored.code_challenge_method,
                expires_at_ms: now_ms.saturating_add(CODE_LIFETIME_MS),
                used_at_ms: None,
            };
            Ok(authorization_codes::insert(tx, &minted, &new)?)
        })
        .await?;
    Ok(request.granted_address(&code))
}

/// 302, as Meta's dialogs do; the address was registered by the developer and compared exactly.
fn redirect(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(location) => {
            let mut response = StatusCode::FOUND.into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response
                .headers_mut()
                .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(_) => Redirect::to("/").into_response(), // a registered address is a URL, which always fits a header
    }
}
