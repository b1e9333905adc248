//! Which app calls, by which of its identities, and whether its secret is right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use http::request::Parts;
use ring::hmac;
use rusqlite::Connection;
use selfsame_wire::flow::LoginFlow;

use crate::domain::app::App as DeveloperApp;
use crate::http::graph::Parameters;
use crate::store::{StoreError, apps};

/// Credentials of a client, wherever they stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Client {
    /// `client_id`, `app_id`, or the user of HTTP Basic.
    pub(super) id: Option<String>,
    /// `client_secret`, `app_secret`, or the password of HTTP Basic.
    pub(super) secret: Option<String>,
}

impl Client {
    /// Reads the credentials of a request; parameters go before HTTP Basic.
    pub(super) fn of(parts: &Parts, parameters: &Parameters) -> Self {
        let (basic_id, basic_secret) = basic(parts).unzip();
        let named = |name: &str, synonym: &str| parameters.text(name).or_else(|| parameters.text(synonym));
        Self {
            id: named("client_id", "app_id").or(basic_id),
            secret: named("client_secret", "app_secret").or(basic_secret),
        }
    }
}

fn basic(parts: &Parts) -> Option<(String, String)> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((unescaped(id), unescaped(secret)))
}

/// Basic credentials of OAuth are form-encoded first (RFC 6749 §2.3.1); ids and secrets here look the same either way.
fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The app that has this id in this login.
pub(super) fn app_of(connection: &Connection, flow: LoginFlow, id: &str) -> Result<Option<DeveloperApp>, StoreError> {
    Ok(apps::by_any_id(connection, id)?.filter(|app| flow_of(app, id) == Some(flow)))
}

/// The login in which an app has this id.
pub(super) fn flow_of(app: &DeveloperApp, id: &str) -> Option<LoginFlow> {
    if app.instagram_app_id.as_str() == id {
        Some(LoginFlow::Instagram)
    } else if app.meta_app_id.as_str() == id {
        Some(LoginFlow::Facebook)
    } else {
        None
    }
}

/// The app's secret in a login.
pub(super) fn secret_of(app: &DeveloperApp, flow: LoginFlow) -> &str {
    match flow {
        LoginFlow::Instagram => &app.instagram_app_secret,
        LoginFlow::Facebook => &app.meta_app_secret,
    }
}

/// Whether `shown` is the app's secret, in time that does not depend on where they differ.
pub(super) fn is_secret(app: &DeveloperApp, flow: LoginFlow, shown: Option<&str>) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret_of(app, flow).as_bytes());
    let right = hmac::sign(&key, secret_of(app, flow).as_bytes());
    shown.is_some_and(|shown| hmac::verify(&key, shown.as_bytes(), right.as_ref()).is_ok())
}
