//! Binds a login to the browser that began it: the dialog's `state` must be in that browser's cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use ring::digest::{SHA256, digest};
use selfsame_wire::flow::LoginFlow;

/// How long a login may take, in seconds: as long as its code lives.
const LOGIN_SECONDS: u32 = 3600;
/// The bytes of a state.
pub(super) const STATE_BYTES: usize = 32;

fn cookie_name(flow: LoginFlow) -> &'static str {
    match flow {
        LoginFlow::Instagram => "selfsame_instagram_login",
        LoginFlow::Facebook => "selfsame_facebook_login",
    }
}

/// The cookie that keeps a state in the browser.
pub(super) fn remember(flow: LoginFlow, state: &str, base: &str) -> Option<HeaderValue> {
    let secure = if base.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!(
        "{}={state}; Path=/connect; Max-Age={LOGIN_SECONDS}; HttpOnly; SameSite=Lax{secure}",
        cookie_name(flow)
    );
    HeaderValue::from_str(&cookie).ok()
}

/// The cookie that forgets it.
pub(super) fn forget(flow: LoginFlow) -> Option<HeaderValue> {
    let cookie = format!(
        "{}=; Path=/connect; Max-Age=0; HttpOnly; SameSite=Lax",
        cookie_name(flow)
    );
    HeaderValue::from_str(&cookie).ok()
}

/// The state that this browser began a login with.
pub(super) fn remembered(headers: &HeaderMap, flow: LoginFlow) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(flow))
        .map(|(_, state)| state.to_owned())
        .filter(|state| !state.is_empty())
}

/// Whether the dialog came back to the browser that opened it.
pub(super) fn is_same(remembered: &str, returned: &str) -> bool {
    // Digests are compared, so that the time it takes tells nothing of the state.
    digest(&SHA256, remembered.as_bytes()).as_ref() == digest(&SHA256, returned.as_bytes()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_among_other_cookies_and_only_under_its_own_flow() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=b; selfsame_instagram_login=abc; c=d"),
        );
        assert_eq!(remembered(&headers, LoginFlow::Instagram).as_deref(), Some("abc"));
        assert_eq!(remembered(&headers, LoginFlow::Facebook), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_secure_over_https() {
        let local = remember(LoginFlow::Facebook, "abc", "http://localhost:7354").unwrap();
        let local = local.to_str().unwrap();
        assert!(local.contains("HttpOnly") && local.contains("SameSite=Lax") && !local.contains("Secure"));
        let public = remember(LoginFlow::Facebook, "abc", "https://bot.example").unwrap();
        assert!(public.to_str().unwrap().ends_with("; Secure"));
    }
}
