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

/// Logs in by the dialog and answers the user's token.
async fn log_in(house: &House, app: &Value, scope: &str, chosen: &[(&str, &str)]) -> String {
    let asked = pairs(&[
        ("client_id", text(app, "meta_app_id")),
        ("redirect_uri", REDIRECT),
        ("scope", scope),
    ]);
    let dialog = format!("/v25.0/dialog/oauth?{asked}");
    let form = [&[("decision", "allow")], chosen].concat();
    let answer = post_form(house, &dialog, &form, &[]).await;
    let code = code_of(answer.headers["location"].to_str().unwrap());
    let mut query = credentials(app).to_vec();
    query.extend([("redirect_uri", REDIRECT), ("code", code.as_str())]);
    let user = house.get(&format!("/v25.0/oauth/access_token?{}", pairs(&query))).await;
    text(&user, "access_token").to_owned()
}

async fn by_hand() -> House {
    let house = open().await;
    house
        .ok("PUT", "/_sim/switches", &json!({"login.auto_consent": null}))
        .await;
    let gone = json!({"app": "demo", "account": "@luna.coffee", "flow": "facebook"});
    house.ok("DELETE", "/_sim/grants", &gone).await;
    house
}

const TWO_PAGES: [(&str, &str); 4] = [
    ("account", "luna.coffee"),
    ("account", "nova"),
    ("scope", "pages_show_list"),
    ("scope", "instagram_manage_comments"),
];

/// Two Pages chosen in one dialog: the user's token, and both accounts as the world has them.
async fn two_pages(house: &House, app: &Value) -> (String, [Value; 2]) {
    let account = json!({"username": "nova", "kind": "creator", "page": true});
    house.ok("POST", "/_sim/accounts", &account).await;
    let scope = "instagram_basic,pages_show_list,instagram_manage_comments";
    let user = log_in(house, app, scope, &TWO_PAGES).await;
    let accounts = house.get("/_sim/world").await["accounts"].as_array().unwrap().clone();
    let of = |username: &str| accounts.iter().find(|one| one["username"] == username).unwrap().clone();
    (user, [of("luna.coffee"), of("nova")])
}

#[tokio::test]
async fn debug_token_names_every_page_that_was_chosen() {
    let house = by_hand().await;
    let app = app(&house).await;
    let (user, [luna, nova]) = two_pages(&house, &app).await;
    let asked = pairs(&[("input_token", &user), ("access_token", &user)]);
    let known = house.get(&format!("/v25.0/debug_token?{asked}")).await;
    for granular in known["data"]["granular_scopes"].as_array().unwrap() {
        let id = if text(granular, "scope").starts_with("pages_") {
            "page_id"
        } else {
            "ig_id"
        };
        assert_eq!(granular["target_ids"], json!([luna[id], nova[id]]), "{granular}");
    }
    // A Page's token reaches its own Page.
    let pages = house.get(&format!("/v25.0/me/accounts?access_token={user}")).await;
    let page_token = text(&pages["data"][1], "access_token");
    let asked = pairs(&[("input_token", page_token), ("access_token", &user)]);
    let known = house.get(&format!("/v25.0/debug_token?{asked}")).await;
    assert_eq!(
        known["data"]["granular_scopes"][0]["target_ids"],
        json!([nova["ig_id"]])
    );
}

#[tokio::test]
async fn the_users_token_reads_each_page_that_was_chosen_and_no_other() {
    let house = by_hand().await;
    let app = app(&house).await;
    let (user, [luna, nova]) = two_pages(&house, &app).await;
    let media = house
        .ok("POST", "/_sim/media", &json!({"account": "@nova", "caption": "hi"}))
        .await;
    for account in [&luna, &nova] {
        let (page_id, ig_id) = (text(account, "page_id"), text(account, "ig_id"));
        let fields = "fields=access_token,instagram_business_account{username}";
        let page = house
            .get(&format!("/v25.0/{page_id}?{fields}&access_token={user}"))
            .await;
        assert_eq!(page["instagram_business_account"]["username"], account["username"]);
        let me = house
            .get(&format!("/v25.0/me?access_token={}", text(&page, "access_token")))
            .await;
        assert_eq!(me["id"], account["page_id"]);
        let read = house
            .get(&format!("/v25.0/{ig_id}?fields=username&access_token={user}"))
            .await;
        assert_eq!(read["username"], account["username"]);
    }
    let path = format!("/v25.0/{}?fields=caption&access_token={user}", text(&media, "id"));
    assert_eq!(house.get(&path).await["caption"], "hi");

    let stranger = json!({"username": "stranger", "kind": "business", "page": true});
    let stranger = house.ok("POST", "/_sim/accounts", &stranger).await;
    let gone = json!({"app": "demo", "account": "@nova", "flow": "facebook"});
    house.ok("DELETE", "/_sim/grants", &gone).await;
    for account in [&stranger, &nova] {
        let path = format!("/v25.0/{}?access_token={user}", text(account, "page_id"));
        let refused = house.call("GET", &path, &Value::Null).await;
        assert_eq!(refused.json()["error"]["error_subcode"], 33, "{account}");
    }
}

#[tokio::test]
async fn the_facebook_user_has_her_own_fields_and_her_pages() {
    let house = by_hand().await;
    let app = app(&house).await;
    let (user, [luna, nova]) = two_pages(&house, &app).await;
    let me = house.get(&format!("/v25.0/me?fields=id&access_token={user}")).await;
    assert_eq!(me.as_object().unwrap().len(), 1, "{me}");
    let me = house
        .get(&format!("/v25.0/me?fields=name,accounts{{id}}&access_token={user}"))
        .await;
    assert_eq!(
        me["accounts"]["data"],
        json!([{"id": luna["page_id"]}, {"id": nova["page_id"]}])
    );
    let unknown = house
        .call(
            "GET",
            &format!("/v25.0/me?fields=nope&access_token={user}"),
            &Value::Null,
        )
        .await;
    assert_eq!(unknown.json()["error"]["code"], 100);
}

#[tokio::test]
async fn permissions_accumulate_over_logins_until_they_are_taken_back() {
    let house = by_hand().await;
    let app = app(&house).await;
    let statuses = async |user: &str| {
        let listed = house.get(&format!("/v25.0/me/permissions?access_token={user}")).await;
        let rows = listed["data"].as_array().unwrap().clone();
        let row = |row: &Value| format!("{} {}", text(row, "permission"), text(row, "status"));
        let mut rows: Vec<String> = rows.iter().map(row).collect();
        rows.sort();
        rows
    };
    let luna = ("account", "luna.coffee");
    let first = [luna, ("scope", "pages_show_list")];
    log_in(&house, &app, "instagram_basic,pages_show_list,pages_messaging", &first).await;
    let second = [luna, ("scope", "instagram_manage_comments")];
    let user = log_in(&house, &app, "instagram_basic,instagram_manage_comments", &second).await;
    let all = [
        "instagram_basic granted",
        "instagram_manage_comments granted",
        "pages_messaging declined",
        "pages_show_list granted",
    ];
    assert_eq!(
        statuses(&user).await,
        all,
        "a login that asks for less takes nothing back"
    );

    // What a dialog asks for and the person unticks is taken back; so is everything once she has removed the app.
    let user = log_in(&house, &app, "instagram_basic,pages_show_list", &[luna]).await;
    let mut less = all.to_vec();
    less[3] = "pages_show_list declined";
    assert_eq!(statuses(&user).await, less);
    house
        .ok(
            "DELETE",
            &format!("/v25.0/me/permissions?access_token={user}"),
            &Value::Null,
        )
        .await;
    let user = log_in(&house, &app, "instagram_basic", &[luna]).await;
    assert_eq!(statuses(&user).await, ["instagram_basic granted"]);
}

#[tokio::test]
async fn debug_token_is_not_answered_to_a_token_that_has_died() {
    let house = by_hand().await;
    let app = app(&house).await;
    let user = log_in(&house, &app, "instagram_basic", &[("account", "luna.coffee")]).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "2h"})).await;
    let asked = pairs(&[("input_token", &user), ("access_token", &user)]);
    let refused = house
        .call("GET", &format!("/v25.0/debug_token?{asked}"), &Value::Null)
        .await;
    assert_eq!(refused.json()["error"]["error_subcode"], 463);
}
