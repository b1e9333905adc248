//! The journal of calls.

use serde_json::{Value, json};

use crate::house::House;

async fn call(house: &House, path: &str) {
    house.call("GET", path, &Value::Null).await;
}

#[tokio::test]
async fn every_graph_call_is_there_before_the_next_look() {
    let house = House::open().await;
    call(&house, "/v25.0/me?access_token=nonsense").await;

    let calls = house.get("/_sim/calls").await;

    let entry = &calls["data"][0];
    assert_eq!(
        (&entry["method"], &entry["path"], &entry["query"]),
        (&json!("GET"), &json!("/v25.0/me"), &json!("access_token=nonsense"))
    );
    assert_eq!(
        (&entry["host"], &entry["request_headers"]["host"]),
        (&json!("localhost:7353"), &json!("localhost:7353"))
    );
    assert!(entry["status"].as_u64().unwrap() >= 400);
    assert_eq!(
        calls["data"].as_array().unwrap().len(),
        1,
        "our own calls to /_sim are none"
    );
}

#[tokio::test]
async fn calls_are_found_by_the_end_of_their_path_and_by_status() {
    let house = House::open().await;
    for path in ["/v25.0/me", "/v24.0/me", "/v24.0/0/media"] {
        call(&house, path).await;
    }

    let found = house.get("/_sim/calls?path=/me&method=get").await;
    let paths: Vec<&str> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["/v25.0/me", "/v24.0/me"]);
    assert_eq!(house.get("/_sim/calls?status=200").await["data"], json!([]));
    let after = found["data"][0]["id"].as_i64().unwrap();
    assert_eq!(
        house.get(&format!("/_sim/calls?after={after}&path=/me")).await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
