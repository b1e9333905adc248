//! Connecting accounts: by a pasted token, by either login, and what happens when an owner leaves.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;
use serde_json::{Value, json};

use crate::business::{Answer, Business};
use crate::graph::{IG_ID, MARKER};
use crate::open::INSTAGRAM_SECRET;

const MENU: &str =
    "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n";

#[tokio::test]
async fn a_pasted_token_connects_the_account_and_installs_webhooks() {
    let business = Business::connected(MENU).await;
    let accounts = business.get("/api/v1/accounts").await.json();
    let account = &accounts["data"][0];
    assert_eq!(account["username"], "luna.coffee");
    assert_eq!(account["ig_id"], IG_ID);
    assert_eq!(account["app_scoped_id"], "25600000000000001");
    assert_eq!(account["self_igsid"], Value::Null);
    assert_eq!(account["needs_reconnect"], false);
    let fields = business.graph.subscribed();
    for field in ["messages", "messaging_postbacks", "comments", "live_comments"] {
        assert!(
            fields[0].split(',').any(|subscribed| subscribed == field),
            "{field} in {}",
            fields[0]
        );
    }
    for name in [IG_ID, "@luna.coffee", "luna.coffee", "25600000000000001"] {
        assert_eq!(
            business.get(&format!("/api/v1/accounts/{name}")).await.status,
            StatusCode::OK,
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_token_lies_sealed_in_the_store_and_shows_nowhere() {
    let business = Business::connected(MENU).await;
    for path in [
        "/api/v1/accounts",
        "/studio",
        "/connect",
        "/api/v1/status",
        "/api/v1/openapi.json",
    ] {
        // Every answer is searched for the marker by `request` itself.
        assert_eq!(business.get(path).await.status, StatusCode::OK, "{path}");
    }
    business.gateway.app().database.close().await;
    for entry in std::fs::read_dir(business.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()));
    }
}

#[tokio::test]
async fn a_dead_token_is_refused_with_its_reason_and_changes_nothing() {
    let business = Business::open(MENU).await;
    let body = json!({"flow": "instagram", "access_token": format!("{MARKER}DEAD")});
    let answer = business.post("/api/v1/accounts", &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"]["code"], "token_refused");
    assert_eq!(answer.json()["error"]["field"], "access_token");
    assert!(answer.text.contains("changed her password"), "{}", answer.text);
    assert_eq!(business.get("/api/v1/accounts").await.json()["data"], json!([]));
}

#[tokio::test]
async fn what_a_token_of_the_facebook_login_may_not_do_is_named_when_it_is_connected() {
    let business = Business::open(MENU).await;
    let scopes = [
        "pages_show_list",
        "instagram_basic",
        "instagram_manage_messages",
        "pages_manage_metadata",
    ];
    let facts = json!({"data": {"app_id": "2", "is_valid": true, "scopes": scopes}});
    business.graph.tell("/debug_token", 200, facts);
    let body = json!({"flow": "facebook", "access_token": format!("EAA{MARKER}PAGE1")});
    let answer = business.post("/api/v1/accounts", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let account = business.get("/api/v1/accounts").await.json()["data"][0].clone();
    assert_eq!(account["logins"][0]["scopes"], json!(scopes));
    let missing = account["logins"][0]["missing_scopes"].to_string();
    assert!(missing.contains("instagram_manage_comments"), "{missing}");
}

#[tokio::test]
async fn a_facebook_user_token_of_several_pages_asks_which_one() {
    let business = Business::open(MENU).await;
    let token = format!("EAA{MARKER}USER");
    let answer = business
        .post("/api/v1/accounts", &json!({"flow": "facebook", "access_token": token}))
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["error"]["code"], "choose_page");
    assert_eq!(answer.json()["error"]["pages"][1]["page_id"], "9002");
    let body = json!({"flow": "facebook", "access_token": token, "page_id": "9001"});
    let answer = business.post("/api/v1/accounts", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(answer.json()["page_id"], "9001");
    let body = json!({"flow": "facebook", "access_token": format!("EAA{MARKER}PAGE1")});
    assert_eq!(
        business.post("/api/v1/accounts", &body).await.status,
        StatusCode::CREATED
    );
    let body = json!({"flow": "telegram", "access_token": "x"});
    assert_eq!(
        business.post("/api/v1/accounts", &body).await.json()["error"]["field"],
        "flow"
    );
}

#[tokio::test]
async fn missing_permissions_are_named() {
    let business = Business::open(MENU).await;
    let body = json!({"flow": "instagram", "access_token": format!("IGAA{MARKER}"), "scopes": ["instagram_business_basic", "instagram_business_manage_messages"]});
    let account = business.post("/api/v1/accounts", &body).await.json();
    assert_eq!(
        account["logins"][0]["missing_scopes"],
        json!(["instagram_business_manage_comments"])
    );
    assert!(
        !business.graph.subscribed()[0].contains("comments"),
        "what is not permitted is not subscribed"
    );
    let health = business.get(&format!("/api/v1/accounts/{IG_ID}/health")).await.json();
    assert_eq!(health["level"], "bad");
    assert!(
        health.to_string().contains("lacks instagram_business_manage_comments"),
        "{health}"
    );
}

pub(crate) async fn begin(business: &Business, flow: &str) -> (String, String) {
    let answer = business.get(&format!("/connect/{flow}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    (answer.header("location"), cookie)
}

pub(crate) async fn come_back(business: &Business, flow: &str, query: &str, cookie: Option<&str>) -> Answer {
    let mut request = Request::get(format!("/connect/{flow}/callback?{query}")).header("host", "localhost:7354");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    business.request(request.body(Body::empty()).unwrap()).await
}

pub(crate) fn state_of(dialog: &str) -> String {
    let dialog = url::Url::parse(dialog).unwrap();
    dialog
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned()
}

#[tokio::test]
async fn a_login_through_instagram_ends_on_the_accounts_page() {
    let business = Business::open(MENU).await;
    let (dialog, cookie) = begin(&business, "instagram").await;
    assert!(dialog.starts_with("http://instagram.test/oauth/authorize?client_id=1&redirect_uri=http%3A%2F%2Flocalhost%3A7354%2Fconnect%2Finstagram%2Fcallback&response_type=code&scope=instagram_business_basic"), "{dialog}");
    let answer = come_back(
        &business,
        "instagram",
        &format!("code=AQx&state={}", state_of(&dialog)),
        Some(&cookie),
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.header("location"), format!("/connect/accounts/{IG_ID}"));
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "the login is over");
    let exchange = &business.graph.asked("/oauth/access_token")[0];
    assert_eq!(
        exchange["redirect_uri"],
        "http://localhost:7354/connect/instagram/callback"
    );
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(
        account["logins"][0]["missing_scopes"],
        json!(["instagram_business_manage_comments"])
    );
    assert!(account["logins"][0]["expires_at"].is_string());
    let page = business.get(&format!("/connect/accounts/{IG_ID}")).await;
    assert!(page.text.contains("write to yourself"), "{}", page.text);
}

#[tokio::test]
async fn a_login_that_this_browser_did_not_begin_is_refused() {
    let business = Business::open(MENU).await;
    let (dialog, cookie) = begin(&business, "instagram").await;
    let state = state_of(&dialog);
    for (query, cookie) in [
        (format!("code=AQx&state={state}"), None),
        ("code=AQx&state=other".to_owned(), Some(cookie.as_str())),
        ("code=AQx".to_owned(), Some(cookie.as_str())),
        (format!("code=AQx&state={state}"), Some("selfsame_facebook_login=x")),
        (
            format!("error=access_denied&error_description=no&state={state}"),
            Some(cookie.as_str()),
        ),
    ] {
        let answer = come_back(&business, "instagram", &query, cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert!(
        business.graph.asked("/oauth/access_token").is_empty(),
        "no code was spent"
    );
    assert_eq!(business.get("/api/v1/accounts").await.json()["data"], json!([]));
}

#[tokio::test]
async fn a_login_through_facebook_lets_the_owner_choose_a_page_and_keeps_the_token_from_her_browser() {
    let business = Business::open(MENU).await;
    let (dialog, cookie) = begin(&business, "facebook").await;
    assert!(
        dialog.starts_with("http://facebook.test/v25.0/dialog/oauth?client_id=2&"),
        "{dialog}"
    );
    let offer = come_back(
        &business,
        "facebook",
        &format!("code=AQx&state={}", state_of(&dialog)),
        Some(&cookie),
    )
    .await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.text);
    let sealed = offer
        .text
        .split("name=\"sealed\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let choose = |cookie: String| {
        let body = format!("page_id=9001&sealed={sealed}");
        Request::post("/connect/facebook/page")
            .header("host", "localhost:7354")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie)
            .body(Body::from(body))
            .unwrap()
    };
    let stolen = business
        .request(choose("selfsame_facebook_login=another".to_owned()))
        .await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST);
    let chosen = business.request(choose(cookie)).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.text);
    assert_eq!(
        business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json()["page_id"],
        "9001"
    );
}

/// A signed request about the connected account.
pub(crate) fn signed(secret: &str) -> String {
    let request = SignedRequest {
        user_id: "25600000000000001".to_owned(),
        issued_at_s: 1,
        expires_at_s: None,
    };
    format!("signed_request={}", request.sign(&AppSecret::new(secret)))
}

#[tokio::test]
async fn an_owner_who_removes_the_app_must_connect_again() {
    let business = Business::connected(MENU).await;
    assert_eq!(
        business.submit("/deauthorize", &signed("forged")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json()["needs_reconnect"],
        false
    );
    assert_eq!(
        business.submit("/deauthorize", &signed(INSTAGRAM_SECRET)).await.status,
        StatusCode::OK
    );
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["needs_reconnect"], true);
    assert_eq!(account["logins"][0]["broken"], "the owner removed the app on Instagram");
}

#[tokio::test]
async fn a_deletion_erases_messages_and_raw_bodies_and_can_be_looked_up() {
    let mut business = Business::connected(MENU).await;
    business.owner_writes("menu of my secret wishes").await;
    let rows = business.get("/api/v1/messages").await;
    assert!(rows.text.contains("secret wishes"));
    let answer = business
        .submit("/data-deletion", &signed(INSTAGRAM_SECRET))
        .await
        .json();
    let code = answer["confirmation_code"].as_str().unwrap();
    assert_eq!(answer["url"], format!("http://localhost:7354/data-deletion/{code}"));
    assert!(
        business
            .get(&format!("/data-deletion/{code}"))
            .await
            .text
            .contains("was erased")
    );
    assert_eq!(
        business.get("/data-deletion/unknown").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(business.get("/api/v1/accounts").await.json()["data"], json!([]));
    assert_eq!(business.get("/api/v1/messages").await.json()["data"], json!([]));
    let left: i64 = business
        .gateway
        .app()
        .database
        .read(|connection| {
            connection.query_row(
                "SELECT count(*) FROM raw_deliveries WHERE instr(body, CAST('secret wishes' AS BLOB)) > 0",
                [],
                |row| row.get(0),
            )
        })
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_disconnected_account_is_forgotten() {
    let business = Business::connected(MENU).await;
    let path = format!("/api/v1/accounts/{IG_ID}");
    assert_eq!(
        business.send("DELETE", &path, "text/plain", "").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(business.get(&path).await.json()["error"]["code"], "unknown_account");
}

#[tokio::test]
async fn a_token_that_was_handed_over_is_refreshed_after_a_day_and_its_end_is_known_then() {
    let business = Business::connected(MENU).await;
    let path = format!("/api/v1/accounts/{IG_ID}");
    let ends = async || business.get(&path).await.json()["logins"][0]["expires_at"].clone();
    let onboarding = &business.gateway.app().onboarding;
    assert_eq!(ends().await, Value::Null, "nobody has said it");
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 0, "too young");
    let world = &business.clocks.world;
    world.advance(jiff::SignedDuration::from_hours(25)).unwrap();
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 1);
    assert_ne!(ends().await, Value::Null);
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 0);
}

#[tokio::test]
async fn an_instagram_token_is_refreshed_before_it_ends_and_given_up_when_it_has() {
    let business = Business::open(MENU).await;
    let (dialog, cookie) = begin(&business, "instagram").await;
    come_back(
        &business,
        "instagram",
        &format!("code=AQx&state={}", state_of(&dialog)),
        Some(&cookie),
    )
    .await;
    let onboarding = &business.gateway.app().onboarding;
    assert_eq!(
        onboarding.refresh_once().await.unwrap().refreshed,
        0,
        "far from its end"
    );
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_hours(51 * 24))
        .unwrap();
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 1);
    assert_eq!(
        onboarding.refresh_once().await.unwrap().refreshed,
        0,
        "it lives sixty days again"
    );
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_hours(61 * 24))
        .unwrap();
    assert_eq!(onboarding.refresh_once().await.unwrap().broken, 1);
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["needs_reconnect"], true);
}

#[tokio::test]
async fn a_pasted_instagram_token_whose_end_nobody_told_is_refreshed_once_it_is_a_day_old() {
    let business = Business::connected(MENU).await;
    let onboarding = &business.gateway.app().onboarding;
    let hours = |hours| {
        business
            .clocks
            .world
            .advance(jiff::SignedDuration::from_hours(hours))
            .unwrap();
    };
    hours(23);
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 0, "too young");
    hours(1);
    assert_eq!(onboarding.refresh_once().await.unwrap().refreshed, 1);
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert!(account["logins"][0]["expires_at"].is_string(), "{account}");
    hours(24);
    assert_eq!(
        onboarding.refresh_once().await.unwrap().refreshed,
        0,
        "its end is known now"
    );
}
