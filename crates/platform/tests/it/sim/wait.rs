//! Waiting without polling.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

async fn say(house: &House, text: &str) -> Value {
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": text}),
        )
        .await
}

#[tokio::test]
async fn what_exists_already_matches_at_once() {
    let house = House::open().await;
    let said = say(&house, "hello").await;

    let found = house
        .get("/_sim/wait?for=message&a=@sam&b=luna.coffee&side=person&origin=phone&text=hello")
        .await;
    assert_eq!((&found["matched"], &found["item"]["mid"]), (&json!(true), &said["mid"]));
    let mid = said["mid"].as_str().unwrap();
    let delivery = house
        .get(&format!(
            "/_sim/wait?for=delivery&mid={mid}&status=suppressed&app=demo&account=@luna.coffee"
        ))
        .await;
    assert_eq!(delivery["item"]["mid"], said["mid"]);
}

#[tokio::test]
async fn what_comes_later_wakes_the_waiter() {
    let house = House::with_bot().await;
    let first = say(&house, "first").await;
    let after = house.get("/_sim/wait?for=message").await["item"]["id"]
        .as_i64()
        .unwrap();

    let path = format!("/_sim/wait?for=message&after={after}");
    let (found, second) = tokio::join!(house.get(&path), say(&house, "second"));
    assert_eq!(
        (&found["item"]["mid"], &found["item"]["text"]),
        (&second["mid"], &json!("second"))
    );
    assert_ne!(first["mid"], second["mid"]);

    let (found, ()) = tokio::join!(house.get("/_sim/wait?for=delivery&status=delivered"), house.deliver());
    assert_eq!(found["item"]["status"], "delivered");

    let (found, answer) = tokio::join!(
        house.get("/_sim/wait?for=call&path=/me&method=GET"),
        house.call("GET", "/v25.0/me", &Value::Null)
    );
    assert_eq!(found["item"]["status"], answer.status.as_u16());
}

#[tokio::test]
async fn the_time_out_is_real_time() {
    let house = House::open().await;
    let passing = async {
        loop {
            house.real_time_passes(Duration::from_millis(500));
            tokio::task::yield_now().await;
        }
    };

    let found = tokio::select! {
        found = house.get("/_sim/wait?for=message&timeout=2s") => found,
        () = passing => unreachable!(),
    };

    assert_eq!(found, json!({"matched": false}));
}

#[tokio::test]
async fn filters_of_something_else_are_refused() {
    let house = House::open().await;
    for (query, status, field) in [
        ("for=message&field=messages", StatusCode::BAD_REQUEST, "field"),
        ("for=call&mid=x", StatusCode::BAD_REQUEST, "mid"),
        ("for=delivery&text=x", StatusCode::BAD_REQUEST, "text"),
        ("for=delivery&status=200", StatusCode::BAD_REQUEST, "status"),
        ("for=call&status=delivered", StatusCode::BAD_REQUEST, "status"),
        ("for=comet", StatusCode::BAD_REQUEST, "for"),
        ("timeout=1s", StatusCode::BAD_REQUEST, "for"),
        ("for=message&timeout=1h", StatusCode::BAD_REQUEST, "timeout"),
        ("for=message&a=@nobody", StatusCode::NOT_FOUND, "a"),
    ] {
        let refused = house.call("GET", &format!("/_sim/wait?{query}"), &Value::Null).await;
        assert_eq!(
            (refused.status, refused.error_field().as_deref()),
            (status, Some(field)),
            "{query}"
        );
    }
}
