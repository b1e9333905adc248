//! The Instagram login (contract: login-instagram).

use http::StatusCode;
use serde_json::{Value, json};

use super::login::{REDIRECT, app, code_of, open, pairs, post_form, redirect_of, text};
use crate::house::{Answer, House};

const SCOPE: &str = "instagram_business_basic,instagram_business_manage_messages";

async fn code(house: &House, app: &Value, further: &[(&str, &str)]) -> String {
    let mut query = vec![
        ("client_id", text(app, "instagram_app_id")),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", SCOPE),
        ("state", "s 1"),
    ];
    query.extend(further);
    code_of(&redirect_of(house, &format!("/oauth/authorize?{}", pairs(&query))).await)
}

async fn exchange(house: &House, app: &Value, change: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("client_id", text(app, "instagram_app_id")),
        ("client_secret", text(app, "instagram_app_secret")),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
    ];
    fields.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
    fields.extend(change);
    post_form(house, "/oauth/access_token", &fields, &[]).await
}

fn flat(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(
        (&body["error_type"], &body["code"]),
        (&json!("OAuthException"), &json!(400)),
        "{body}"
    );
    (
        answer.status.as_u16(),
        body["error_message"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn a_whole_login_ends_with_a_token_that_lives_sixty_days() {
    let house = open().await;
    let app = app(&house).await;
    let query = pairs(&[
        ("client_id", text(&app, "instagram_app_id")),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", SCOPE),
        ("state", "s 1"),
    ]);
    let address = redirect_of(&house, &format!("/oauth/authorize?{query}")).await;
    assert!(
        address.starts_with(&format!("{REDIRECT}?code=AQ")) && address.ends_with("&state=s+1#_"),
        "{address}"
    );

    let short = exchange(&house, &app, &[("code", &code_of(&address))]).await;
    assert_eq!(short.status, StatusCode::OK);
    let short = short.json();
    let inner = &short["data"][0];
    assert_eq!(inner["permissions"], SCOPE);
    assert!(
        inner.get("token_type").is_none() && inner.get("expires_in").is_none(),
        "{short}"
    );
    let short_token = text(inner, "access_token").to_owned();
    let me = house
        .get(&format!(
            "/v25.0/me?fields=id,user_id,username&access_token={short_token}"
        ))
        .await;
    assert_eq!((&me["username"], &me["id"]), (&json!("luna.coffee"), &inner["user_id"]));

    let query = pairs(&[
        ("grant_type", "ig_exchange_token"),
        ("client_secret", text(&app, "instagram_app_secret")),
        ("access_token", &short_token),
    ]);
    let long = house.get(&format!("/access_token?{query}")).await;
    assert_eq!(
        (&long["token_type"], &long["expires_in"]),
        (&json!("bearer"), &json!(5_184_000))
    );
    assert_ne!(long["access_token"], short_token);
    let posted = post_form(
        &house,
        "/access_token",
        &[
            ("client_secret", text(&app, "instagram_app_secret")),
            ("access_token", &short_token),
        ],
        &[],
    )
    .await;
    assert_eq!(posted.status, StatusCode::OK, "POST works, too");

    house.ok("POST", "/_sim/clock", &json!({"advance": "2h"})).await;
    let expired = house.call("GET", &format!("/access_token?{query}"), &Value::Null).await;
    assert_eq!(expired.json()["error"]["error_subcode"], 463);
}

#[tokio::test]
async fn a_code_works_once_for_an_hour_for_its_own_address_and_app() {
    let house = open().await;
    let app = app(&house).await;
    let not_found = "Matching code was not found or was already used".to_owned();

    let used = code(&house, &app, &[]).await;
    assert_eq!(exchange(&house, &app, &[("code", &used)]).await.status, StatusCode::OK);
    assert_eq!(
        flat(&exchange(&house, &app, &[("code", &used)]).await),
        (400, not_found.clone())
    );
    assert_eq!(
        flat(&exchange(&house, &app, &[("code", "AQnever")]).await),
        (400, not_found.clone())
    );
    let with_fragment = format!("{}#_", code(&house, &app, &[]).await);
    let unstripped = exchange(&house, &app, &[("code", &with_fragment)]).await;
    assert!(
        unstripped.headers["x-selfsame-why"]
            .to_str()
            .unwrap()
            .contains("strip the #_")
    );

    let fresh = code(&house, &app, &[]).await;
    let (status, message) = flat(
        &exchange(
            &house,
            &app,
            &[("code", &fresh), ("redirect_uri", "https://app.test/callback/")],
        )
        .await,
    );
    assert!(
        status == 400 && message.contains("redirect_uri is identical"),
        "{message}"
    );
    let (_, message) = flat(&exchange(&house, &app, &[("code", &fresh), ("client_secret", "wrong")]).await);
    assert_eq!(message, "Error validating client secret.");
    // On our own names the Meta id would mean the Facebook login.
    let at_instagram = [
        ("client_id", text(&app, "meta_app_id")),
        ("client_secret", text(&app, "instagram_app_secret")),
        ("redirect_uri", REDIRECT),
        ("code", &fresh),
    ];
    let (_, message) = flat(
        &post_form(
            &house,
            "/oauth/access_token",
            &at_instagram,
            &[("host", "api.instagram.com")],
        )
        .await,
    );
    assert!(
        message.starts_with("Invalid platform app") || message.starts_with("Invalid client"),
        "{message}"
    );
    house.ok("POST", "/_sim/clock", &json!({"advance": "61m"})).await;
    assert_eq!(
        flat(&exchange(&house, &app, &[("code", &fresh)]).await),
        (400, not_found)
    );
}

#[tokio::test]
async fn the_switches_change_the_answers_shape() {
    let house = open().await;
    let app = app(&house).await;
    house.ok("PUT", "/_sim/switches", &json!({"oauth.token_shape": "flat", "oauth.user_id_as_number": true, "oauth.token_type_in_code_exchange": true})).await;

    let code = code(&house, &app, &[]).await;
    let answer = exchange(&house, &app, &[("code", &code)]).await.json();

    assert!(answer["user_id"].is_u64(), "{answer}");
    assert_eq!(answer["permissions"], json!(SCOPE.split(',').collect::<Vec<_>>()));
    assert_eq!(
        (&answer["token_type"], &answer["expires_in"]),
        (&json!("bearer"), &json!(3600))
    );
}

#[tokio::test]
async fn a_challenge_wants_its_verifier() {
    let house = open().await;
    let app = app(&house).await;
    let challenge = [
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];

    let code = code(&house, &app, &challenge).await;
    assert_eq!(
        exchange(&house, &app, &[("code", &code)]).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        exchange(&house, &app, &[("code", &code), ("code_verifier", "guess")])
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(
        exchange(&house, &app, &[("code", &code), ("code_verifier", verifier)])
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_is_refreshed_once_it_is_a_day_old() {
    let house = open().await;
    let granted = house
        .ok(
            "POST",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram"}),
        )
        .await;
    let path = format!(
        "/refresh_access_token?grant_type=ig_refresh_token&access_token={}",
        text(&granted, "access_token")
    );

    let young = house.call("GET", &path, &Value::Null).await;
    assert_eq!(
        (young.status, &young.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!(100))
    );
    house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    let refreshed = house.get(&path).await;
    assert_eq!(
        (&refreshed["access_token"], &refreshed["expires_in"]),
        (&granted["access_token"], &json!(5_184_000))
    );
    house.ok("POST", "/_sim/clock", &json!({"advance": "61d"})).await;
    let expired = house.call("GET", &path, &Value::Null).await;
    assert_eq!(expired.json()["error"]["error_subcode"], 463);
}

#[tokio::test]
async fn token_calls_are_in_the_journal_with_their_why() {
    let house = open().await;
    let app = app(&house).await;
    exchange(&house, &app, &[("code", "AQnever")]).await;

    let calls = house.get("/_sim/calls?path=/oauth/access_token").await;

    let call = &calls["data"][0];
    assert_eq!((&call["status"], &call["app"]), (&json!(400), &json!("demo")));
    assert!(text(call, "request_body").contains("AQnever"));
    assert!(text(call, "why").contains("never made that code"));
}

#[tokio::test]
async fn tokens_are_renewed_on_their_own_host_and_by_get_and_post_only() {
    let house = open().await;
    let world = house.get("/_sim/world").await;
    let tokens = world["accounts"][0]["tokens"].as_array().unwrap().clone();
    let long = tokens.iter().find(|token| token["kind"] == "instagram_long").unwrap();
    house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    let path = format!(
        "/refresh_access_token?grant_type=ig_refresh_token&access_token={}",
        text(long, "access_token")
    );
    let on = async |method: &str, host: &str| {
        let request = http::Request::builder().method(method).uri(&path).header("host", host);
        house
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
            .json()
    };
    let facebook = on("GET", "graph.facebook.com").await;
    assert_eq!(facebook["error"]["code"], 190, "{facebook}");
    let put = on("PUT", "graph.instagram.com").await;
    assert_eq!(put["error"]["message"], "Unsupported request - method type: put");
    let renewed = on("POST", "graph.instagram.com").await;
    assert_eq!(renewed["token_type"], "bearer", "{renewed}");
}

#[tokio::test]
async fn an_unreadable_code_exchange_is_refused_in_the_envelope_of_its_host() {
    let house = open().await;
    for (host, name) in [
        ("api.instagram.com", "error_message"),
        ("www.instagram.localhost", "error_message"),
        ("graph.facebook.com", "error"),
    ] {
        let request = http::Request::post("/oauth/access_token")
            .header("host", host)
            .header("content-type", "application/json");
        let answer = house.send(request.body(axum::body::Body::from("{")).unwrap()).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json().get(name).is_some(), "{host}: {}", answer.json());
    }
}
