//! What moving world time does to everything that waits or runs out.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

fn of<'w>(world: &'w Value, username: &str) -> &'w Value {
    world["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["username"] == username)
        .unwrap()
}

fn token(world: &Value) -> String {
    let tokens = of(world, "luna.coffee")["tokens"].as_array().unwrap();
    let found = tokens.iter().find(|one| one["flow"] == "instagram").unwrap();
    found["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn retries_that_fall_due_by_a_jump_are_made_at_once() {
    let house = House::with_bot().await;
    let rule = json!({"rules": [{"target": "delivery", "fault": "status", "times": 3}]});
    house.ok("PUT", "/_sim/chaos", &rule).await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &dm).await;
    house.deliver().await;
    assert_eq!(house.get("/_sim/deliveries").await["data"][0]["status"], "failed");
    let told = house.bot.told().len();
    house.deliver().await;
    assert_eq!(house.bot.told().len(), told, "nothing is due while time stands");

    for advance in ["1s", "5s"] {
        house.ok("POST", "/_sim/clock", &json!({"advance": advance})).await;
        house.deliver().await;
    }
    assert_eq!(house.get("/_sim/deliveries").await["data"][0]["status"], "delivered");
}

#[tokio::test]
async fn a_retry_waits_no_longer_when_time_is_set_back() {
    let house = House::with_bot().await;
    let rule = json!({"rules": [{"target": "delivery", "fault": "status", "times": 2}]});
    house.ok("PUT", "/_sim/chaos", &rule).await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &dm).await;
    house.deliver().await;
    house
        .ok("POST", "/_sim/clock", &json!({"freeze": "2026-01-01T00:00:00Z"}))
        .await;
    let row = house.get("/_sim/deliveries").await["data"][0].clone();
    let due_at = row["next_attempt_at"].as_str().unwrap();
    assert!(due_at.starts_with("2026-01-01T00:00:0"), "{due_at}");
    house.ok("POST", "/_sim/clock", &json!({"resume": true})).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "5s"})).await;
    house.deliver().await;
    assert_eq!(house.get("/_sim/deliveries").await["data"][0]["status"], "delivered");
}

#[tokio::test]
async fn a_window_closes_and_a_token_ends_when_time_is_moved_past_them() {
    let house = House::with_bot().await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &dm).await;
    let world = house.get("/_sim/world").await;
    let token = token(&world);
    let send = json!({
        "recipient": {"id": of(&world, "sam")["scoped_ids"]["@luna.coffee"]},
        "message": {"text": "hi"},
        "access_token": token,
    });
    let path = "/v25.0/me/messages";
    assert_eq!(house.call("POST", path, &send).await.status, StatusCode::OK);
    house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    let late = house.call("POST", path, &send).await.json();
    assert_eq!(
        (&late["error"]["code"], &late["error"]["error_subcode"]),
        (&json!(10), &json!(2_534_022))
    );
    let me = format!("/v25.0/me?fields=username&access_token={token}");
    house.get(&me).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "60d"})).await;
    assert_eq!(house.call("GET", &me, &Value::Null).await.json()["error"]["code"], 190);
}
