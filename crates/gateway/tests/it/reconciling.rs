//! What Instagram has and what never arrived: found, told, and brought in once.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, SAM};
use crate::open::deliver;

const MENU: &str = "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n  - name: price\n    when: { comment: { contains: [price] } }\n    do: [ { reply: { text: \"3.50\" } } ]\n";

fn at(business: &Business, hours_ago: i64) -> String {
    let at: Timestamp = business
        .clocks
        .world
        .now()
        .checked_sub(SignedDuration::from_hours(hours_ago))
        .unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

fn message(business: &Business, mid: &str, from: &str, hours_ago: i64, text: &str) -> Value {
    json!({"id": mid, "created_time": at(business, hours_ago), "from": {"id": from, "username": "x"}, "message": text})
}

/// Instagram has one conversation and one post.
fn tell(business: &Business) {
    business.graph.tell(
        "/me/conversations",
        200,
        json!({"data": [{"id": "t1", "updated_time": at(business, 1)}, {"id": "old", "updated_time": at(business, 60)}]}),
    );
    business.graph.tell(
        "/t1",
        200,
        json!({"id": "t1", "messages": {"data": [
            message(business, "missing", SAM, 1, "menu"),
            message(business, "arrived", SAM, 2, "hello"),
            message(business, "ours", IG_ID, 2, "hello yourself"),
            message(business, "too-old", SAM, 50, "menu"),
        ]}}),
    );
    business
        .graph
        .tell(&format!("/{IG_ID}/media"), 200, json!({"data": [{"id": "p1"}]}));
    business.graph.tell(
        "/p1/comments",
        200,
        json!({"data": [
            {"id": "c1", "text": "price?", "timestamp": at(business, 1), "username": "sam", "from": {"id": SAM, "username": "sam"}},
            {"id": "c2", "text": "thanks", "timestamp": at(business, 1), "from": {"id": IG_ID, "username": "luna.coffee"}},
            {"id": "c3", "text": "who?", "timestamp": at(business, 1)},
        ]}),
    );
}

fn path(rest: &str) -> String {
    format!("/api/v1/accounts/{IG_ID}/reconciliation{rest}")
}

async fn compared(business: &Business) -> Value {
    let asked = business.post(&path(""), &json!({})).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{}", asked.text);
    assert_eq!(asked.json()["state"], "waiting");
    assert_eq!(business.gateway.reconcile_once().await.unwrap(), 1);
    business.get(&path("")).await.json()
}

#[tokio::test]
async fn what_never_arrived_is_reported_and_brought_in_once() {
    let business = Business::connected(MENU).await;
    let arrived = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "message": {"mid": "arrived", "text": "hello"}}]}]});
    deliver(&business.gateway, arrived.to_string().as_bytes()).await;
    business.settle().await;
    tell(&business);
    let report = compared(&business).await;
    assert_eq!(report["state"], "done", "{report}");
    let gaps: Vec<(&str, bool)> = report["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| (gap["id"].as_str().unwrap(), gap["replayable"].as_bool().unwrap()))
        .collect();
    assert_eq!(gaps, [("missing", true), ("c1", true), ("c3", false)]);
    assert!(
        report["notes"]
            .to_string()
            .contains("the self thread is never compared")
    );
    assert!(business.graph.texts().is_empty(), "comparing answers nobody");
    let replayed = business.post(&path("/replay"), &json!({})).await;
    assert_eq!(replayed.status, StatusCode::ACCEPTED);
    assert_eq!(replayed.json(), json!({"queued": ["missing", "c1"], "skipped": ["c3"]}));
    business.settle().await;
    let mut texts = business.graph.texts();
    texts.sort();
    assert_eq!(texts, ["3.50", "the menu"]);
    // Instagram delivers it after all; and somebody asks again.
    let late = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "message": {"mid": "missing", "text": "menu"}}]}]});
    deliver(&business.gateway, late.to_string().as_bytes()).await;
    let again = business.post(&path("/replay"), &json!({"ids": ["missing"]})).await;
    assert_eq!(again.json()["skipped"], json!(["missing"]));
    business.settle().await;
    assert_eq!(business.graph.texts().len(), 2, "answered once");
    let second = compared(&business).await;
    assert_eq!(
        second["gaps"].as_array().unwrap().len(),
        1,
        "only the one without an author is left"
    );
    let metrics = business.get("/metrics").await.text;
    assert!(
        metrics.contains("selfsame_gateway_reconciler_gaps_total 4"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_comparison_can_be_ended_and_fails_with_its_reason() {
    let business = Business::connected(MENU).await;
    assert_eq!(business.get(&path("")).await.json()["error"]["code"], "not_reconciled");
    let ended = business.send("DELETE", &path(""), "text/plain", "").await;
    assert_eq!(ended.json()["error"]["code"], "not_reconciled");
    business.post(&path(""), &json!({})).await;
    let ended = business.send("DELETE", &path(""), "text/plain", "").await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(
        business.gateway.reconcile_once().await.unwrap(),
        0,
        "ended before it began"
    );
    assert_eq!(business.get(&path("")).await.json()["state"], "interrupted");
    business.graph.tell(
        "/me/conversations",
        400,
        json!({"error": {"message": "no", "type": "OAuthException", "code": 200, "error_subcode": 2_534_041}}),
    );
    let report = compared(&business).await;
    assert_eq!(report["state"], "failed");
    assert!(report["error"].as_str().unwrap().contains("200/2534041"), "{report}");
    let wrong = business.post(&path(""), &json!({"hours": 1_000})).await;
    assert_eq!(wrong.json()["error"]["field"], "hours");
}
