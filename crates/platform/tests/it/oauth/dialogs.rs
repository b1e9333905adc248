//! The dialogs as people see them.

use http::StatusCode;
use serde_json::{Value, json};

use super::login::{REDIRECT, app, open, pairs, post_form, text};
use crate::house::House;

async fn clickable() -> House {
    let house = open().await;
    house
        .ok("PUT", "/_sim/switches", &json!({"login.auto_consent": null}))
        .await;
    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "nova", "kind": "creator"}),
        )
        .await;
    house
}

fn dialog(app: &Value, change: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("client_id", text(app, "instagram_app_id")),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "instagram_business_basic instagram_business_manage_messages"),
        ("state", "xyz"),
    ];
    query.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
    query.extend(change.iter().filter(|(_, value)| !value.is_empty()));
    format!("/oauth/authorize?{}", pairs(&query))
}

#[tokio::test]
async fn a_person_chooses_an_account_and_permissions() {
    let house = clickable().await;
    let app = app(&house).await;
    let page = house.call("GET", &dialog(&app, &[]), &Value::Null).await;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        html.contains("@nova") && html.contains("@luna.coffee") && !html.contains("@sam"),
        "{html}"
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://app.test"), "{policy}");

    let form = [("account", "nova"), ("decision", "allow")];
    let allowed = post_form(
        &house,
        &dialog(&app, &[]),
        &form,
        &[("origin", "http://localhost:7353")],
    )
    .await;
    assert_eq!(allowed.status, StatusCode::FOUND);
    assert!(
        allowed.headers["location"]
            .to_str()
            .unwrap()
            .starts_with(&format!("{REDIRECT}?code=AQ"))
    );
    let code = super::login::code_of(allowed.headers["location"].to_str().unwrap());
    let fields = [
        ("client_id", text(&app, "instagram_app_id")),
        ("client_secret", text(&app, "instagram_app_secret")),
        ("redirect_uri", REDIRECT),
        ("code", &code),
    ];
    let token = post_form(&house, "/oauth/access_token", &fields, &[]).await.json();
    assert_eq!(
        token["data"][0]["permissions"], "instagram_business_basic",
        "the other one was unticked"
    );
}

#[tokio::test]
async fn cancel_leads_back_with_the_documented_error() {
    let house = clickable().await;
    let app = app(&house).await;

    let cancelled = post_form(&house, &dialog(&app, &[]), &[("decision", "cancel")], &[]).await;

    assert_eq!(
        cancelled.headers["location"],
        format!(
            "{REDIRECT}?error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request&state=xyz"
        )
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_address_is_said_on_a_page_and_never_redirected() {
    let house = clickable().await;
    let app = app(&house).await;
    for (change, words) in [
        (("client_id", "1"), "Invalid platform app"),
        (("client_id", text(&app, "meta_app_id")), "Instagram app id"),
        (
            ("redirect_uri", "https://app.test/callback/"),
            "must be exactly one of those registered",
        ),
        (("redirect_uri", ""), "must be exactly one of those registered"),
        (("response_type", "token"), "only code is supported"),
        (
            ("scope", "instagram_business_basic,business_basic"),
            "has no permission business_basic",
        ),
        (("scope", ""), "scope is missing"),
    ] {
        let page = house.call("GET", &dialog(&app, &[change]), &Value::Null).await;
        let html = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{change:?}");
        assert!(html.contains(words), "{change:?}: {html}");
        assert!(!page.headers.contains_key("location"));
    }
}

#[tokio::test]
async fn the_options_of_the_dialog_change_what_it_offers() {
    let house = clickable().await;
    let app = app(&house).await;
    let shown = async |change: &[(&str, &str)]| {
        let page = house.call("GET", &dialog(&app, change), &Value::Null).await;
        assert_eq!(page.status, StatusCode::OK, "{change:?}");
        String::from_utf8_lossy(&page.body).into_owned()
    };
    let plain = shown(&[]).await;
    assert!(
        plain.contains("Continue as") && plain.contains("enable_fb_login"),
        "{plain}"
    );
    assert!(shown(&[("force_reauth", "true")]).await.contains("Log in again as"));
    assert!(!shown(&[("enable_fb_login", "false")]).await.contains("enable_fb_login"));
    // Retired and unknown options are ignored, as at Meta.
    let more = [
        ("force_authentication", "1"),
        ("logger_id", "x"),
        ("auth_type", "rerequest"),
    ];
    assert_eq!(shown(&more).await, plain);
}

#[tokio::test]
async fn dialogs_are_served_under_metas_names_and_consent_only_from_their_own_page() {
    let house = clickable().await;
    let app = app(&house).await;
    let request = |host: &str| {
        http::Request::get(dialog(&app, &[]))
            .header("host", host)
            .body(axum::body::Body::empty())
            .unwrap()
    };

    for host in ["www.instagram.com", "api.instagram.com", "www.instagram.localhost:7353"] {
        assert_eq!(house.send(request(host)).await.status, StatusCode::OK, "{host}");
    }
    assert_eq!(house.send(request("evil.example")).await.status, StatusCode::FORBIDDEN);
    let form = [("account", "nova"), ("decision", "allow")];
    let foreign = post_form(&house, &dialog(&app, &[]), &form, &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_facebook_dialog_offers_pages_only() {
    let house = clickable().await;
    let app = app(&house).await;
    let query = pairs(&[
        ("client_id", text(&app, "meta_app_id")),
        ("redirect_uri", REDIRECT),
        ("config_id", "1"),
        ("response_type", "code"),
        ("override_default_response_type", "true"),
    ]);
    for path in ["/dialog/oauth", "/v25.0/dialog/oauth/"] {
        let page = house.call("GET", &format!("{path}?{query}"), &Value::Null).await;
        let html = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, StatusCode::OK, "{html}");
        assert!(html.contains("@luna.coffee") && !html.contains("@nova"), "{html}");
        assert!(
            html.contains("pages_show_list"),
            "a configuration means every permission: {html}"
        );
    }
}

/// contract/login-facebook §3.1, row `auth_type`.
#[tokio::test]
async fn what_was_declined_is_asked_again_by_rerequest_only() {
    let house = clickable().await;
    let app = app(&house).await;
    house
        .ok(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee"}),
        )
        .await;
    let scope = "instagram_basic,instagram_manage_messages,instagram_manage_comments";
    let dialog = |more: &[(&str, &str)]| {
        let mut query = vec![
            ("client_id", text(&app, "meta_app_id")),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
        ];
        query.extend(more);
        format!("/v25.0/dialog/oauth?{}", pairs(&query))
    };
    let everything = [
        ("account", "luna.coffee"),
        ("decision", "allow"),
        ("scope", "instagram_manage_messages"),
        ("scope", "instagram_manage_comments"),
    ];
    let granted = async |path: &str, form: &[(&str, &str)]| {
        let allowed = post_form(&house, path, form, &[("origin", "http://localhost:7353")]).await;
        let code = super::login::code_of(allowed.headers["location"].to_str().unwrap());
        let query = pairs(&[
            ("client_id", text(&app, "meta_app_id")),
            ("client_secret", text(&app, "meta_app_secret")),
            ("redirect_uri", REDIRECT),
            ("code", &code),
        ]);
        let token = house.get(&format!("/v25.0/oauth/access_token?{query}")).await;
        let token = text(&token, "access_token").to_owned();
        let listed = house.get(&format!("/v25.0/me/permissions?access_token={token}")).await;
        let rows = listed["data"].as_array().unwrap().clone();
        let row = rows
            .iter()
            .find(|row| row["permission"] == "instagram_manage_comments")
            .unwrap();
        text(row, "status").to_owned()
    };
    let page = async |more: &[(&str, &str)]| {
        let page = house.call("GET", &dialog(more), &Value::Null).await;
        String::from_utf8_lossy(&page.body).into_owned()
    };
    let note = "declined before, and not asked again";

    assert_eq!(granted(&dialog(&[]), &everything[..3]).await, "declined");
    assert!(page(&[]).await.contains(note));
    assert_eq!(
        granted(&dialog(&[]), &everything).await,
        "declined",
        "it is not asked for again"
    );
    let again = [("auth_type", "rerequest")];
    assert!(!page(&again).await.contains(note));
    assert_eq!(granted(&dialog(&again), &everything).await, "granted");

    assert_eq!(granted(&dialog(&again), &everything[..3]).await, "declined");
    let configured = [("config_id", "1")];
    assert_eq!(
        granted(&dialog(&configured), &everything).await,
        "granted",
        "a configuration is one consent"
    );
    assert!(page(&[("auth_type", "reauthenticate")]).await.contains("Log in again"));
    assert!(!page(&[]).await.contains("Log in again"));
}
