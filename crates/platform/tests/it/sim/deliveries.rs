//! The delivery log, resending, holding and releasing.

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

fn sent(notifications: &Value, log: &Value) -> i64 {
    let ids = notifications["notifications"].as_array().unwrap();
    let is_sent = |delivery: &&Value| ids.contains(&delivery["id"]) && delivery["status"] != "suppressed";
    log["data"].as_array().unwrap().iter().find(is_sent).unwrap()["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn the_log_shows_raw_bytes_attempts_and_reasons() {
    let house = House::with_bot().await;
    let said = say(&house, "h\u{e9} 👋").await;
    house.deliver().await;

    let log = house
        .get("/_sim/deliveries?app=demo&account=@luna.coffee&field=messages")
        .await;
    let id = sent(&said, &log);
    let delivery = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|delivery| delivery["id"] == id)
        .unwrap();
    assert_eq!(
        (&delivery["status"], &delivery["mid"]),
        (&json!("delivered"), &said["mid"])
    );
    let raw = delivery["raw"].as_str().unwrap();
    assert_eq!(raw.as_bytes(), house.bot.told()[0].body.as_ref());
    assert_eq!(delivery["payload"], serde_json::from_str::<Value>(raw).unwrap());
    let attempt = &delivery["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["error"]), (&json!(200), &Value::Null));
    assert!(
        attempt["request_headers"]["x-hub-signature-256"]
            .as_str()
            .unwrap()
            .starts_with("sha256=")
    );

    let suppressed = house.get("/_sim/deliveries?status=suppressed").await;
    assert!(
        suppressed["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|delivery| delivery["reason"].is_string()),
        "{suppressed}"
    );
}

#[tokio::test]
async fn the_list_is_cut_by_limit_and_after() {
    let house = House::with_bot().await;
    for text in ["one", "two", "three"] {
        say(&house, text).await;
    }
    let all = house.get("/_sim/deliveries").await;
    let ids: Vec<i64> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| delivery["id"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted() && ids.len() >= 3, "{ids:?}");

    let page = house.get(&format!("/_sim/deliveries?limit=1&after={}", ids[0])).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"][0]["id"], ids[1]);

    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=x", "limit"),
        ("status=sent", "status"),
        ("colour=red", "colour"),
    ] {
        let refused = house
            .call("GET", &format!("/_sim/deliveries?{query}"), &Value::Null)
            .await;
        assert_eq!(
            (refused.status, refused.error_field().as_deref()),
            (StatusCode::BAD_REQUEST, Some(field)),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_delivery_is_resent_byte_for_byte_signed_as_asked() {
    let house = House::with_bot().await;
    let said = say(&house, "again").await;
    house.deliver().await;
    let id = sent(&said, &house.get("/_sim/deliveries").await);

    for (body, has_signature, is_right) in [
        (json!({}), true, true),
        (json!({"signature": "missing"}), false, false),
        (json!({"signature": "invalid"}), true, false),
    ] {
        house.ok("POST", &format!("/_sim/deliveries/{id}/resend"), &body).await;
        house.deliver().await;
        let told = house.bot.told();
        let (first, last) = (told.first().unwrap(), told.last().unwrap());
        assert_eq!(first.body, last.body, "{body}");
        let signature = |told: &crate::house::Told| told.headers.get("x-hub-signature-256").cloned();
        assert_eq!(signature(last).is_some(), has_signature, "{body}");
        assert_eq!(signature(last) == signature(first), is_right, "{body}");
    }
    assert_eq!(house.bot.told().len(), 4);
    let none = house.call("POST", "/_sim/deliveries/99999/resend", &json!({})).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn held_deliveries_go_out_in_the_order_asked_for() {
    for (order, expected) in [
        (json!("sent"), ["one", "two", "three"]),
        (json!("reverse"), ["three", "two", "one"]),
    ] {
        let house = House::with_bot().await;
        assert_eq!(
            house.ok("POST", "/_sim/deliveries/hold", &json!({})).await,
            json!({"holding": true, "held": []})
        );
        for text in ["one", "two", "three"] {
            say(&house, text).await;
        }
        house.deliver().await;
        assert_eq!(house.bot.told().len(), 0);

        let released = house
            .ok("POST", "/_sim/deliveries/release", &json!({"order": order}))
            .await;
        assert_eq!(released["released"].as_array().unwrap().len(), 3);
        house.deliver().await;
        assert_eq!(house.bot.texts(), expected);

        say(&house, "four").await;
        house.deliver().await;
        assert_eq!(house.bot.texts().last().unwrap(), "four", "the hold is over");
    }
}

#[tokio::test]
async fn a_list_of_ids_releases_only_those_and_keeps_holding() {
    let house = House::with_bot().await;
    house.ok("POST", "/_sim/deliveries/hold", &json!({})).await;
    for text in ["one", "two", "three"] {
        say(&house, text).await;
    }
    let held = house.ok("POST", "/_sim/deliveries/hold", &json!({})).await["held"].clone();

    let order = json!([held[2], held[0]]);
    let released = house
        .ok("POST", "/_sim/deliveries/release", &json!({"order": order}))
        .await;
    assert_eq!(released, json!({"holding": true, "released": order}));
    house.deliver().await;
    assert_eq!(house.bot.texts(), ["three", "one"]);

    let gone = house
        .call("POST", "/_sim/deliveries/release", &json!({"order": [held[0]]}))
        .await;
    assert_eq!(
        (gone.status, gone.error_code().as_str()),
        (StatusCode::NOT_FOUND, "not_held")
    );
}
