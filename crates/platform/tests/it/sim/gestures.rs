//! Gestures of people.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn a_self_message_opens_the_thread_and_is_told() {
    let house = House::with_bot().await;

    let sent = house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@luna.coffee", "to": "luna.coffee", "text": "menu"}),
        )
        .await;

    assert_eq!(sent["notifications"].as_array().unwrap().len(), 1, "{sent}");
    let threads = house.get("/_sim/threads?a=@luna.coffee&b=luna.coffee").await;
    let thread = &threads["data"][0];
    assert_eq!((&thread["self"], &thread["id"]), (&json!(true), &sent["thread_id"]));
    let message = &thread["messages"][0];
    assert_eq!((&message["mid"], &message["text"]), (&sent["mid"], &json!("menu")));
    assert_eq!(
        (&message["side"], &message["origin"]),
        (&json!("person"), &json!("phone"))
    );

    house.deliver().await;
    assert_eq!(house.bot.texts(), ["menu"]);
}

#[tokio::test]
async fn a_misspelt_field_is_named_and_nothing_is_sent() {
    let house = House::with_bot().await;

    let refused = house
        .call(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "txt": "hi"}),
        )
        .await;

    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        (refused.error_code().as_str(), refused.error_field().as_deref()),
        ("unknown_field", Some("txt"))
    );
    assert_eq!(house.get("/_sim/threads").await, json!({"data": []}));
}

#[tokio::test]
async fn refusals_name_code_and_field() {
    let house = House::open().await;
    for (path, body, status, code, field) in [
        (
            "/_sim/dm",
            json!({"as": "@nobody", "to": "@luna.coffee", "text": "hi"}),
            404,
            "unknown_account",
            "as",
        ),
        (
            "/_sim/dm",
            json!({"as": "@sam", "to": "@nobody", "text": "hi"}),
            404,
            "unknown_account",
            "to",
        ),
        (
            "/_sim/dm",
            json!({"as": "@sam", "to": "@luna.coffee"}),
            400,
            "empty_message",
            "text",
        ),
        (
            "/_sim/dm",
            json!({"to": "@luna.coffee", "text": "hi"}),
            400,
            "missing_field",
            "as",
        ),
        (
            "/_sim/dm",
            json!({"as": "@sam", "to": "@luna.coffee", "text": 5}),
            400,
            "invalid_value",
            "text",
        ),
        (
            "/_sim/tap",
            json!({"as": "@sam", "mid": "none", "button": "Coffee"}),
            404,
            "unknown_message",
            "mid",
        ),
        (
            "/_sim/tap",
            json!({"as": "@sam", "mid": "none"}),
            400,
            "invalid_combination",
            "button",
        ),
        (
            "/_sim/comment",
            json!({"as": "@sam", "media": "0", "text": "hi"}),
            404,
            "unknown_media",
            "media",
        ),
        (
            "/_sim/react",
            json!({"as": "@sam", "mid": "none", "reaction": "love"}),
            404,
            "unknown_message",
            "mid",
        ),
        (
            "/_sim/seen",
            json!({"as": "@sam", "mid": "none"}),
            404,
            "unknown_message",
            "mid",
        ),
        (
            "/_sim/edit",
            json!({"as": "@sam", "mid": "none", "text": "x"}),
            404,
            "unknown_message",
            "mid",
        ),
        (
            "/_sim/unsend",
            json!({"as": "@sam", "mid": "none"}),
            404,
            "unknown_message",
            "mid",
        ),
    ] {
        let refused = house.call("POST", path, &body).await;
        assert_eq!(refused.status.as_u16(), status, "{path} {body}: {:?}", refused.json());
        assert_eq!(
            (refused.error_code().as_str(), refused.error_field().as_deref()),
            (code, Some(field)),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn a_comment_stands_under_its_media() {
    let house = House::open().await;

    let made = house
        .ok(
            "POST",
            "/_sim/comment",
            &json!({"as": "@luna.coffee", "media": "latest", "text": "price?"}),
        )
        .await;

    let world = house.get("/_sim/world").await;
    let newest = world["media"].as_array().unwrap().last().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let media = house.get(&format!("/_sim/media/{newest}")).await;
    assert_eq!(media["comments"][0]["id"], made["comment_id"]);
    assert_eq!(media["comments"][0]["username"], "luna.coffee");
    assert_eq!(media["comments"][0]["private_replied"], false);
    assert_eq!(media["comments"][0]["parent_id"], Value::Null);
}

#[tokio::test]
async fn seen_edit_react_and_unsend_change_what_the_thread_shows() {
    let house = House::open().await;
    let sent = house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": "one"}),
        )
        .await;
    let mid = sent["mid"].as_str().unwrap();

    house
        .ok("POST", "/_sim/seen", &json!({"as": "@luna.coffee", "mid": mid}))
        .await;
    house
        .ok(
            "POST",
            "/_sim/react",
            &json!({"as": "@luna.coffee", "mid": mid, "reaction": "love"}),
        )
        .await;
    house
        .ok("POST", "/_sim/edit", &json!({"as": "@sam", "mid": mid, "text": "two"}))
        .await;
    let edited = house.get("/_sim/threads?a=sam&b=luna.coffee").await;
    let message = &edited["data"][0]["messages"][0];
    assert_eq!(
        (&message["text"], &message["edited"], &message["deleted"]),
        (&json!("two"), &json!(true), &json!(false))
    );
    assert_eq!(message["reactions"][0]["reaction"], "love");

    house
        .ok("POST", "/_sim/unsend", &json!({"as": "@sam", "mid": mid}))
        .await;
    let unsent = house.get("/_sim/threads?a=sam&b=luna.coffee").await;
    let message = &unsent["data"][0]["messages"][0];
    assert_eq!((&message["text"], &message["deleted"]), (&Value::Null, &json!(true)));
}
