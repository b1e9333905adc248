//! How fast accounts call, and what Instagram says about it.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, SAM};

const NOTHING: &str = "automations: []\n";

async fn ask_to_send(business: &Business, number: usize) {
    // Another person each time: a thread has its own order.
    let body = json!({"account": IG_ID, "to": format!("16000000{number:08}"), "text": format!("text {number}")});
    let answer = business.post("/api/v1/messages", &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
}

/// How many messages reached Instagram.
fn n_sent(business: &Business) -> usize {
    business.graph.sent().len()
}

#[tokio::test]
async fn an_account_sends_less_than_a_hundred_texts_a_second_and_all_of_them_in_the_end() {
    let business = Business::connected(NOTHING).await;
    for number in 0..250 {
        ask_to_send(&business, number).await;
    }
    business.settle().await;
    assert_eq!(n_sent(&business), 90);
    let mut seconds = 0;
    while n_sent(&business) < 250 {
        let before = n_sent(&business);
        for _ in 0..100 {
            business.clocks.process.advance(Duration::from_millis(10));
            business
                .clocks
                .world
                .advance(jiff::SignedDuration::from_millis(10))
                .unwrap();
            business.settle().await;
        }
        seconds += 1;
        assert!(n_sent(&business) - before < 100, "in second {seconds}");
    }
    assert!(seconds <= 3, "slower than it must be: {seconds} s");
    assert!(business.messages().await.iter().all(|row| row["state"] == "sent"));
}

#[tokio::test]
async fn a_restart_is_no_new_allowance() {
    let mut business = Business::connected(NOTHING).await;
    for number in 0..100 {
        ask_to_send(&business, number).await;
    }
    business.settle().await;
    business.restart().await;
    business.settle().await;
    assert_eq!(n_sent(&business), 90);
}

#[tokio::test]
async fn private_replies_are_counted_by_the_hour_and_hold_no_text_back() {
    let business = Business::connected(NOTHING).await;
    let key = business.engine_key().await;
    for number in 0..676 {
        let body = json!({"recipient": {"comment_id": format!("c{number}")}, "message": {"text": "hi"}});
        if number % 90 == 89 {
            business.clocks.process.advance(Duration::from_secs(2));
            business
                .clocks
                .world
                .advance(jiff::SignedDuration::from_secs(2))
                .unwrap();
        }
        if number < 675 {
            let answer = business.engine_calls("/graph/me/messages", &key, &body).await;
            assert_eq!(answer.status, StatusCode::OK, "{number}: {}", answer.text);
        }
    }
    let body = json!({"account": IG_ID, "to": SAM, "text": "a text"});
    business.post("/api/v1/messages", &body).await;
    business.settle().await;
    assert_eq!(n_sent(&business), 676, "a text is another allowance");
}

fn throttled() -> Value {
    json!({"error": {"message": "limit", "type": "IGApiException", "code": 613, "error_subcode": 2_534_040}})
}

#[tokio::test]
async fn after_613_the_whole_account_pauses_even_across_a_restart_and_then_goes_on_in_order() {
    let mut business = Business::connected(NOTHING).await;
    business.graph.refuse_next(400, throttled());
    ask_to_send(&business, 1).await;
    business.settle().await;
    ask_to_send(&business, 2).await;
    business.settle().await;
    assert_eq!(n_sent(&business), 0, "the other thread waits too");
    business.restart().await;
    business.settle().await;
    assert_eq!(n_sent(&business), 0);
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(2))
        .unwrap();
    business.clocks.process.advance(Duration::from_secs(2));
    business.settle().await;
    assert_eq!(business.graph.texts(), ["text 1", "text 2"]);
}

#[tokio::test]
async fn a_used_up_allowance_is_heeded_for_as_long_as_instagram_says() {
    let business = Business::connected(NOTHING).await;
    business
        .graph
        .tell_usage(r#"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#);
    ask_to_send(&business, 1).await;
    business.settle().await;
    ask_to_send(&business, 2).await;
    for minutes in [10, 8] {
        business
            .clocks
            .world
            .advance(jiff::SignedDuration::from_mins(minutes))
            .unwrap();
        business.settle().await;
        assert_eq!(n_sent(&business), 1);
    }
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_mins(2))
        .unwrap();
    business.settle().await;
    assert_eq!(n_sent(&business), 2);
}

#[tokio::test]
async fn requests_with_one_key_that_race_send_once() {
    let business = Business::connected(NOTHING).await;
    let request = || {
        Request::post("/api/v1/messages")
            .header("host", "localhost:7354")
            .header("content-type", "application/json")
            .header("idempotency-key", "race")
            .body(Body::from(
                json!({"account": IG_ID, "to": SAM, "text": "once"}).to_string(),
            ))
            .unwrap()
    };
    let answers = futures_util::future::join_all((0..20).map(|_| business.request(request()))).await;
    let ids: std::collections::BTreeSet<String> = answers
        .iter()
        .map(|answer| answer.json()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
    let first = answers
        .iter()
        .filter(|answer| answer.json()["repeated"] == false)
        .count();
    assert_eq!(first, 1);
    business.settle().await;
    assert_eq!(business.graph.texts(), ["once"]);
    // And once more after it was sent.
    assert_eq!(business.request(request()).await.json()["repeated"], true);
    business.settle().await;
    assert_eq!(business.graph.texts(), ["once"]);
}

#[tokio::test]
async fn a_long_text_is_sent_in_parts_of_whole_words_and_its_buttons_stand_under_the_last() {
    let automations = r#"
automations:
  - name: long
    when: { message: { everything: true } }
    do: [ { send: { text: "{{ message.text }} {{ message.text }} {{ message.text }}", buttons: [ { title: A, payload: PA } ] } } ]
"#;
    let mut business = Business::connected(automations).await;
    let said = "na\u{ef}ve caf\u{e9} ".repeat(50);
    business.sam_writes(said.trim()).await;
    let sent = business.graph.sent();
    assert!(sent.len() > 1);
    let (last, before) = sent.split_last().unwrap();
    assert!(
        before.iter().all(|(_, body)| body.pointer("/message/text").is_some()),
        "{before:?}"
    );
    assert_eq!(
        last.1.pointer("/message/attachment/payload/buttons/0/title"),
        Some(&json!("A"))
    );
    let texts = business.graph.texts();
    assert!(texts.iter().all(|text| text.len() <= 1_000));
    assert_eq!(texts.join(" "), [said.trim(); 3].join(" "));
    assert_eq!(
        business.messages().await.len(),
        sent.len(),
        "each part is a send of the ledger"
    );
}

#[tokio::test]
async fn refusals_for_calling_too_often_use_up_no_tries_and_end_after_a_day() {
    let business = Business::connected(NOTHING).await;
    let pass = |hours: i64| {
        let ahead = jiff::SignedDuration::from_hours(hours) + jiff::SignedDuration::from_mins(6);
        business.clocks.world.advance(ahead).unwrap();
        business.clocks.process.advance(ahead.unsigned_abs());
    };
    for _ in 0..20 {
        business.graph.refuse_next(400, throttled());
    }
    ask_to_send(&business, 1).await;
    for _ in 0..20 {
        business.settle().await;
        assert_eq!(n_sent(&business), 0);
        pass(0);
    }
    business.settle().await;
    assert_eq!(business.graph.texts(), ["text 1"]);
    for _ in 0..2 {
        business.graph.refuse_next(400, throttled());
    }
    ask_to_send(&business, 2).await;
    business.settle().await;
    pass(24);
    business.settle().await;
    let rows = business.messages().await;
    let second = rows.iter().find(|row| row["text"] == "text 2").unwrap();
    assert_eq!(second["state"], "failed", "{rows:?}");
    assert!(second["reason"].as_str().unwrap().contains("for a day"), "{second}");
}

#[tokio::test]
async fn a_long_text_of_the_api_is_split_at_words_and_the_next_message_stands_behind_all_of_it() {
    let business = Business::connected(NOTHING).await;
    let long = "\u{65e5}\u{672c}\u{8a9e} na\u{ef}ve \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} ".repeat(60);
    for text in [long.trim(), "behind it"] {
        let body = json!({"account": IG_ID, "to": SAM, "text": text});
        let answer = business.post("/api/v1/messages", &body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    }
    // The first part fails once: what stands behind it waits.
    business.graph.refuse_next(
        500,
        json!({"error": {"message": "later", "type": "OAuthException", "code": 2}}),
    );
    business.settle().await;
    assert_eq!(n_sent(&business), 0);
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(2))
        .unwrap();
    business.settle().await;
    let texts = business.graph.texts();
    let (last, parts) = texts.split_last().unwrap();
    assert_eq!(last, "behind it");
    assert!(
        parts.len() > 1 && parts.iter().all(|part| part.len() <= 1_000),
        "{texts:?}"
    );
    assert_eq!(parts.join(" "), long.trim());
}

#[tokio::test]
async fn a_pause_lasts_no_longer_when_world_time_is_set_back() {
    let business = Business::connected(NOTHING).await;
    business.graph.refuse_next(400, throttled());
    ask_to_send(&business, 1).await;
    business.settle().await;
    assert_eq!(n_sent(&business), 0);
    let world = &business.clocks.world;
    let year_ago = world.now() - jiff::SignedDuration::from_hours(365 * 24);
    world.freeze(year_ago).unwrap();
    business.settle().await;
    assert_eq!(n_sent(&business), 0, "it pauses still");
    world.resume().unwrap();
    world.advance(jiff::SignedDuration::from_secs(2)).unwrap();
    business.clocks.process.advance(Duration::from_secs(2));
    business.settle().await;
    assert_eq!(business.graph.texts(), ["text 1"]);
}
