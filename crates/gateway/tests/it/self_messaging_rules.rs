//! Each rule of "Loop-safe handling" (contract, self messaging §8.5), by name, with the shapes that other
//! people's programs have seen (`tests/fixtures`).

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, SAM, SELF_IGSID};

/// Answers everything that could be answered, so that one answer too many shows.
const EVERYTHING: &str = r#"
automations:
  - name: message
    when: { message: { everything: true } }
    do: [ { send: { text: "answer" } } ]
  - name: tap
    when: { postback: GO }
    do: [ { send: { text: "tapped" } } ]
  - name: comment
    when: { comment: { everything: true } }
    do: [ { reply: { text: "public answer" } }, { send: { text: "private answer" } } ]
"#;

/// A body of `tests/fixtures` for the account of the tests.
fn fixture(name: &str, text: &str, id: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let body = std::fs::read_to_string(path)
        .unwrap()
        .replace("@IG@", IG_ID)
        .replace("@SELF@", SELF_IGSID)
        .replace("@SAM@", SAM)
        .replace("@TEXT@", text)
        .replace("@ID@", id);
    serde_json::from_str(&body).unwrap()
}

async fn business() -> Business {
    Business::connected(EVERYTHING).await
}

/// With the self IGSID learned, and nothing sent yet that counts.
async fn knowing_itself() -> Business {
    let mut business = business().await;
    business.owner_writes("opens the self thread").await;
    business.graph.forget_sent();
    business
}

#[tokio::test]
async fn rule_1_the_account_is_found_by_entry_id_and_its_self_igsid_learned_from_its_own_events() {
    for name in ["self_echo", "self_tap_of_the_page", "own_comment_of_a_vendor"] {
        let business = business().await;
        let account = |answer: Value| answer["self_igsid"].clone();
        let path = format!("/api/v1/accounts/{IG_ID}");
        assert_eq!(account(business.get(&path).await.json()), Value::Null);
        business.webhook(&fixture(name, "GO", "")).await;
        assert_eq!(account(business.get(&path).await.json()), SELF_IGSID, "{name}");
    }
}

#[tokio::test]
async fn rule_1_the_dashboards_test_teaches_nothing_and_is_answered_by_nobody() {
    let business = business().await;
    business.webhook(&fixture("dashboard_comment", "price", "")).await;
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["self_igsid"], Value::Null);
    assert_eq!(business.graph.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn rule_2_the_person_of_a_self_event_is_its_recipient() {
    let business = business().await;
    business.webhook(&fixture("self_echo", "hi", "")).await;
    assert_eq!(business.graph.sent()[0].0, format!("/{SELF_IGSID}/messages"));
}

#[tokio::test]
async fn rule_2_a_self_event_without_flags_is_known_by_its_parties() {
    let business = knowing_itself().await;
    business
        .deliver(IG_ID, SELF_IGSID, &json!({"mid": "bare", "text": "hi"}))
        .await;
    assert_eq!(business.graph.texts(), ["answer"]);
}

#[tokio::test]
async fn rule_2_an_ordinary_echo_is_the_businesss_own_word_and_answered_by_nobody() {
    let business = knowing_itself().await;
    business.webhook(&fixture("ordinary_echo", "hello Sam", "")).await;
    assert_eq!(business.graph.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn rule_3_every_send_is_recorded_before_its_call_and_its_mid_after() {
    let mut business = business().await;
    business.owner_writes("hi").await;
    let row = business.messages().await.remove(0);
    assert_eq!(row["state"], "sent");
    assert_eq!(row["mid"], "mid-1");
    // The other half, the order of commit and call:
    // `the_ledger_is_written_before_instagram_is_called` and the simulation with its crashes.
}

#[tokio::test]
async fn rule_4_a_self_echo_that_is_not_ours_is_the_owner_typing() {
    let business = business().await;
    business.webhook(&fixture("self_echo", "hi", "")).await;
    assert_eq!(business.graph.texts(), ["answer"]);
}

#[tokio::test]
async fn rule_4_a_self_echo_with_the_mid_of_our_send_is_ours() {
    let mut business = business().await;
    business.owner_writes("hi").await;
    let ours = json!({"mid": "mid-1", "text": "answer", "is_echo": true, "is_self": true});
    business.deliver(IG_ID, SELF_IGSID, &ours).await;
    assert_eq!(business.graph.texts(), ["answer"]);
}

#[tokio::test]
async fn rule_5_a_repeated_event_is_decided_once_and_an_unsend_of_it_is_another() {
    let business = business().await;
    for _ in 0..3 {
        business.webhook(&fixture("self_echo", "hi", "")).await;
    }
    assert_eq!(business.graph.texts(), ["answer"]);
    let unsent = json!({"mid": "aWdfZAG1f_self", "is_echo": true, "is_self": true, "is_deleted": true});
    business.deliver(IG_ID, SELF_IGSID, &unsent).await;
    let kinds = business.event_kinds().await;
    assert_eq!(kinds, ["message", "unsend"]);
}

#[tokio::test]
async fn rule_5_two_taps_without_identity_are_two_events() {
    let business = business().await;
    for _ in 0..2 {
        business.webhook(&fixture("self_tap_of_the_page", "GO", "")).await;
    }
    assert_eq!(business.graph.texts(), ["tapped", "tapped"]);
}

#[tokio::test]
async fn rule_5_an_edit_numbered_0_is_ignored() {
    let business = business().await;
    business.webhook(&fixture("edit_noise", "", "")).await;
    assert_eq!(business.event_kinds().await, Vec::<String>::new());
    assert_eq!(business.graph.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn rule_6_a_comment_with_the_id_of_our_reply_never_triggers_whoever_it_names() {
    let business = knowing_itself().await;
    let sams = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1_790_000_000, "changes": [{"field": "comments",
        "value": {"id": "c1", "text": "price", "from": {"id": SAM, "username": "sam"}, "media": {"id": "m1"}}}]}]});
    business.webhook(&sams).await;
    assert_eq!(business.graph.texts(), ["public answer", "private answer"]);
    let reply = business.graph.id_of("public answer");
    for name in ["own_reply_without_name", "own_reply_in_another_id_space"] {
        business.webhook(&fixture(name, "public answer", &reply)).await;
    }
    assert_eq!(business.graph.texts().len(), 2, "{:?}", business.graph.texts());
}

#[tokio::test]
async fn rule_6_a_comment_by_the_accounts_name_is_its_own_and_is_never_answered_as_a_customers() {
    let business = knowing_itself().await;
    business
        .webhook(&fixture("own_reply_in_another_id_space", "price", "17900000000000200"))
        .await;
    let sent = business.graph.sent();
    let to_whom: Vec<&str> = sent.iter().map(|(path, _)| path.as_str()).collect();
    let own = format!("/{SELF_IGSID}/messages");
    assert_eq!(
        to_whom,
        ["/17900000000000200/replies", own.as_str()],
        "a self message, no private reply"
    );
    let row = business.messages().await.pop().unwrap();
    assert_eq!(row["own"], true, "{row}");
}

#[tokio::test]
async fn rule_6_an_own_comment_is_known_by_either_id_in_every_shape() {
    for name in [
        "own_comment_of_a_vendor",
        "own_comment_in_the_entry",
        "own_comment_named_comment_id",
    ] {
        let business = knowing_itself().await;
        business.webhook(&fixture(name, "price", "")).await;
        let row = business.messages().await.pop().unwrap();
        assert_eq!(
            (&row["own"], &row["person"]),
            (&json!(true), &json!(SELF_IGSID)),
            "{name}: {row}"
        );
        let path = business.graph.sent().last().unwrap().0.clone();
        assert_eq!(path, format!("/{SELF_IGSID}/messages"), "{name}");
    }
}

#[tokio::test]
async fn rule_6_an_own_comment_before_the_self_igsid_is_known_messages_nobody() {
    let business = business().await;
    business
        .webhook(&fixture("own_reply_in_another_id_space", "price", "17900000000000200"))
        .await;
    assert_eq!(business.graph.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn rule_6_a_budget_and_a_kill_switch_stop_what_gets_out_of_hand() {
    let mut business = business().await;
    let mut settings = crate::open::config(business.folder.path());
    settings.limits.self_answers_per_minute = 2;
    business.reopen(settings).await;
    for number in 0..4 {
        business.owner_writes(&format!("message {number}")).await;
    }
    assert_eq!(business.graph.texts().len(), 2);
    let on = json!({"on": true}).to_string();
    let put = business
        .send("PUT", "/api/v1/kill-switch", "application/json", &on)
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    business.sam_writes("hello").await;
    assert_eq!(business.graph.texts().len(), 2);
}

#[tokio::test]
async fn rule_7_a_self_tap_is_always_the_owners() {
    let mut business = business().await;
    business.owner_writes("hi").await;
    // Even a tap that carries the mid of what we sent: the app cannot make one.
    let tap = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 5, "messaging": [{
        "sender": {"id": IG_ID}, "recipient": {"id": SELF_IGSID}, "timestamp": 5, "is_self": true,
        "postback": {"title": "Go", "payload": "GO", "mid": "mid-1"}}]}]});
    business.webhook(&tap).await;
    assert_eq!(business.graph.texts(), ["answer", "tapped"]);
}

#[tokio::test]
async fn rule_8_to_oneself_the_path_form_without_quick_replies_whatever_the_hour() {
    let chips = r#"
automations:
  - name: chips
    when: { message: { everything: true } }
    do: [ { send: { text: "Which?", quick_replies: [ { title: A, payload: PA }, { title: B, payload: PB } ] } } ]
"#;
    let mut business = Business::connected(chips).await;
    business.owner_writes("hi").await;
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_hours(25))
        .unwrap();
    business.owner_writes("a day later").await;
    let sent = business.graph.sent();
    assert_eq!(sent.len(), 2);
    for (path, body) in sent {
        assert_eq!(path, format!("/{SELF_IGSID}/messages"));
        assert!(body.get("recipient").is_none(), "{body}");
        assert!(!body.to_string().contains("quick_replies"), "{body}");
    }
    assert!(business.messages().await.iter().all(|row| row["mid"].is_string()));
}
