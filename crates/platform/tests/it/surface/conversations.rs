//! The conversations edge: folders and what is left out (contract: other-apis §6.2, send-api §5.7).

use serde_json::{Value, json};

use super::graph::{graph_ok, igsid, token};
use crate::house::House;

async fn folder(house: &House) -> Value {
    let threads = house.get("/_sim/threads?a=@luna.coffee&b=@sam").await;
    threads["data"][0]["folder"].clone()
}

async fn listed(house: &House, query: &str) -> usize {
    let token = token(house, "luna.coffee", "demo", "instagram").await;
    let answer = graph_ok(house, &token, "GET", &format!("me/conversations{query}"), &Value::Null).await;
    answer["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_new_thread_is_a_request_until_the_first_answer() {
    let house = House::with_bot().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(folder(&house).await, "requests");
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let send = json!({"recipient": {"id": igsid(&house, "luna.coffee", "sam").await}, "message": {"text": "hi"}});
    graph_ok(&house, &token, "POST", "me/messages", &send).await;
    assert_eq!(folder(&house).await, "general");
}

#[tokio::test]
async fn an_answer_on_the_phone_moves_the_request_too() {
    let house = House::with_bot().await;
    for (from, to) in [("@sam", "@luna.coffee"), ("@luna.coffee", "@sam")] {
        house
            .ok("POST", "/_sim/dm", &json!({"as": from, "to": to, "text": "hello"}))
            .await;
    }
    assert_eq!(folder(&house).await, "general");
}

#[tokio::test]
async fn a_request_that_rested_for_thirty_days_is_not_returned() {
    let house = House::with_bot().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let of_sam = format!("?user_id={}", igsid(&house, "luna.coffee", "sam").await);
    house.ok("POST", "/_sim/clock", &json!({"advance": "719h"})).await;
    assert_eq!((listed(&house, "").await, listed(&house, &of_sam).await), (1, 1));
    house.ok("POST", "/_sim/clock", &json!({"advance": "2h"})).await;
    assert_eq!((listed(&house, "").await, listed(&house, &of_sam).await), (0, 0));
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(listed(&house, "").await, 1);
}
