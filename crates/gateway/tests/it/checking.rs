//! Checks say what is wrong and what to do, of the configuration and of every account.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use selfsame_gateway::Config;
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::IG_ID;

const NOTHING: &str = "automations: []";

/// The check of that code: its level, its text and its remedy.
fn check<'a>(report: &'a Value, code: &str) -> (&'a str, &'a str, &'a str) {
    let list = report.get("checks").or_else(|| report.get("findings")).unwrap();
    let found = list.as_array().unwrap().iter().find(|check| check["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {report}"));
    let text = |name: &str| found[name].as_str().unwrap();
    (text("level"), text("text"), text("remedy"))
}

#[tokio::test]
async fn a_bad_configuration_is_told_with_its_remedy() {
    let business = Business::with_config(NOTHING, |config| {
        config.verify_token = "short".to_owned();
        config.meta_app.secret = String::new();
        config.instagram_url = "https://graph.instagram.com".to_owned();
    })
    .await;
    let report = business.get("/api/v1/checks").await.json();
    assert_eq!(report["level"], "bad");
    for (code, level) in [
        ("verify_token", "warning"),
        ("app_secret", "bad"),
        ("public_url", "bad"),
        ("accounts", "warning"),
    ] {
        let (found, _, remedy) = check(&report, code);
        assert_eq!(found, level, "{code}");
        assert!(!remedy.is_empty(), "{code} has a remedy");
    }
    assert_eq!(check(&report, "store").0, "good");
    let insecure = Business::with_config(NOTHING, |config| {
        config.instagram_url = "https://graph.instagram.com".to_owned();
        config.public_url = Some("http://bot.example".to_owned());
    })
    .await;
    let report = insecure.get("/api/v1/checks").await.json();
    assert!(check(&report, "public_url").1.contains("not https"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let business = Business::connected(NOTHING).await;
    assert_eq!(
        check(&business.get("/api/v1/checks").await.json(), "key_file").0,
        "good"
    );
    let key = business.folder.path().join("gateway.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let report = business.get("/api/v1/checks").await.json();
    let (level, _, remedy) = check(&report, "key_file");
    assert_eq!(level, "bad");
    assert!(remedy.contains("chmod 600"), "{remedy}");
}

#[tokio::test]
async fn health_tells_what_only_instagram_knows() {
    let business = Business::connected(NOTHING).await;
    let path = format!("/api/v1/accounts/{IG_ID}/health?live=true");
    business.graph.tell(
        "/me/subscribed_apps",
        200,
        json!({"data": [{"id": "1", "subscribed_fields": ["messages", "comments"]}]}),
    );
    let health = business.get(&path).await.json();
    for code in ["token_live", "webhooks_live", "messages_access"] {
        assert_eq!(check(&health, code).0, "good", "{health}");
    }
    business.graph.tell(
        "/me/subscribed_apps",
        200,
        json!({"data": [{"id": "77", "subscribed_fields": ["messages"]}]}),
    );
    business.graph.tell(
        "/me/conversations",
        400,
        json!({"error": {"message": "no", "type": "OAuthException", "code": 200, "error_subcode": 2_534_041}}),
    );
    let health = business.get(&path).await.json();
    assert_eq!(health["level"], "bad");
    assert!(
        check(&health, "webhooks_live").1.contains("no webhooks"),
        "another app's do not count"
    );
    assert!(check(&health, "messages_access").2.contains("Allow access to messages"));
    business.graph.tell(
        "/me",
        400,
        json!({"error": {"message": "no", "type": "OAuthException", "code": 190, "error_subcode": 460}}),
    );
    let health = business.get(&path).await.json();
    assert!(check(&health, "token_live").1.contains("190/460"));
    let page = business.get(&format!("/connect/accounts/{IG_ID}?live=true")).await;
    assert!(page.text.contains("What Instagram says"), "{}", page.text);
}

#[tokio::test]
async fn silence_after_connecting_points_to_the_app_that_is_not_live() {
    let business = Business::connected(NOTHING).await;
    let path = format!("/api/v1/accounts/{IG_ID}/health");
    let early = business.get(&path).await;
    assert!(!early.text.contains("app_not_live"));
    business.clocks.world.advance(SignedDuration::from_mins(11)).unwrap();
    let health = business.get(&path).await.json();
    let (level, _, remedy) = check(&health, "app_not_live");
    assert!(level == "warning" && remedy.contains("App Dashboard"));
    let mut business = business;
    business.sam_writes("hello").await;
    assert!(!business.get(&path).await.text.contains("app_not_live"));
}

#[tokio::test]
async fn the_doctor_names_each_failure_that_an_account_can_have() {
    for (name, code, text, remedy) in [
        ("expired token", "token_live", "190/463", "connect the account again"),
        (
            "another account's token",
            "token_live",
            "belongs to another account",
            "connect the account again",
        ),
        (
            "missing permission",
            "messages_access",
            "cannot be read",
            "permission for messages",
        ),
        (
            "no webhooks",
            "webhooks_live",
            "no webhooks installed",
            "install them again",
        ),
        (
            "unreachable callback",
            "callback",
            "cannot be reached",
            "does something listen there",
        ),
        (
            "wrong secret",
            "wrong_secret",
            "fits none of the app secrets",
            "compare the app secrets",
        ),
    ] {
        // Nothing listens there.
        let unreachable = |config: &mut Config| {
            config.public_url = Some("http://127.0.0.1:1".to_owned());
        };
        let business = Business::with_config(NOTHING, unreachable).await;
        business.connect().await;
        let refusal = |code: i64, subcode: i64| json!({"error": {"message": "no", "type": "OAuthException", "code": code, "error_subcode": subcode}});
        match name {
            "expired token" => business.graph.tell("/me", 400, refusal(190, 463)),
            "another account's token" => {
                let other = json!({"id": "1", "user_id": "17841400000000099", "username": "other"});
                business.graph.tell("/me", 200, other);
            }
            "missing permission" => business.graph.tell("/me/conversations", 403, refusal(10, 0)),
            "no webhooks" => business.graph.tell("/me/subscribed_apps", 200, json!({"data": []})),
            "wrong secret" => {
                let request = Request::post("/webhooks/instagram")
                    .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
                    .body(Body::from("{}"))
                    .unwrap();
                business.request(request).await;
                business.clocks.world.advance(SignedDuration::from_mins(11)).unwrap();
            }
            _ => {}
        }
        let report = business.get("/api/v1/checks?live=true").await.json();
        let (level, said, remedies) = check(&report, code);
        assert_ne!(level, "good", "{name}");
        assert!(said.contains(text), "{name}: {said}");
        assert!(remedies.contains(remedy), "{name}: {remedies}");
    }
}
