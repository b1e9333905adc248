//! What is forgotten, and what never is.

use std::time::Duration;

use selfsame_platform::Retention;
use serde_json::{Value, json};

use crate::house::House;

async fn with(retention: Retention) -> House {
    let house = House::open_with(|config| config.retention = retention).await;
    let callback = json!({"callback_url": crate::house::CALLBACK});
    house.ok("PATCH", "/_sim/apps/demo", &callback).await;
    house.platform.shake_hands_once().await.unwrap();
    house
}

async fn says(house: &House, text: &str) {
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": text});
    house.ok("POST", "/_sim/dm", &dm).await;
}

async fn ids(house: &House, path: &str) -> Vec<i64> {
    let list = house.get(path).await;
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn the_newest_calls_and_deliveries_are_kept_and_older_ones_forgotten() {
    let house = with(Retention {
        calls_max: 3,
        deliveries_max: 2,
        stream_max: 4,
        ..Retention::default()
    })
    .await;
    for text in ["one", "two", "three", "four"] {
        says(&house, text).await;
        house.call("GET", "/v25.0/me", &Value::Null).await;
    }
    house.deliver().await;
    let (calls, deliveries) = (ids(&house, "/_sim/calls").await, ids(&house, "/_sim/deliveries").await);
    assert!(house.platform.forget_once().await.unwrap() > 0);
    assert_eq!(ids(&house, "/_sim/calls").await, calls[calls.len() - 3..]);
    assert_eq!(
        ids(&house, "/_sim/deliveries").await,
        deliveries[deliveries.len() - 2..]
    );
    let exported = house.get("/_sim/export").await;
    assert_eq!(exported["tables"]["stream"].as_array().unwrap().len(), 4);
    assert_eq!(exported["tables"]["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(
        house.platform.forget_once().await.unwrap(),
        0,
        "nothing is left to forget"
    );
}

#[tokio::test]
async fn what_is_too_old_is_forgotten_whatever_its_number() {
    let house = with(Retention {
        age_max: Duration::from_hours(24),
        ..Retention::default()
    })
    .await;
    says(&house, "long ago").await;
    house.call("GET", "/v25.0/me", &Value::Null).await;
    house.deliver().await;
    assert_eq!(ids(&house, "/_sim/calls").await.len(), 1);
    house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    says(&house, "now").await;
    house.deliver().await;
    house.platform.forget_once().await.unwrap();
    assert_eq!(house.get("/_sim/deliveries").await["data"].as_array().unwrap().len(), 1);
    assert_eq!(ids(&house, "/_sim/calls").await, [0_i64; 0]);
    assert_eq!(
        house.get("/_sim/threads").await["data"][0]["messages"]
            .as_array()
            .unwrap()
            .len(),
        2,
        "messages stay"
    );
}

#[tokio::test]
async fn what_is_still_to_be_delivered_is_never_forgotten() {
    let house = with(Retention {
        deliveries_max: 1,
        ..Retention::default()
    })
    .await;
    house.ok("POST", "/_sim/deliveries/hold", &json!({})).await;
    says(&house, "held").await;
    house
        .ok("POST", "/_sim/deliveries/release", &json!({"order": []}))
        .await;
    says(&house, "also held").await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "9000h"})).await;
    house.platform.forget_once().await.unwrap();
    house.ok("POST", "/_sim/deliveries/release", &json!({})).await;
    says(&house, "waiting").await;
    house.platform.forget_once().await.unwrap();
    house.deliver().await;
    let mut texts = house.bot.texts();
    texts.sort();
    assert_eq!(texts, ["also held", "held", "waiting"]);
}
