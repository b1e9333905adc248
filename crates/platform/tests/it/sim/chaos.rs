//! Faults on purpose, on the delivery edge.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

async fn say(house: &House, text: &str) {
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": text}),
        )
        .await;
}

async fn sent(house: &House) -> Value {
    let log = house.get("/_sim/deliveries").await;
    let first = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|delivery| delivery["status"] != "suppressed")
        .unwrap();
    first.clone()
}

#[tokio::test]
async fn duplicates_are_the_same_bytes_and_the_rule_is_used_up() {
    let house = House::with_bot().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"rules": [{"target": "delivery", "fault": "duplicate", "times": 1, "params": {"count": 2}}]}),
        )
        .await;

    say(&house, "one").await;
    house.deliver().await;
    say(&house, "two").await;
    house.deliver().await;

    assert_eq!(house.bot.texts(), ["one", "one", "one", "two"]);
    let chaos = house.get("/_sim/chaos").await;
    assert_eq!((&chaos["times_left"], &chaos["counter"]), (&json!([0]), &json!(2)));
}

#[tokio::test]
async fn a_status_stands_in_for_the_answer_and_the_delivery_is_retried() {
    let house = House::with_bot().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"rules": [{"target": "delivery", "fault": "status", "times": 1, "params": {"status": 503}}]}),
        )
        .await;

    say(&house, "one").await;
    house.deliver().await;

    let delivery = sent(&house).await;
    let statuses: Vec<&Value> = delivery["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["status"])
        .collect();
    assert_eq!(
        (statuses, &delivery["status"]),
        (vec![&json!(503), &json!(200)], &json!("delivered"))
    );
    assert_eq!(house.bot.texts(), ["one", "one"], "the bot heard both");
}

#[tokio::test]
async fn a_cut_loses_the_answer_and_a_drop_loses_the_request() {
    let house = House::with_bot().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"rules": [{"target": "delivery", "fault": "cut", "times": 1}]}),
        )
        .await;
    say(&house, "cut").await;
    house.deliver().await;
    let cut = sent(&house).await;
    assert_eq!(
        (&cut["attempts"][0]["status"], &cut["attempts"][1]["status"]),
        (&Value::Null, &json!(200))
    );
    assert_eq!(house.bot.texts(), ["cut", "cut"], "the bot heard both");

    let house = House::with_bot().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"rules": [{"target": "delivery", "fault": "drop"}]}),
        )
        .await;
    say(&house, "dropped").await;
    house.deliver().await;
    assert_eq!(sent(&house).await["status"], "delivered", "the platform does not know");
    assert_eq!(house.bot.told().len(), 0);
}

#[tokio::test]
async fn a_delay_waits_in_real_time() {
    let house = House::with_bot().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"rules": [{"target": "delivery", "fault": "delay", "params": {"by": "10s"}}]}),
        )
        .await;
    say(&house, "late").await;

    let mut delivering = Box::pin(house.deliver());
    // The delivery is polled until it waits; then its time comes.
    let waits = async {
        while house.get("/_sim/chaos").await["counter"] != json!(1) {}
        house.bot.told().len()
    };
    let told_before = tokio::select! {
        () = &mut delivering => panic!("the delivery did not wait"),
        told = waits => told,
    };
    assert_eq!(told_before, 0);
    let passing = async {
        loop {
            house.real_time_passes(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = delivering => {}
        () = passing => {}
    }
    assert_eq!(house.bot.texts(), ["late"]);
}

#[tokio::test]
async fn rules_are_about_what_they_name() {
    let house = House::with_bot().await;
    let drop = |matches: Value| json!({"rules": [{"target": "delivery", "fault": "drop", "match": matches}]});

    house
        .ok("PUT", "/_sim/chaos", &drop(json!({"field": "comments"})))
        .await;
    say(&house, "heard").await;
    house.deliver().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &drop(json!({"app": "demo", "account": "@luna.coffee", "field": "messages"})),
        )
        .await;
    say(&house, "unheard").await;
    house.deliver().await;
    house.ok("DELETE", "/_sim/chaos", &Value::Null).await;
    say(&house, "heard again").await;
    house.deliver().await;

    assert_eq!(house.bot.texts(), ["heard", "heard again"]);
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_and_those_in_force_stay() {
    let house = House::open().await;
    house
        .ok(
            "PUT",
            "/_sim/chaos",
            &json!({"seed": 5, "rules": [{"target": "delivery", "fault": "drop", "probability": 0.5}]}),
        )
        .await;
    for (rule, field) in [
        (json!({"target": "delivery", "fault": "echo_first"}), "rules[0].fault"),
        (json!({"target": "delivery", "fault": "explode"}), "rules[0].fault"),
        (
            json!({"target": "delivery", "fault": "drop", "probability": 2}),
            "rules[0].probability",
        ),
        (
            json!({"target": "delivery", "fault": "delay", "params": {"by": "long"}}),
            "rules[0].params.by",
        ),
        (
            json!({"target": "delivery", "fault": "drop", "chance": 1}),
            "rules[0].chance",
        ),
    ] {
        let refused = house.call("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{rule}");
        assert_eq!(refused.error_field().as_deref(), Some(field), "{rule}");
    }
    let chaos = house.get("/_sim/chaos").await;
    assert_eq!(
        (&chaos["seed"], &chaos["rules"][0]["probability"]),
        (&json!(5), &json!(0.5))
    );
}
