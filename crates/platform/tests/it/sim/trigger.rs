//! Events without a gesture.

use http::StatusCode;
use selfsame_wire::events::EVENTS;
use serde_json::{Value, json};

use crate::house::House;

fn told(house: &House) -> Value {
    serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap()
}

#[tokio::test]
async fn every_documented_event_can_be_triggered() {
    let house = House::with_bot().await;
    for sample in EVENTS.iter().flat_map(|spec| spec.samples) {
        let made = house
            .ok(
                "POST",
                "/_sim/trigger",
                &json!({"event": sample.name, "to": "@luna.coffee"}),
            )
            .await;
        assert_eq!(made["notifications"].as_array().unwrap().len(), 1, "{}", sample.name);
    }
}

#[tokio::test]
async fn values_are_overridden_added_and_removed_by_path() {
    let house = House::with_bot().await;
    let body = json!({"event": "self_echo", "override": {"message.text": "h\u{e9}", "message.is_new": true, "entry.0.id": "7"},
                      "remove": ["timestamp"]});

    house.ok("POST", "/_sim/trigger", &body).await;
    house.deliver().await;

    let payload = told(&house);
    let event = &payload["entry"][0]["messaging"][0];
    assert_eq!(
        (
            &payload["entry"][0]["id"],
            &event["message"]["text"],
            &event["message"]["is_new"]
        ),
        (&json!("7"), &json!("h\u{e9}"), &json!(true))
    );
    assert_eq!(
        (&event["message"]["is_self"], event.get("timestamp")),
        (&json!(true), None)
    );
}

#[tokio::test]
async fn a_raw_body_is_sent_as_it_is() {
    let house = House::with_bot().await;

    house
        .ok(
            "POST",
            "/_sim/trigger",
            &json!({"event": "messages", "raw": "not { json"}),
        )
        .await;
    house.deliver().await;

    assert_eq!(house.bot.told()[0].body.as_ref(), b"not { json");
}

#[tokio::test]
async fn what_cannot_be_triggered_is_explained() {
    let house = House::with_bot().await;
    for (body, field) in [
        (json!({"event": "self_eco"}), "event"),
        (json!({"event": "self_echo", "to": "@nobody"}), "to"),
        (json!({"event": "message", "as": "@nobody"}), "as"),
        (json!({"event": "message", "remove": ["message.nothing"]}), "remove"),
        (json!({"event": "message", "override": {"entry.9.id": 1}}), "override"),
    ] {
        let refused = house.call("POST", "/_sim/trigger", &body).await;
        assert_ne!(refused.status, StatusCode::OK);
        assert_eq!(refused.error_field().as_deref(), Some(field), "{body}");
    }
}
