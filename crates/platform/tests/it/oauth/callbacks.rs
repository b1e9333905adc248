//! Deauthorize and data-deletion callbacks.

use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;
use serde_json::json;

use super::login::{app, open, post_form, text};
use crate::house::House;

#[tokio::test]
async fn the_app_hears_of_a_disconnection_signed_with_the_secret_of_the_login() {
    let house = open().await;
    house
        .ok(
            "PATCH",
            "/_sim/apps/demo",
            &json!({"deauthorize_url": "http://bot.test/gone", "data_deletion_url": "http://bot.test/delete"}),
        )
        .await;
    let app = app(&house).await;
    let world = house.get("/_sim/world").await;
    let luna = world["accounts"][0].clone();

    let revoked = house
        .ok(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee", "data_deletion": true}),
        )
        .await;

    let kinds: Vec<(&str, &str)> = revoked["callbacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|callback| (text(callback, "kind"), text(callback, "flow")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("deauthorize", "instagram"),
            ("data_deletion", "instagram"),
            ("deauthorize", "facebook"),
            ("data_deletion", "facebook")
        ]
    );
    let told = house.bot.told();
    for (told, secret, user_id) in [
        (&told[0], "instagram_app_secret", text(&luna["app_scoped_ids"], "demo")),
        (&told[2], "meta_app_secret", text(&luna["facebook_user_ids"], "demo")),
    ] {
        let (name, signed) = form_urlencoded::parse(&told.body).next().unwrap();
        assert_eq!(name, "signed_request");
        let read = SignedRequest::verify(&signed, &[AppSecret::new(text(&app, secret))]).unwrap();
        assert_eq!(read.user_id, user_id);
    }
}

/// Where apps and websites are on the phone of the demo account.
const SETTINGS: &str = "/phone/@luna.coffee/apps";

async fn page(house: &House) -> String {
    let answer = house.call("GET", SETTINGS, &serde_json::Value::Null).await;
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn the_owner_removes_an_app_on_her_phone_and_the_page_says_what_it_answered() {
    let house = open().await;
    let urls = json!({"deauthorize_url": "http://bot.test/gone", "data_deletion_url": "http://bot.test/delete"});
    house.ok("PATCH", "/_sim/apps/demo", &urls).await;
    let before = page(&house).await;
    assert!(
        before.contains("Instagram login") && before.contains("Facebook login"),
        "{before}"
    );

    let own_page = [("origin", "http://localhost:7353")];
    let form = [("app", "demo"), ("flow", "facebook"), ("data_deletion", "on")];
    let removed = post_form(&house, SETTINGS, &form, &own_page).await;
    let html = String::from_utf8_lossy(&removed.body).into_owned();
    assert_eq!(removed.status, http::StatusCode::OK, "{html}");
    assert!(
        html.contains("demo is removed") && html.contains("demo was told"),
        "{html}"
    );
    // The bot answers OK, which is not what a deletion request is to be answered with.
    assert!(html.contains("JSON with url and confirmation_code"), "{html}");
    assert_eq!(house.bot.told().len(), 2, "deauthorize, then data deletion");
    let after = page(&house).await;
    assert!(
        after.contains("Instagram login") && !after.contains("Facebook login"),
        "{after}"
    );

    let world = house.get("/_sim/world").await;
    let tokens = world["accounts"][0]["tokens"].as_array().unwrap().clone();
    assert!(
        tokens.iter().all(|token| token["flow"] == "instagram"),
        "the tokens of that login are gone: {tokens:?}"
    );
    let again = post_form(&house, SETTINGS, &form, &own_page).await;
    assert!(
        String::from_utf8_lossy(&again.body).contains("role=\"alert\""),
        "nothing is left to remove"
    );
    let foreign = post_form(&house, SETTINGS, &form, &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, http::StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_dashboard_sets_where_logins_lead() {
    let house = open().await;
    let form = [
        ("redirect_uris", "https://a.test/one\r\nhttps://b.test/two\r\n"),
        ("deauthorize_url", "http://bot.test/gone"),
        ("data_deletion_url", ""),
    ];
    let own_page = [("origin", "http://localhost:7353")];
    let saved = post_form(&house, "/dashboard/apps/demo/login", &form, &own_page).await;
    assert!(saved.status.is_redirection());
    let app = app(&house).await;
    assert_eq!(
        app["redirect_uris"],
        json!(["https://a.test/one", "https://b.test/two"])
    );
    assert_eq!(
        (&app["deauthorize_url"], &app["data_deletion_url"]),
        (&json!("http://bot.test/gone"), &json!(null))
    );
    let wrong = [("redirect_uris", "not an address")];
    let refused = post_form(&house, "/dashboard/apps/demo/login", &wrong, &own_page).await;
    assert!(
        String::from_utf8_lossy(&refused.body).contains("redirect_uris"),
        "the field is named"
    );
}

/// contract/login-facebook §3.4, login-instagram §2.7: an app that gives up its access by token hears of it as when the owner ends it.
#[tokio::test]
async fn giving_up_every_permission_by_token_calls_the_deauthorize_callback_and_giving_up_one_does_not() {
    let house = open().await;
    let urls = json!({"deauthorize_url": "http://bot.test/gone", "data_deletion_url": "http://bot.test/delete"});
    house.ok("PATCH", "/_sim/apps/demo", &urls).await;
    let app = app(&house).await;
    let luna = house.get("/_sim/world").await["accounts"][0].clone();
    let tokens = luna["tokens"].as_array().unwrap().clone();
    let rows = [
        (
            "instagram_long",
            "instagram_business_manage_comments",
            "instagram_app_secret",
            "app_scoped_ids",
        ),
        (
            "facebook_user_long",
            "instagram_manage_comments",
            "meta_app_secret",
            "facebook_user_ids",
        ),
    ];
    for (n_told, (kind, permission, secret, ids)) in rows.into_iter().enumerate() {
        let token = tokens.iter().find(|token| token["kind"] == kind).unwrap();
        let token = text(token, "access_token");
        let delete = async |path: &str| {
            let path = format!("/v25.0/{path}?access_token={token}");
            house.ok("DELETE", &path, &serde_json::Value::Null).await
        };
        assert_eq!(
            delete(&format!("me/permissions/{permission}")).await,
            json!({"success": true})
        );
        assert_eq!(house.bot.told().len(), n_told, "{kind}: the app is still connected");
        assert_eq!(delete("me/permissions").await, json!({"success": true}));
        let told = house.bot.told();
        assert_eq!(told.len(), n_told + 1, "{kind}: deauthorize alone");
        let (name, signed) = form_urlencoded::parse(&told[n_told].body).next().unwrap();
        assert_eq!(name, "signed_request");
        let read = SignedRequest::verify(&signed, &[AppSecret::new(text(&app, secret))]).unwrap();
        assert_eq!(read.user_id, text(&luna[ids], "demo"));
        let dead = house
            .call(
                "GET",
                &format!("/v25.0/me?access_token={token}"),
                &serde_json::Value::Null,
            )
            .await;
        assert_eq!(dead.json()["error"]["error_subcode"], 458, "{kind}");
    }
}
