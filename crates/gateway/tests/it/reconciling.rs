//! What Instagram has and what never arrived: found, told, and brought in once.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, SAM, SELF_IGSID};
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
    let to = if from == IG_ID { SAM } else { IG_ID };
    json!({"id": mid, "created_time": at(business, hours_ago), "from": {"id": from, "username": "x"},
        "to": {"data": [{"id": to, "username": "y"}]}, "message": text})
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
    assert!(report["notes"].to_string().contains("the self thread was not compared"));
    assert!(business.graph.texts().is_empty(), "comparing answers nobody");
    let replayed = business.post(&path("/replay"), &json!({})).await;
    assert_eq!(replayed.status, StatusCode::ACCEPTED);
    assert_eq!(replayed.json(), json!({"queued": ["missing", "c1"], "skipped": ["c3"]}));
    business.settle().await;
    let mut texts = business.graph.texts();
    texts.sort();
    assert_eq!(texts, ["3.50", "the menu"]);
    let traced = business.messages().await;
    let brought_in = traced.iter().find(|row| row["cause_mid"] == "missing").unwrap();
    let id = brought_in["cause_event"].as_str().unwrap();
    let trace = business.get(&format!("/api/v1/messages/{id}")).await.text;
    assert!(trace.contains("\"reconciled\""), "{trace}");
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

/// One conversation with these messages, and one post with these comments.
fn tell_of(business: &Business, messages: &Value, comments: &Value) {
    let conversations = json!({"data": [{"id": "t1", "updated_time": at(business, 1)}]});
    business.graph.tell("/me/conversations", 200, conversations);
    let conversation = json!({"id": "t1", "messages": {"data": messages}});
    business.graph.tell("/t1", 200, conversation);
    let posts = json!({"data": [{"id": "p1"}]});
    business.graph.tell(&format!("/{IG_ID}/media"), 200, posts);
    business.graph.tell("/p1/comments", 200, json!({"data": comments}));
}

fn gaps_of(report: &Value) -> Vec<(&str, bool)> {
    let gaps = report["gaps"].as_array().unwrap().iter();
    gaps.map(|gap| (gap["id"].as_str().unwrap(), gap["own"].as_bool().unwrap()))
        .collect()
}

#[tokio::test]
async fn what_the_business_wrote_itself_is_found_and_leaves_the_thread_to_it() {
    let mut business = Business::connected(MENU).await;
    business.sam_writes("menu").await;
    let ours = business.graph.id_of("the menu");
    let messages = json!([
        message(&business, "typed", IG_ID, 1, "I am on it"),
        message(&business, &ours, IG_ID, 1, "the menu"),
    ]);
    let comments = json!([
        {"id": "c1", "text": "thanks", "timestamp": at(&business, 1), "username": "luna.coffee"},
    ]);
    tell_of(&business, &messages, &comments);
    let report = compared(&business).await;
    assert_eq!(
        gaps_of(&report),
        [("typed", true), ("c1", true)],
        "our own answer is not missing"
    );
    let replayed = business.post(&path("/replay"), &json!({"ids": ["typed"]})).await;
    assert_eq!(replayed.json()["queued"], json!(["typed"]));
    business.settle().await;
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts(), ["the menu"], "a human answers here now");
    let paused = business.get("/api/v1/paused-threads").await.json();
    assert_eq!(paused["data"][0]["person"], SAM);
    let until = paused["data"][0]["until_ms"].as_i64().unwrap();
    let typed_at = business.clocks.world.now().as_millisecond() - 3_600_000;
    assert!(
        (until - typed_at - 86_400_000).abs() < 2_000,
        "a day from when it was written: {until}"
    );
}

#[tokio::test]
async fn replies_to_comments_are_compared_however_old_the_comment_is() {
    let business = Business::connected(MENU).await;
    let reply = json!({"id": "r1", "text": "the price?", "timestamp": at(&business, 1),
        "username": "sam", "from": {"id": SAM, "username": "sam"}});
    let comments = json!([{"id": "c1", "text": "nice", "timestamp": at(&business, 100), "username": "sam",
        "from": {"id": SAM, "username": "sam"}, "replies": {"data": [reply]}}]);
    tell_of(&business, &json!([]), &comments);
    let report = compared(&business).await;
    assert_eq!(gaps_of(&report), [("r1", false)]);
    assert_eq!(report["gaps"][0]["parent"], "c1");
    business.post(&path("/replay"), &json!({})).await;
    business.settle().await;
    assert_eq!(business.graph.texts(), ["3.50"]);
    assert!(business.graph.sent()[0].0.contains("r1"), "{:?}", business.graph.sent());
}

#[tokio::test]
async fn the_self_thread_is_compared_where_instagram_lists_it() {
    let mut business = Business::connected(MENU).await;
    business.owner_writes("hello").await;
    // Nobody has seen such a list: it may name her by either id.
    for to in [IG_ID, SELF_IGSID] {
        let mut missing = message(&business, "missing", IG_ID, 1, "menu");
        missing["to"]["data"][0]["id"] = to.into();
        tell_of(&business, &json!([missing]), &json!([]));
        let report = compared(&business).await;
        assert_eq!(gaps_of(&report), [("missing", true)]);
        assert!(!report["notes"].to_string().contains("self thread"), "{report}");
    }
    business.post(&path("/replay"), &json!({})).await;
    business.settle().await;
    assert_eq!(
        business.graph.texts(),
        ["the menu"],
        "the owner said it, so the draft answers"
    );
}

#[tokio::test]
async fn a_report_outlives_a_restart_and_what_waited_is_compared_after_it() {
    let mut business = Business::connected(MENU).await;
    tell(&business);
    business.post(&path(""), &json!({})).await;
    let too_early = business.post(&path("/replay"), &json!({})).await;
    assert_eq!(too_early.json()["error"]["code"], "reconciliation_running");
    business.restart().await;
    assert_eq!(business.gateway.reconcile_once().await.unwrap(), 1);
    business.restart().await;
    let report = business.get(&path("")).await.json();
    assert_eq!(report["state"], "done");
    assert_eq!(
        gaps_of(&report),
        [("missing", false), ("arrived", false), ("c1", false), ("c3", false)]
    );
    business.post(&path("/replay"), &json!({"ids": ["missing"]})).await;
    business.restart().await;
    business.settle().await;
    let again = business.post(&path("/replay"), &json!({"ids": ["missing"]})).await;
    assert_eq!(again.json()["skipped"], json!(["missing"]));
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    let gone = business
        .send("DELETE", &format!("/api/v1/accounts/{IG_ID}"), "text/plain", "")
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    business.connect().await;
    assert_eq!(business.get(&path("")).await.json()["error"]["code"], "not_reconciled");
}

#[tokio::test]
async fn what_was_brought_in_does_not_hide_that_nothing_is_delivered() {
    let business = Business::connected(MENU).await;
    business.clocks.world.advance(SignedDuration::from_mins(11)).unwrap();
    tell(&business);
    compared(&business).await;
    business.post(&path("/replay"), &json!({})).await;
    business.settle().await;
    assert_eq!(business.graph.texts().len(), 2);
    let health = business.get(&format!("/api/v1/accounts/{IG_ID}/health")).await.text;
    assert!(health.contains("app_not_live"), "{health}");
}
