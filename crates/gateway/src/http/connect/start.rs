//! `GET /connect` and `GET /connect/{instagram,facebook}` — the way to the login dialogs.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use selfsame_client::API_VERSION;
use selfsame_ui::maud::html;
use selfsame_ui::parts::{Tone, pill, segment};
use selfsame_wire::flow::{Feature, LoginFlow, permission};
use url::Url;

use super::address::{public_base, redirect_uri};
use super::session::{self, STATE_BYTES};
use crate::http::App;
use crate::http::api::health_of_account;
use crate::http::ui::{Page, PageError, frame};
use crate::onboarding::FindingLevel;
use crate::store::StoreError;
use crate::store::accounts;

/// Permissions that Facebook login needs for webhooks and Page choice, beyond those of the features
/// (contract, Facebook login §3.6).
const FACEBOOK_EXTRAS: [&str; 4] = [
    permission::PAGES_SHOW_LIST,
    permission::PAGES_MANAGE_METADATA,
    permission::PAGES_READ_ENGAGEMENT,
    permission::PAGES_MESSAGING,
];

/// Says what there is to connect, and what is connected.
pub(super) async fn connect(State(app): State<App>) -> Result<Page, PageError> {
    let accounts = app.database.read(accounts::list).await.map_err(StoreError::from)?;
    let mut rows = Vec::new();
    for account in accounts {
        let level = health_of_account(&app, &account).await?.level;
        rows.push((account, level));
    }
    let content = html! {
        header {
            h1 { "Connect an Instagram account" }
            p.lead { "A professional account can be connected through either login. Both together work too." }
        }
        div.columns {
            section.card {
                h2 { "Instagram login" }
                p { "For an account without a Facebook Page. You log in on Instagram." }
                p { a.button href="/connect/instagram" { "Continue with Instagram" } }
            }
            section.card {
                h2 { "Facebook login" }
                p { "For an account that is linked to a Facebook Page. You choose the Page." }
                p { a.button href="/connect/facebook" { "Continue with Facebook" } }
            }
        }
        section.card {
            h2 { "Connected" }
            @if rows.is_empty() { p.empty { "Nothing yet." } }
            @for (account, level) in &rows {
                p {
                    a href={ "/connect/accounts/" (segment(account.ig_id.as_str())) } { "@" (account.username) } " "
                    (match level {
                        FindingLevel::Good => pill("well", Tone::Good),
                        FindingLevel::Warning => pill("worth a look", Tone::Warn),
                        FindingLevel::Bad => pill("does not work", Tone::Bad),
                    })
                }
            }
        }
    };
    Ok(Page::new(frame("Connect", Some("/connect"), None).around(&content)))
}

/// Sends the browser to Instagram's dialog.
pub(super) async fn connect_instagram(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    begin(&app, &headers, LoginFlow::Instagram)
}

/// Sends the browser to Facebook's dialog.
pub(super) async fn connect_facebook(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    begin(&app, &headers, LoginFlow::Facebook)
}

fn begin(app: &App, headers: &HeaderMap, flow: LoginFlow) -> Result<Response, PageError> {
    let base = public_base(app, headers);
    let (client_id, what) = match flow {
        LoginFlow::Instagram => (&app.config.instagram_app.id, "--instagram-app-id"),
        LoginFlow::Facebook => (&app.config.meta_app.id, "--meta-app-id"),
    };
    if client_id.is_empty() {
        return Err(PageError::refused(
            "This login is not set up.",
            format!("Start the gateway with {what} and the secret that belongs to it."),
        ));
    }
    let state = app.random.base64url(STATE_BYTES);
    let mut dialog = app.client.base_urls().dialog(flow);
    extend_path(&mut dialog, flow);
    dialog
        .query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &redirect_uri(&base, flow))
        .append_pair("response_type", "code")
        .append_pair("scope", &scopes(flow).join(","))
        .append_pair("state", &state);
    redirect_with(dialog.as_str(), session::remember(flow, &state, &base))
}

/// A redirect that sets a cookie.
pub(super) fn redirect_with(target: &str, cookie: Option<HeaderValue>) -> Result<Response, PageError> {
    let location = HeaderValue::from_str(target)
        .map_err(|_invalid| PageError::refused("This address cannot be redirected to.", ""))?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn extend_path(dialog: &mut Url, flow: LoginFlow) {
    if let Ok(mut path) = dialog.path_segments_mut() {
        path.pop_if_empty();
        match flow {
            LoginFlow::Instagram => path.extend(["oauth", "authorize"]),
            LoginFlow::Facebook => path.extend([API_VERSION, "dialog", "oauth"]),
        };
    }
}

/// The permissions that the dialog asks for.
fn scopes(flow: LoginFlow) -> Vec<&'static str> {
    let mut scopes: Vec<&'static str> = Vec::new();
    for feature in [Feature::Basic, Feature::Messaging, Feature::Comments] {
        let usual = feature
            .permissions(flow)
            .alternatives
            .first()
            .copied()
            .unwrap_or_default();
        scopes.extend(usual);
    }
    if flow == LoginFlow::Facebook {
        scopes.extend(FACEBOOK_EXTRAS);
    }
    let mut seen = std::collections::BTreeSet::new();
    scopes.retain(|scope| seen.insert(*scope));
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialog_is_asked_for_what_messages_and_comments_need_once() {
        assert_eq!(
            scopes(LoginFlow::Instagram),
            [
                "instagram_business_basic",
                "instagram_business_manage_messages",
                "instagram_business_manage_comments"
            ]
        );
        let facebook = scopes(LoginFlow::Facebook);
        assert_eq!(
            facebook
                .iter()
                .filter(|scope| **scope == "pages_read_engagement")
                .count(),
            1
        );
        assert!(facebook.contains(&"pages_show_list") && facebook.contains(&"instagram_manage_messages"));
    }
}
