//! Every fault of `/_sim/chaos` on the edges that it has, by number of times and by seeded probability.

use http::StatusCode;
use selfsame_runtime::http::CutConnection;
use serde_json::{Value, json};

use crate::house::House;

async fn says(house: &House, text: &str) {
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": text});
    house.ok("POST", "/_sim/dm", &dm).await;
}

/// What the bot is told of one message, and the statuses that its attempts count.
async fn delivered(house: &House) -> (usize, Vec<Value>) {
    let before = house.bot.told().len();
    says(house, "hello").await;
    house.in_real_time(house.deliver()).await;
    let rows = house.get("/_sim/deliveries").await["data"].clone();
    let attempts = rows.as_array().unwrap().last().unwrap()["attempts"].clone();
    let statuses = attempts
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["status"].clone());
    (house.bot.told().len() - before, statuses.collect())
}

#[tokio::test]
async fn every_fault_of_deliveries_strikes_as_often_as_it_may() {
    let ok = json!(200);
    for (fault, n_told, statuses) in [
        ("duplicate", 2, vec![ok.clone()]),
        ("drop", 0, vec![Value::Null]),
        ("delay", 1, vec![ok.clone()]),
        ("reorder", 1, vec![ok.clone()]),
        ("batch", 1, vec![ok.clone()]),
        ("status", 2, vec![json!(500), ok.clone()]),
        ("cut", 2, vec![Value::Null, ok.clone()]),
    ] {
        let house = House::with_bot().await;
        let rule = json!({"target": "delivery", "fault": fault, "times": 1});
        house.ok("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await;
        assert_eq!(delivered(&house).await, (n_told, statuses), "{fault}");
        assert_eq!(house.get("/_sim/chaos").await["times_left"], json!([0]), "{fault}");
        assert_eq!(delivered(&house).await, (1, vec![ok.clone()]), "{fault}, used up");
    }
}

/// What a client sees of one send to the self thread: the status, or nothing where the connection was cut; and whether it was stored.
async fn sent(house: &House) -> (Option<StatusCode>, bool) {
    let world = house.get("/_sim/world").await;
    let luna = &world["accounts"][0];
    let tokens = luna["tokens"].as_array().unwrap();
    let token = tokens.iter().find(|token| token["flow"] == "instagram").unwrap();
    let path = format!(
        "/v25.0/{}/messages?access_token={}",
        luna["self_igsid"].as_str().unwrap(),
        token["access_token"].as_str().unwrap()
    );
    let request = http::Request::post(path)
        .header("host", "localhost:7353")
        .body(axum::body::Body::from(
            json!({"message": {"text": "answer"}}).to_string(),
        ))
        .unwrap();
    let before = n_answers(house).await;
    let answer = house.in_real_time(house.open_answer(request)).await;
    let is_cut = answer.extensions().get::<CutConnection>().is_some();
    ((!is_cut).then(|| answer.status()), n_answers(house).await > before)
}

async fn n_answers(house: &House) -> usize {
    let threads = house.get("/_sim/threads?a=luna.coffee&b=luna.coffee").await;
    let messages = threads["data"][0]["messages"].as_array().unwrap();
    messages.iter().filter(|message| message["origin"] == "api").count()
}

#[tokio::test]
async fn every_fault_of_graph_calls_strikes_as_often_as_it_may() {
    let fine = (Some(StatusCode::OK), true);
    for (fault, expected) in [
        ("drop", (None, false)),
        ("delay", fine),
        ("status", (Some(StatusCode::INTERNAL_SERVER_ERROR), false)),
        ("graph_error", (Some(StatusCode::SERVICE_UNAVAILABLE), false)),
        ("cut", (None, true)),
        ("echo_first", fine),
    ] {
        let house = House::with_bot().await;
        says(&house, "hello").await;
        let rule = json!({"target": "graph", "fault": fault, "times": 1});
        house.ok("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await;
        assert_eq!(sent(&house).await, expected, "{fault}");
        assert_eq!(house.get("/_sim/chaos").await["times_left"], json!([0]), "{fault}");
        assert_eq!(sent(&house).await, fine, "{fault}, used up");
    }
}

#[tokio::test]
async fn faults_of_an_edge_that_does_not_have_them_are_refused() {
    let house = House::open().await;
    for (target, fault) in [
        ("delivery", "graph_error"),
        ("delivery", "echo_first"),
        ("graph", "duplicate"),
        ("graph", "batch"),
        ("graph", "reorder"),
    ] {
        let rules = json!({"rules": [{"target": target, "fault": fault}]});
        let refused = house.call("PUT", "/_sim/chaos", &rules).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{target} {fault}");
        assert_eq!(refused.error_field().as_deref(), Some("rules[0].fault"));
    }
}

/// Which of 20 deliveries come twice, and which of 20 calls are answered 500, by chance of this seed.
async fn by_chance(seed: u64) -> (Vec<usize>, Vec<StatusCode>) {
    let house = House::with_bot().await;
    let half = |target, fault| json!({"seed": seed, "rules": [{"target": target, "fault": fault, "probability": 0.5}]});
    house.ok("PUT", "/_sim/chaos", &half("delivery", "duplicate")).await;
    let mut told = Vec::new();
    for _ in 0..20 {
        told.push(delivered(&house).await.0);
    }
    house.ok("PUT", "/_sim/chaos", &half("graph", "status")).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(house.call("GET", "/v25.0/me", &Value::Null).await.status);
    }
    (told, statuses)
}

#[tokio::test]
async fn chance_is_seeded_on_both_edges_and_replays() {
    let (seven, again, eight) = (by_chance(7).await, by_chance(7).await, by_chance(8).await);
    assert_eq!(seven, again);
    assert!(seven.0 != eight.0 && seven.1 != eight.1, "another seed, another day");
    let n_twice = seven.0.iter().filter(|n_told| **n_told == 2).count();
    let n_failed = seven.1.iter().filter(|status| status.is_server_error()).count();
    assert!((3..18).contains(&n_twice) && (3..18).contains(&n_failed), "{seven:?}");
}
