//! How long things are kept: long enough to know every repetition, and not for ever.

use std::time::Duration;

use serde_json::json;

use crate::business::Business;
use crate::graph::{IG_ID, SELF_IGSID};
use crate::open::deliver;

const MENU: &str =
    "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n";

async fn forget(business: &Business) {
    while business.gateway.forget_once().await.unwrap() > 0 {}
}

async fn count(business: &Business, table: &'static str) -> i64 {
    let read = business.gateway.app().database.read(move |connection| {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
    });
    read.await.unwrap()
}

async fn typed(business: &Business, mid: &str) {
    let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [{"sender": {"id": IG_ID},
        "recipient": {"id": SELF_IGSID}, "message": {"mid": mid, "text": "menu", "is_echo": true, "is_self": true}}]}]});
    deliver(&business.gateway, body.to_string().as_bytes()).await;
    business.settle().await;
}

#[tokio::test]
async fn repetitions_and_echoes_are_known_as_long_as_instagram_may_deliver_again() {
    let business = Business::with_config(MENU, |config| config.limits.event_days = 0).await;
    business.connect().await;
    typed(&business, "m1").await;
    assert_eq!(business.graph.texts().len(), 1);
    // Four times the 36 hours; the configured age of 0 days is not believed.
    business.clocks.process.advance(Duration::from_hours(4 * 36));
    forget(&business).await;
    typed(&business, "m1").await;
    let echo = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [{"sender": {"id": IG_ID},
        "recipient": {"id": SELF_IGSID}, "message": {"mid": "mid-1", "text": "menu", "is_echo": true, "is_self": true}}]}]});
    deliver(&business.gateway, echo.to_string().as_bytes()).await;
    business.settle().await;
    assert_eq!(
        business.graph.texts().len(),
        1,
        "neither the repetition nor our own echo is answered"
    );
}

#[tokio::test]
async fn events_and_sends_that_ended_long_ago_are_forgotten_step_by_step() {
    let business = Business::connected(MENU).await;
    for number in 0..1_200 {
        let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [{"sender": {"id": IG_ID},
            "recipient": {"id": SELF_IGSID}, "message": {"mid": format!("m{number}"), "text": if number < 3 { "menu" } else { "-" },
            "is_echo": true, "is_self": true}}]}]});
        deliver(&business.gateway, body.to_string().as_bytes()).await;
    }
    business.settle().await;
    assert_eq!(
        (count(&business, "events").await, count(&business, "sends").await),
        (1_200, 3)
    );
    forget(&business).await;
    assert_eq!(count(&business, "events").await, 1_200, "nothing is old yet");
    business.clocks.process.advance(Duration::from_hours(91 * 24));
    typed(&business, "young").await;
    let first = business.gateway.forget_once().await.unwrap();
    assert!(first > 0);
    let after_one_step = count(&business, "events").await;
    assert!(
        (600..1_201).contains(&after_one_step),
        "one step takes few: {after_one_step} are left"
    );
    forget(&business).await;
    assert_eq!(
        (count(&business, "events").await, count(&business, "sends").await),
        (1, 1)
    );
    let metrics = business.get("/metrics").await.text;
    assert!(
        metrics.contains("selfsame_gateway_forgotten_total{kind=\"event\"} 1200"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_waits_for_a_person_is_never_forgotten() {
    let business = Business::connected(MENU).await;
    business
        .send("PUT", "/api/v1/kill-switch", "application/json", "{\"on\":true}")
        .await;
    typed(&business, "m1").await;
    business.clocks.process.advance(Duration::from_hours(400 * 24));
    forget(&business).await;
    let parked = business.get("/api/v1/messages?state=parked").await.json();
    assert_eq!(parked["data"].as_array().unwrap().len(), 1);
}
