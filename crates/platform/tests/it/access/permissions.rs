//! Permissions per call, both columns (contract: login-facebook §3.6, seed "Comparison of Login Flows").

use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::with_bot::house::House;

/// What the rows below are allowed to call: (may read the account, may message, may handle comments).
type May = (bool, bool, bool);

/// One call of a feature.
struct Call {
    method: &'static str,
    path: String,
    body: Value,
}

async fn calls(house: &House) -> [Vec<Call>; 3] {
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    let mid = house.dm("sam", "luna.coffee", "hi").await;
    let comment = house.comment("sam", "price?").await;
    let luna = house.account("luna.coffee").await;
    let (sam, self_igsid) = (house.igsid("sam").await, luna.self_igsid.unwrap().into_string());
    let media = house.get("x", "/_sim/world").await.ok()["media"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let get = |path: String| Call {
        method: "GET",
        path,
        body: Value::Null,
    };
    let post = |path: String, body: Value| Call {
        method: "POST",
        path,
        body,
    };
    let to_sam = json!({"recipient": {"id": sam}, "message": {"text": "x"}});
    let typing = json!({"recipient": {"id": sam}, "sender_action": "typing_on"});
    let react =
        json!({"recipient": {"id": sam}, "sender_action": "react", "payload": {"message_id": mid, "reaction": "love"}});
    [
        vec![
            get(format!("/{}", luna.ig_id.unwrap())),
            get(format!("/{media}?fields=id,caption")),
        ],
        vec![
            post("/me/messages".to_owned(), to_sam),
            post(format!("/{self_igsid}/messages"), json!({"message": {"text": "x"}})),
            post("/me/messages".to_owned(), typing),
            post("/me/messages".to_owned(), react),
            get("/me/conversations?platform=instagram".to_owned()),
            get(format!("/{mid}?fields=message")),
            get(format!("/{sam}?fields=username")),
            get("/me/messenger_profile?fields=ice_breakers&platform=instagram".to_owned()),
        ],
        vec![
            get(format!("/{media}/comments")),
            get(format!("/{comment}?fields=text")),
            get(format!("/{comment}/replies")),
            post(format!("/{comment}/replies"), json!({"message": "x"})),
            post(format!("/{comment}?hide=false"), Value::Null),
            post(
                "/me/messages".to_owned(),
                json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}}),
            ),
        ],
    ]
}

#[tokio::test]
async fn each_call_needs_the_permissions_of_its_row_in_both_columns() {
    use LoginFlow::{Facebook, Instagram};
    let house = House::demo(Instagram).await;
    let calls = calls(&house).await;
    let (b, mm, mc) = (
        "instagram_business_basic",
        "instagram_business_manage_messages",
        "instagram_business_manage_comments",
    );
    // (flow, scopes, what they allow)
    let rows: &[(LoginFlow, &[&str], May)] = &[
        // basic
        (Instagram, &[b], (true, false, false)),
        (Facebook, &["instagram_basic", "pages_show_list"], (true, false, false)),
        // messaging, and the self-messaging webhook's odd column
        (Instagram, &[b, mm], (true, true, false)),
        (Instagram, &[mm], (false, false, false)),
        (
            Facebook,
            &["instagram_basic", "instagram_manage_messages", "pages_manage_metadata"],
            (true, true, false),
        ),
        (Facebook, &["instagram_manage_messages"], (false, false, false)),
        (Facebook, &[b, mm], (true, true, false)),
        (Facebook, &["instagram_basic", mm], (true, false, false)),
        // comments
        (Instagram, &[b, mc], (true, false, true)),
        (Instagram, &[mc], (false, false, false)),
        (
            Facebook,
            &["instagram_basic", "instagram_manage_comments", "pages_read_engagement"],
            (true, false, true),
        ),
        (
            Facebook,
            &["instagram_basic", "instagram_manage_comments"],
            (true, false, false),
        ),
        (
            Facebook,
            &["instagram_basic", "pages_read_engagement"],
            (true, false, false),
        ),
        // both
        (Instagram, &[b, mm, mc], (true, true, true)),
        (Instagram, &[], (false, false, false)),
        (Facebook, &[], (false, false, false)),
    ];
    for (flow, scopes, (basic, messaging, comments)) in rows {
        let token = house.grant("luna.coffee", *flow, Some(scopes), None).await;
        let denied = match flow {
            Instagram => (403, 10),
            Facebook => (400, 200),
        };
        for (group, may) in calls.iter().zip([basic, messaging, comments]) {
            for call in group {
                let answer = if call.method == "GET" {
                    house.get(&token, &call.path).await
                } else {
                    house.post(&token, &call.path, &call.body).await
                };
                let name = format!("{flow:?} {scopes:?} {} {}", call.method, call.path);
                if *may {
                    // A second private reply breaks another rule than permissions.
                    assert!(
                        answer.status == 200 || answer.refusal().2 == 2_534_025,
                        "{name}: {}",
                        answer.body
                    );
                } else {
                    let (status, code, _) = answer.refusal();
                    assert_eq!((status, code), denied, "{name}");
                    assert!(answer.why().contains("has not granted"), "{name}: {}", answer.why());
                }
            }
        }
    }
}

#[tokio::test]
async fn the_switch_asks_private_replies_for_the_messaging_permission_too() {
    let house = House::demo(LoginFlow::Instagram).await;
    let scopes = ["instagram_business_basic", "instagram_business_manage_comments"];
    let token = house
        .grant("luna.coffee", LoginFlow::Instagram, Some(&scopes), None)
        .await;
    house
        .sim(
            "PUT",
            "/_sim/switches",
            &json!({"graph.private_reply_needs_messages": true}),
        )
        .await
        .ok();
    let comment = house.comment("sam", "price?").await;
    let reply = json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}});
    assert_eq!(house.post(&token, "/me/messages", &reply).await.refusal(), (403, 10, 0));
    house
        .sim(
            "PUT",
            "/_sim/switches",
            &json!({"graph.private_reply_needs_messages": false}),
        )
        .await
        .ok();
    house.post(&token, "/me/messages", &reply).await.ok();
}

/// contract/ids-and-objects "Known confusions" 6, errors §7.3 row 190.
#[tokio::test]
async fn each_kind_of_token_works_on_its_own_host_for_its_own_calls() {
    let house = House::demo(LoginFlow::Instagram).await;
    let world = house.get("x", "/_sim/world").await.ok();
    let tokens = world["accounts"][0]["tokens"].as_array().unwrap().clone();
    let of = |kind: &str| {
        let found = tokens.iter().find(|token| token["kind"] == kind).unwrap();
        found["access_token"].as_str().unwrap().to_owned()
    };
    let (user, page, instagram) = (of("facebook_user_long"), of("page"), of("instagram_long"));
    // (token, host, path, expected code or 0)
    for (token, host, path, code) in [
        (&instagram, "graph.instagram.com", "/me", 0),
        (&instagram, "graph.facebook.com", "/me", 190),
        (&page, "graph.facebook.com", "/me", 0),
        (&page, "graph.instagram.com", "/me", 190),
        (&page, "graph.facebook.com", "/me/conversations?platform=instagram", 0),
        (&user, "graph.facebook.com", "/me/accounts", 0),
        (&user, "graph.instagram.com", "/me/accounts", 190),
        (&page, "graph.facebook.com", "/me/accounts", 100),
    ] {
        let request = http::Request::get(path)
            .header("host", host)
            .header("authorization", format!("Bearer {token}"));
        let answer = house.call(request.body(axum::body::Body::empty()).unwrap()).await;
        let found = answer.body["error"]["code"].as_i64().unwrap_or_default();
        assert_eq!(found, code, "{host}{path}: {}", answer.body);
    }
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    let body = json!({"message": {"text": "x"}});
    let refused = house.post(&user, &format!("/{self_igsid}/messages"), &body).await;
    assert_eq!(refused.refusal(), (401, 190, 0));
    assert!(refused.why().contains("/me/accounts"), "{}", refused.why());
}

/// Permissions that a call needs with one login; none: the login does not have the call.
type Column = Option<&'static [&'static str]>;
/// Method, path and body, and what it needs with the Instagram and with the Facebook login.
type FurtherRow = (&'static str, String, Value, Column, Column);

/// contract/login-facebook §3.6: the rows that are not about reading the account, messages and comments.
fn further_rows(ig: &str, media: &str) -> Vec<FurtherRow> {
    let ig_publishing: Column = Some(&["instagram_business_basic", "instagram_business_content_publish"]);
    let publishing: Column = Some(&["instagram_basic", "instagram_content_publish"]);
    let ig_install: Column = Some(&["instagram_business_basic"]);
    let install: Column = Some(&["pages_manage_metadata"]);
    let contents: Column = Some(&["instagram_basic", "instagram_manage_contents"]);
    let engagement: Column = Some(&["instagram_basic", "instagram_manage_engagement"]);
    let comments: Column = Some(&["instagram_basic", "instagram_manage_comments", "pages_read_engagement"]);
    let album = json!({"media_type": "CAROUSEL"});
    let mention = json!({"media_id": "7", "message": "x"});
    let fields = json!({"subscribed_fields": "messages"});
    let (creation, liked) = (json!({"creation_id": "7"}), json!({"media_id": "7"}));
    let edge = |name: &str| format!("/{ig}/{name}");
    let apps = || "/me/subscribed_apps".to_owned();
    vec![
        ("POST", edge("media"), album, ig_publishing, publishing),
        ("POST", edge("media_publish"), creation, ig_publishing, publishing),
        (
            "GET",
            edge("content_publishing_limit"),
            Value::Null,
            ig_publishing,
            publishing,
        ),
        ("DELETE", format!("/{media}"), Value::Null, None, contents),
        ("POST", edge("likes"), liked, None, engagement),
        ("POST", edge("mentions"), mention, None, comments),
        ("POST", apps(), fields, ig_install, install),
        ("DELETE", apps(), Value::Null, ig_install, install),
    ]
}

#[tokio::test]
async fn publishing_deletion_likes_and_installs_need_the_permissions_of_their_rows_in_both_columns() {
    use LoginFlow::{Facebook, Instagram};
    let house = House::demo(Instagram).await;
    let ig = house.account("luna.coffee").await.ig_id.unwrap().into_string();
    let media = house.get("x", "/_sim/world").await.ok()["media"][0]["id"].clone();
    for (method, path, body, instagram, facebook) in &further_rows(&ig, media.as_str().unwrap()) {
        for (flow, column) in [(Instagram, instagram), (Facebook, facebook)] {
            let name = format!("{flow:?} {method} {path}");
            let ask = async |scopes: &[&str]| {
                let token = house.grant("luna.coffee", flow, Some(scopes), None).await;
                let mut request = http::Request::builder()
                    .method(*method)
                    .uri(format!("/v24.0{path}"))
                    .header("host", "localhost")
                    .header("authorization", format!("Bearer {token}"));
                let body = if body.is_null() {
                    axum::body::Body::empty()
                } else {
                    request = request.header("content-type", "application/json");
                    axum::body::Body::from(body.to_string())
                };
                house.call(request.body(body).unwrap()).await
            };
            let Some(needed) = column else {
                let refused = ask(&["instagram_business_basic", "instagram_business_manage_comments"]).await;
                assert_eq!(refused.refusal(), (400, 100, 33), "{name}");
                assert!(
                    refused.why().contains("graph.facebook.com only"),
                    "{name}: {}",
                    refused.why()
                );
                continue;
            };
            for left_out in *needed {
                let others: Vec<&str> = needed.iter().copied().filter(|scope| scope != left_out).collect();
                let refused = ask(&others).await;
                let (status, code, _) = refused.refusal();
                let denied = if flow == Instagram { (403, 10) } else { (400, 200) };
                assert_eq!((status, code), denied, "{name} without {left_out}: {}", refused.body);
            }
            let allowed = ask(needed).await;
            let code = allowed.body["error"]["code"].as_i64().unwrap_or_default();
            assert!(!matches!(code, 10 | 200), "{name}: {}", allowed.body);
        }
    }
}

/// contract/login-facebook §3.6 row "basic": the list of Pages has a permission of its own.
#[tokio::test]
async fn the_list_of_pages_needs_its_permission() {
    let house = House::demo(LoginFlow::Instagram).await;
    for (scopes, status) in [
        (&["instagram_basic"][..], 400),
        (&["instagram_basic", "pages_show_list"], 200),
    ] {
        house
            .grant("luna.coffee", LoginFlow::Facebook, Some(scopes), None)
            .await;
        let world = house.get("x", "/_sim/world").await.ok();
        let tokens = world["accounts"][0]["tokens"].as_array().unwrap().clone();
        let user = tokens
            .iter()
            .rfind(|token| token["kind"] == "facebook_user_long")
            .unwrap();
        let listed = house.get(user["access_token"].as_str().unwrap(), "/me/accounts").await;
        assert_eq!(listed.status, status, "{scopes:?}: {}", listed.body);
    }
}
