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

/// What is left of calls, deliveries and stream when only these limits count.
async fn left(retention: Retention) -> [usize; 3] {
    let house = with(retention).await;
    for text in ["one", "two", "three"] {
        says(&house, text).await;
        house.call("GET", "/v25.0/me", &Value::Null).await;
        house.deliver().await;
        house.ok("POST", "/_sim/clock", &json!({"advance": "10h"})).await;
    }
    house.get("/_sim/calls").await;
    house.platform.forget_once().await.unwrap();
    let tables = house.get("/_sim/export").await["tables"].clone();
    ["calls", "deliveries", "stream"].map(|table| tables[table].as_array().unwrap().len())
}

#[tokio::test]
async fn every_limit_is_one_of_its_own() {
    let all = left(Retention::default()).await;
    let [calls, deliveries, stream] = all;
    assert!(calls == 3 && deliveries == 3 && stream > 9, "{all:?}");
    let only = Retention::default();
    assert_eq!(left(Retention { calls_max: 1, ..only }).await, [1, deliveries, stream]);
    assert_eq!(
        left(Retention {
            deliveries_max: 2,
            ..only
        })
        .await,
        [calls, 2, stream]
    );
    assert_eq!(left(Retention { stream_max: 4, ..only }).await, [calls, deliveries, 4]);

    let age_max = Duration::from_hours(15);
    let young = left(Retention { age_max, ..only }).await;
    assert_eq!(young[..2], [1, 1], "the first two are 30 and 20 hours old");
    assert!((1..stream).contains(&young[2]), "{young:?}");
}

#[tokio::test]
async fn the_end_of_the_stream_stays_however_old_it_is() {
    let house = with(Retention {
        age_max: Duration::from_hours(1),
        ..Retention::default()
    })
    .await;
    says(&house, "long ago").await;
    house.deliver().await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "48h"})).await;
    let end = |exported: Value| exported["tables"]["stream"].as_array().unwrap().last().unwrap()["id"].clone();
    let before = end(house.get("/_sim/export").await);
    house
        .ok("POST", "/_sim/clock", &json!({"freeze": "2026-08-01T00:00:00Z"}))
        .await;
    house.platform.forget_once().await.unwrap();
    let exported = house.get("/_sim/export").await;
    assert_eq!(exported["tables"]["stream"].as_array().unwrap().len(), 1);
    assert!(end(exported).as_i64() > before.as_i64());
}

#[tokio::test]
async fn a_world_that_began_again_from_a_later_time_forgets_its_stream_by_age() {
    let house = with(Retention {
        age_max: Duration::from_hours(1),
        ..Retention::default()
    })
    .await;
    for reset in [json!({}), json!({"to": "empty"})] {
        house.ok("POST", "/_sim/clock", &json!({"advance": "8760h"})).await;
        house.ok("POST", "/_sim/reset", &reset).await;
        house.ok("POST", "/_sim/clock", &json!({"advance": "48h"})).await;
        house.platform.forget_once().await.unwrap();
        let exported = house.get("/_sim/export").await;
        assert_eq!(exported["tables"]["stream"].as_array().unwrap().len(), 1, "{reset}");
    }
}

#[tokio::test]
async fn a_delivery_that_is_to_be_sent_again_is_not_forgotten_before_it_was() {
    let house = with(Retention {
        deliveries_max: 1,
        ..Retention::default()
    })
    .await;
    says(&house, "once more").await;
    house.deliver().await;
    let id = ids(&house, "/_sim/deliveries").await[0];
    let resend = format!("/_sim/deliveries/{id}/resend");
    house.ok("POST", &resend, &json!({})).await;
    house.ok("POST", &resend, &json!({})).await;
    says(&house, "newer").await;
    house.platform.forget_once().await.unwrap();
    assert!(ids(&house, "/_sim/deliveries").await.contains(&id));

    house.deliver().await;
    let n_told = house.bot.texts().iter().filter(|text| *text == "once more").count();
    assert_eq!(n_told, 3);
    assert!(house.platform.forget_once().await.unwrap() > 0);
    assert!(!ids(&house, "/_sim/deliveries").await.contains(&id));
}

/// A picture that the app sends to its own account: its message and where it lies.
async fn picture(house: &House) -> (Value, String) {
    let world = house.get("/_sim/world").await;
    let luna = world["accounts"][0].clone();
    let token = luna["tokens"][0]["access_token"].as_str().unwrap();
    let path = format!(
        "/v25.0/{}/messages?access_token={token}",
        luna["self_igsid"].as_str().unwrap()
    );
    let image = json!({"attachment": {"type": "image", "payload": {"url": "https://example.com/900.jpg"}}});
    let mid = house.ok("POST", &path, &json!({"message": image})).await["id"].clone();
    let threads = house.get("/_sim/threads").await;
    let shown = threads["data"][0]["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(shown["mid"], mid);
    let url = shown["attachments"][0]["payload"]["url"].as_str().unwrap();
    let path = url.splitn(4, '/').nth(3).unwrap();
    (mid, format!("/{path}"))
}

async fn bytes_kept(house: &House) -> Vec<usize> {
    let exported = house.get("/_sim/export").await;
    let bytes = |row: &Value| row["body"]["base64"].as_str().unwrap().len();
    exported["tables"]["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(bytes)
        .collect()
}

#[tokio::test]
async fn files_are_erased_once_they_are_unsent_or_their_address_has_ended() {
    let house = with(Retention::default()).await;
    says(&house, "hi").await;
    let ((unsent, unsent_at), (_, old_at)) = (picture(&house).await, picture(&house).await);
    house
        .ok("POST", "/_sim/unsend", &json!({"as": "@luna.coffee", "mid": unsent}))
        .await;
    house.platform.forget_once().await.unwrap();
    assert_eq!(bytes_kept(&house).await, [0, 1200]);
    assert_eq!(house.call("GET", &unsent_at, &Value::Null).await.status, 404);
    assert_eq!(house.call("GET", &old_at, &Value::Null).await.status, 200);

    house.ok("POST", "/_sim/clock", &json!({"advance": "7d"})).await;
    assert_eq!(house.platform.forget_once().await.unwrap(), 1);
    assert_eq!(bytes_kept(&house).await, [0, 0]);
    assert_eq!(house.call("GET", &unsent_at, &Value::Null).await.status, 404);
    assert_eq!(house.call("GET", &old_at, &Value::Null).await.status, 403);
}
