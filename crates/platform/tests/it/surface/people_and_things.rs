//! Worlds of more than one app and account.

use serde_json::{Value, json};

use super::graph::{graph_ok, igsid, second_app, token};
use crate::house::House;

async fn deliveries(house: &House) -> Vec<Value> {
    house.get("/_sim/deliveries").await["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn one_account_connected_to_two_apps_tells_both_of_every_event() {
    let house = House::with_bot().await;
    second_app(&house, "crm", "@luna.coffee").await;
    let own = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "menu"});
    house.ok("POST", "/_sim/dm", &own).await;
    let told = deliveries(&house).await;
    let apps: Vec<&Value> = told.iter().map(|one| &one["app"]).collect();
    assert_eq!(apps, ["demo", "crm"]);
    assert_eq!(
        told[0]["payload"], told[1]["payload"],
        "the self IGSID is the same for every app"
    );
}

#[tokio::test]
async fn what_one_app_says_to_the_owner_echoes_to_the_other_app_too() {
    let house = House::with_bot().await;
    second_app(&house, "crm", "@luna.coffee").await;
    let own = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "menu"});
    house.ok("POST", "/_sim/dm", &own).await;
    let crm = token(&house, "luna.coffee", "crm", "instagram").await;
    let self_igsid = deliveries(&house).await[0]["payload"]["entry"][0]["messaging"][0]["recipient"]["id"].clone();
    let path = format!("{}/messages", self_igsid.as_str().unwrap());
    let sent = graph_ok(&house, &crm, "POST", &path, &json!({"message": {"text": "hi"}})).await;
    let told = deliveries(&house).await;
    let echoes: Vec<&Value> = told
        .iter()
        .filter(|one| one["mid"] == sent["id"])
        .map(|one| &one["app"])
        .collect();
    assert_eq!(echoes, ["demo", "crm"]);
}

#[tokio::test]
async fn the_same_account_through_both_logins_is_told_twice_of_the_same_mid() {
    let house = House::with_bot().await;
    let grant = json!({"app": "demo", "account": "@luna.coffee", "flow": "facebook", "fields": ["messages"]});
    house.ok("POST", "/_sim/grants", &grant).await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let told = deliveries(&house).await;
    let flows: Vec<&Value> = told.iter().map(|one| &one["flow"]).collect();
    assert_eq!(flows, ["instagram", "facebook"]);
    assert_eq!((&told[0]["mid"], &told[0]["raw"]), (&told[1]["mid"], &told[1]["raw"]));
}

#[tokio::test]
async fn two_professional_accounts_that_write_to_each_other_are_each_told_their_own_side() {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "nova", "kind": "creator"}),
        )
        .await;
    second_app(&house, "crm", "@nova").await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@nova", "to": "@luna.coffee", "text": "hello"}),
        )
        .await;
    let told = deliveries(&house).await;
    let of = |app: &str| {
        let row = told.iter().find(|one| one["app"] == app).unwrap();
        row["payload"]["entry"][0]["messaging"][0].clone()
    };
    let (luna, nova) = (of("demo"), of("crm"));
    assert_eq!(luna["message"].get("is_echo"), None);
    assert_eq!(nova["message"]["is_echo"], true);
    assert_eq!(luna["message"]["mid"], nova["message"]["mid"]);
    assert_eq!(luna["sender"]["id"], igsid(&house, "luna.coffee", "nova").await);
    assert_eq!(nova["recipient"]["id"], igsid(&house, "nova", "luna.coffee").await);

    // Each may answer the other: the one's API message is the other's inbound message.
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let send = json!({"recipient": {"id": luna["sender"]["id"]}, "message": {"text": "hi"}});
    let answered = graph_ok(&house, &token, "POST", "me/messages", &send).await;
    let told = deliveries(&house).await;
    let heard = told
        .iter()
        .find(|one| one["app"] == "crm" && one["mid"] == answered["message_id"])
        .unwrap();
    assert_eq!(
        heard["payload"]["entry"][0]["messaging"][0]["message"].get("is_echo"),
        None
    );
}

#[tokio::test]
async fn stories_stand_on_their_own_edge_for_a_day_and_never_among_the_posts() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let story = json!({"account": "@luna.coffee", "media_product_type": "STORY"});
    let story = house.ok("POST", "/_sim/media", &story).await["id"].clone();
    let posts = graph_ok(&house, &token, "GET", "me/media", &Value::Null).await;
    assert!(!posts["data"].as_array().unwrap().iter().any(|one| one["id"] == story));
    let stories = graph_ok(&house, &token, "GET", "me/stories", &Value::Null).await;
    assert_eq!(stories["data"], json!([{"id": story}]));
    house.ok("POST", "/_sim/clock", &json!({"advance": "24h"})).await;
    let stories = graph_ok(&house, &token, "GET", "me/stories", &Value::Null).await;
    assert_eq!(stories["data"], json!([]));
}

#[tokio::test]
async fn a_broadcast_stands_on_its_own_edge_while_it_is_on_air() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let live = json!({"account": "@luna.coffee", "live": true});
    let live = house.ok("POST", "/_sim/media", &live).await["id"].clone();
    let on_air = graph_ok(&house, &token, "GET", "me/live_media", &Value::Null).await;
    assert_eq!(on_air["data"], json!([{"id": live}]));
    let end = format!("/_sim/media/{}/end_live", live.as_str().unwrap());
    house.ok("POST", &end, &json!({})).await;
    let on_air = graph_ok(&house, &token, "GET", "me/live_media", &Value::Null).await;
    assert_eq!(on_air["data"], json!([]));
}

#[tokio::test]
async fn a_private_account_gets_messages_and_no_comment_webhooks() {
    let house = House::with_bot().await;
    house
        .ok("PATCH", "/_sim/accounts/luna.coffee", &json!({"public": false}))
        .await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"}),
        )
        .await;
    let comment = json!({"as": "@sam", "media": "latest", "text": "price?"});
    house.ok("POST", "/_sim/comment", &comment).await;
    let told = deliveries(&house).await;
    let states: Vec<(&Value, &Value)> = told.iter().map(|one| (&one["field"], &one["reason"])).collect();
    assert_eq!(
        states,
        [
            (&json!("messages"), &Value::Null),
            (&json!("comments"), &json!("media_owner_not_public"))
        ]
    );
}

#[tokio::test]
async fn the_test_button_of_the_dashboard_sends_the_dashboards_shape() {
    let house = House::with_bot().await;
    let form = "event=comments&flow=instagram&account=luna.coffee";
    let request = http::Request::builder()
        .method("POST")
        .uri("/dashboard/apps/demo/test")
        .header("host", "localhost:7353")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(form))
        .unwrap();
    assert!(house.send(request).await.status.is_redirection());
    house.deliver().await;
    let body: Value = serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap();
    let from = &body["entry"][0]["changes"][0]["value"]["from"];
    assert_eq!(
        (&body["entry"][0]["id"], &from["id"]),
        (&json!("0"), &from["self_ig_scoped_id"])
    );
}
