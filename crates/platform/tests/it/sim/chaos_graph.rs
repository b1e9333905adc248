//! Faults on purpose, on the Graph edge.

use std::time::Duration;

use http::StatusCode;
use selfsame_runtime::http::CutConnection;
use serde_json::{Value, json};

use crate::house::House;

/// A house whose self thread is open, with the path and body of a self message.
async fn open() -> (House, String, Value) {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "hi"}),
        )
        .await;
    house.deliver().await;
    let world = house.get("/_sim/world").await;
    let luna = &world["accounts"][0];
    let token = luna["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["flow"] == "instagram")
        .unwrap();
    let path = format!(
        "/v25.0/{}/messages?access_token={}",
        luna["self_igsid"].as_str().unwrap(),
        token["access_token"].as_str().unwrap()
    );
    (house, path, json!({"message": {"text": "answer"}}))
}

async fn rule(house: &House, rule: Value) {
    house.ok("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await;
}

async fn answers(house: &House) -> usize {
    let threads = house.get("/_sim/threads?a=luna.coffee&b=luna.coffee").await;
    threads["data"][0]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["origin"] == "api")
        .count()
}

#[tokio::test]
async fn a_status_or_graph_error_answers_in_place_of_the_api_and_nothing_happens() {
    let (house, path, body) = open().await;

    rule(
        &house,
        json!({"target": "graph", "fault": "status", "params": {"status": 502}}),
    )
    .await;
    let refused = house.call("POST", &path, &body).await;
    assert_eq!((refused.status, refused.body.len()), (StatusCode::BAD_GATEWAY, 0));
    rule(
        &house,
        json!({"target": "graph", "fault": "graph_error", "params": {"code": 613, "subcode": 2_534_040}}),
    )
    .await;
    let refused = house.call("POST", &path, &body).await;
    let error = refused.json()["error"].clone();
    assert_eq!(
        (&error["code"], &error["error_subcode"], &error["is_transient"]),
        (&json!(613), &json!(2_534_040), &json!(true))
    );

    assert_eq!(answers(&house).await, 0);
    let calls = house.get("/_sim/calls?path=/messages").await;
    assert!(
        calls["data"][1]["why"].as_str().unwrap().starts_with("chaos:"),
        "{calls}"
    );
}

#[tokio::test]
async fn a_cut_comes_after_storing_and_a_drop_before() {
    let (house, path, body) = open().await;
    let call = || {
        http::Request::post(&path)
            .header("host", "localhost:7353")
            .body(axum::body::Body::from(body.to_string()))
            .unwrap()
    };

    rule(
        &house,
        json!({"target": "graph", "fault": "cut", "match": {"method": "POST", "path": "/messages"}}),
    )
    .await;
    let cut = house.open_answer(call()).await;
    assert!(cut.extensions().get::<CutConnection>().is_some());
    assert_eq!(answers(&house).await, 1);
    rule(&house, json!({"target": "graph", "fault": "drop"})).await;
    let dropped = house.open_answer(call()).await;
    assert!(dropped.extensions().get::<CutConnection>().is_some());
    assert_eq!(answers(&house).await, 1);
}

#[tokio::test]
async fn a_rule_about_an_account_strikes_only_its_calls() {
    let (house, path, body) = open().await;

    rule(
        &house,
        json!({"target": "graph", "fault": "status", "match": {"app": "demo", "account": "@sam"}}),
    )
    .await;
    assert_eq!(house.call("POST", &path, &body).await.status, StatusCode::OK);
    rule(
        &house,
        json!({"target": "graph", "fault": "status", "match": {"app": "demo", "account": "@luna.coffee"}}),
    )
    .await;
    assert_eq!(
        house.call("POST", &path, &body).await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
}

#[tokio::test]
async fn echo_first_answers_once_the_echo_was_answered() {
    let (house, path, body) = open().await;
    rule(&house, json!({"target": "graph", "fault": "echo_first"})).await;
    let before = house.bot.told().len();

    let mut sending = Box::pin(house.call("POST", &path, &body));
    // The send is stored and then waits: nobody delivers yet.
    let stored = house.get("/_sim/wait?for=message&origin=api&a=luna.coffee&b=luna.coffee");
    tokio::select! {
        biased;
        answer = &mut sending => panic!("answered before its echo: {answer:?}"),
        found = stored => assert_eq!(found["matched"], true),
    }
    let (answer, ()) = tokio::join!(sending, house.deliver());
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(house.bot.told().len(), before + 1);
}

#[tokio::test]
async fn echo_first_waits_a_second_at_most_and_a_delay_as_long_as_it_says() {
    let (house, path, body) = open().await;
    let passing = async {
        loop {
            house.real_time_passes(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    };
    let sending = async {
        for (fault, wait_ms) in [("echo_first", 1000), ("delay", 3000)] {
            rule(
                &house,
                json!({"target": "graph", "fault": fault, "params": {"by": "3s"}}),
            )
            .await;
            assert_eq!(house.call("POST", &path, &body).await.status, StatusCode::OK, "{fault}");
            let calls = house.get("/_sim/calls?path=/messages").await;
            let latency_ms = calls["data"].as_array().unwrap().last().unwrap()["latency_ms"]
                .as_i64()
                .unwrap();
            assert!(latency_ms >= wait_ms, "{fault}: {latency_ms}");
        }
    };
    tokio::select! {
        () = sending => {}
        () = passing => {}
    }
}
