//! The Facebook login (contract: login-facebook).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::login::{REDIRECT, app, code_of, open, pairs, post_form, redirect_of, text};
use crate::house::House;

const SCOPE: &str = "instagram_basic,instagram_manage_messages,pages_show_list,pages_manage_metadata";

async fn code(house: &House, app: &Value) -> String {
    let query = pairs(&[
        ("client_id", text(app, "meta_app_id")),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
    ]);
    let address = redirect_of(house, &format!("/v25.0/dialog/oauth?{query}")).await;
    assert!(address.ends_with("#_=_"), "{address}");
    assert!(!address.contains("state="), "an absent state stays absent: {address}");
    code_of(&address)
}

fn credentials(app: &Value) -> [(&'static str, &str); 2] {
    [
        ("client_id", text(app, "meta_app_id")),
        ("client_secret", text(app, "meta_app_secret")),
    ]
}

#[tokio::test]
async fn a_whole_login_ends_with_the_token_of_the_page() {
    let house = open().await;
    let app = app(&house).await;
    let code = code(&house, &app).await;
    let mut query = credentials(&app).to_vec();
    query.extend([("redirect_uri", REDIRECT), ("code", code.as_str())]);
    let query = pairs(&query);

    let user = house.get(&format!("/v25.0/oauth/access_token?{query}")).await;
    assert_eq!(
        (&user["token_type"], &user["expires_in"]),
        (&json!("bearer"), &json!(3600))
    );
    let again = house
        .call("GET", &format!("/v25.0/oauth/access_token?{query}"), &Value::Null)
        .await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        again.json()["error"]["message"],
        "This authorization code has been used."
    );
    assert!(again.headers["www-authenticate"].to_str().unwrap().contains("OAuth"));

    let mut exchange = credentials(&app).to_vec();
    exchange.extend([
        ("grant_type", "fb_exchange_token"),
        ("fb_exchange_token", text(&user, "access_token")),
    ]);
    let long = house.get(&format!("/oauth/access_token?{}", pairs(&exchange))).await;
    assert_eq!(long["expires_in"], 5_184_000);

    let long_token = text(&long, "access_token");
    let pages = house
        .get(&format!(
            "/v25.0/me/accounts?fields=name,access_token,tasks,instagram_business_account&access_token={long_token}"
        ))
        .await;
    let page = &pages["data"][0];
    assert!(
        page["instagram_business_account"]["id"].is_string()
            && page["tasks"].as_array().unwrap().contains(&json!("MESSAGING"))
    );
    let me = house
        .get(&format!("/v25.0/me?access_token={}", text(page, "access_token")))
        .await;
    assert_eq!(me["id"], page["id"]);
}

#[tokio::test]
async fn the_pages_chosen_in_the_dialog_are_listed_each_with_its_own_token() {
    let house = open().await;
    for username in ["nova", "other"] {
        let account = json!({"username": username, "kind": "creator", "page": true});
        house.ok("POST", "/_sim/accounts", &account).await;
    }
    house
        .ok("PUT", "/_sim/switches", &json!({"login.auto_consent": null}))
        .await;
    let app = app(&house).await;
    let asked = pairs(&[
        ("client_id", text(&app, "meta_app_id")),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
    ]);
    let dialog = format!("/v25.0/dialog/oauth?{asked}");
    let scopes: Vec<(&str, &str)> = SCOPE.split(',').map(|scope| ("scope", scope)).collect();
    let log_in = async |chosen: &[(&str, &str)]| {
        let form = [&[("decision", "allow")], chosen, &scopes].concat();
        let answer = post_form(&house, &dialog, &form, &[]).await;
        let code = code_of(answer.headers["location"].to_str().unwrap());
        let mut query = credentials(&app).to_vec();
        query.extend([("redirect_uri", REDIRECT), ("code", code.as_str())]);
        let user = house.get(&format!("/v25.0/oauth/access_token?{}", pairs(&query))).await;
        text(&user, "access_token").to_owned()
    };
    let names = |pages: &Value| -> Vec<String> {
        let name = |page: &Value| {
            page["instagram_business_account"]["username"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        pages["data"].as_array().unwrap().iter().map(name).collect()
    };
    let fields = "fields=access_token,instagram_business_account{username}";

    let chosen = ["luna.coffee", "nova", "nova", "nobody"].map(|username| ("account", username));
    let user = log_in(&chosen).await;
    let path = format!("/v25.0/me/accounts?{fields}&access_token={user}");
    let pages = house.get(&path).await;
    assert_eq!(names(&pages), ["luna.coffee", "nova"], "{pages}");
    for page in pages["data"].as_array().unwrap() {
        let me = house
            .get(&format!("/v25.0/me?access_token={}", text(page, "access_token")))
            .await;
        assert_eq!(me["id"], page["id"], "each speaks for its own Page");
    }
    let first = house.get(&format!("{path}&limit=1")).await;
    assert_eq!(names(&first), ["luna.coffee"]);
    let after = pairs(&[("after", text(&first["paging"]["cursors"], "after"))]);
    let second = house.get(&format!("{path}&limit=1&{after}")).await;
    assert_eq!(names(&second), ["nova"]);
    assert!(second["paging"]["next"].is_null(), "{second}");

    // What is taken back on the phone is not listed any more; a new login chooses anew.
    let gone = json!({"app": "demo", "account": "@nova", "flow": "facebook"});
    house.ok("DELETE", "/_sim/grants", &gone).await;
    assert_eq!(names(&house.get(&path).await), ["luna.coffee"]);
    let user = log_in(&[("account", "luna.coffee")]).await;
    let path = format!("/v25.0/me/accounts?{fields}&access_token={user}");
    assert_eq!(names(&house.get(&path).await), ["luna.coffee"]);
    let nobody = post_form(&house, &dialog, &[("decision", "allow")], &[]).await;
    assert!(String::from_utf8_lossy(&nobody.body).contains("Choose a Page first."));
}

#[tokio::test]
async fn the_app_token_comes_by_query_form_and_basic() {
    let house = open().await;
    let app = app(&house).await;
    let expected = format!("{}|{}", text(&app, "meta_app_id"), text(&app, "meta_app_secret"));
    let grant = ("grant_type", "client_credentials");

    let mut all = credentials(&app).to_vec();
    all.push(grant);
    let by_query = house.get(&format!("/oauth/access_token?{}", pairs(&all))).await;
    assert_eq!(by_query, json!({"access_token": expected, "token_type": "bearer"}));
    let by_form = post_form(&house, "/v25.0/oauth/access_token", &all, &[]).await.json();
    assert_eq!(by_form, by_query);
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!(
            "{}:{}",
            text(&app, "meta_app_id"),
            text(&app, "meta_app_secret")
        ))
    );
    let by_basic = post_form(
        &house,
        "/oauth/access_token",
        &[grant],
        &[("host", "graph.facebook.com"), ("authorization", &basic)],
    )
    .await
    .json();
    assert_eq!(by_basic, by_query);

    let wrong = house
        .call(
            "GET",
            &format!(
                "/oauth/access_token?client_id={}&client_secret=x",
                text(&app, "meta_app_id")
            ),
            &Value::Null,
        )
        .await;
    assert_eq!(wrong.json()["error"]["message"], "Error validating client secret.");
}

#[tokio::test]
async fn debug_token_tells_what_a_token_is() {
    let house = open().await;
    let app = app(&house).await;
    let app_token = format!("{}|{}", text(&app, "meta_app_id"), text(&app, "meta_app_secret"));
    let world = house.get("/_sim/world").await;
    let luna = &world["accounts"][0];
    let page_token = luna["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["kind"] == "page")
        .unwrap();
    let debug = |input: &str| {
        format!(
            "/v25.0/debug_token?{}",
            pairs(&[("input_token", input), ("access_token", &app_token)])
        )
    };

    let known = house.get(&debug(text(page_token, "access_token"))).await;
    let data = &known["data"];
    assert_eq!(
        (&data["type"], &data["is_valid"], &data["expires_at"]),
        (&json!("PAGE"), &json!(true), &json!(0))
    );
    assert_eq!(
        (&data["app_id"], &data["profile_id"]),
        (&app["meta_app_id"], &luna["page_id"])
    );
    assert_eq!(data["scopes"], page_token["scopes"]);
    for granular in data["granular_scopes"].as_array().unwrap() {
        let scope = text(granular, "scope");
        let target = if scope.starts_with("pages_") {
            &luna["page_id"]
        } else {
            &luna["ig_id"]
        };
        assert_eq!(granular["target_ids"], json!([target]), "{scope}");
    }

    let unknown = house.get(&debug("EAAnever")).await;
    assert_eq!(
        (&unknown["data"]["is_valid"], &unknown["data"]["error"]["code"]),
        (&json!(false), &json!(190))
    );
    house
        .ok(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee"}),
        )
        .await;
    let dead = house.get(&debug(text(page_token, "access_token"))).await;
    assert_eq!(
        (&dead["data"]["is_valid"], &dead["data"]["error"]["subcode"]),
        (&json!(false), &json!(458))
    );
    let stranger = house
        .call("GET", "/debug_token?input_token=x&access_token=1|2", &Value::Null)
        .await;
    assert_eq!(stranger.json()["error"]["code"], 190);
}

#[tokio::test]
async fn permissions_are_listed_and_taken_back() {
    let house = open().await;
    let app = app(&house).await;
    let code = code(&house, &app).await;
    let mut query = credentials(&app).to_vec();
    query.extend([("redirect_uri", REDIRECT), ("code", code.as_str())]);
    let answer = house.get(&format!("/oauth/access_token?{}", pairs(&query))).await;
    let token = text(&answer, "access_token");

    let listed = house.get(&format!("/v25.0/me/permissions?access_token={token}")).await;
    assert!(
        listed["data"]
            .as_array()
            .unwrap()
            .contains(&json!({"permission": "instagram_manage_messages", "status": "granted"})),
        "{listed}"
    );
    let removed = house
        .ok(
            "DELETE",
            &format!("/v25.0/me/permissions/instagram_manage_messages?access_token={token}"),
            &Value::Null,
        )
        .await;
    assert_eq!(removed, json!({"success": true}));
    let listed = house.get(&format!("/v25.0/me/permissions?access_token={token}")).await;
    assert!(
        listed["data"]
            .as_array()
            .unwrap()
            .contains(&json!({"permission": "instagram_manage_messages", "status": "declined"})),
        "{listed}"
    );

    house
        .ok(
            "DELETE",
            &format!("/v25.0/me/permissions?access_token={token}"),
            &Value::Null,
        )
        .await;
    let dead = house
        .call(
            "GET",
            &format!("/v25.0/me/permissions?access_token={token}"),
            &Value::Null,
        )
        .await;
    assert_eq!(dead.json()["error"]["error_subcode"], 458);
}
