//! Mentions of the account under other people's posts: answered in public, through the Facebook login, once.

use axum::http::StatusCode;
use selfsame_client::transport::TransportError;
use serde_json::{Value, json};

use crate::business::Business;
use crate::graph::{IG_ID, MARKER};

const MENTIONS: &str = r#"
automations:
  - name: mention
    when: { mention: { everything: true } }
    do:
      - if:
          condition: mention.comment_id
          then: [ { reply: { text: "thanks for the comment" } } ]
          else: [ { reply: { text: "thanks for the post" } } ]
"#;

async fn through(flow: &str, automations: &str) -> Business {
    let business = Business::open(automations).await;
    connect(&business, flow).await;
    business
}

async fn connect(business: &Business, flow: &str) {
    let token = if flow == "facebook" { "EAA" } else { "IGAA" };
    let page = if flow == "facebook" { "PAGE" } else { "" };
    let body = json!({"flow": flow, "access_token": format!("{token}{MARKER}{page}")});
    let answer = business.post("/api/v1/accounts", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

fn mention(value: &Value) -> Value {
    json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1_520_622_968,
        "changes": [{"field": "mentions", "value": value}]}]})
}

#[tokio::test]
async fn a_mention_is_answered_in_public_where_it_stands_and_once() {
    let business = through("facebook", MENTIONS).await;
    for value in [
        json!({"media_id": "900", "comment_id": "c1"}),
        json!({"media_id": "901"}),
        json!({"media_id": "900", "comment_id": "c1"}),
    ] {
        business.webhook(&mention(&value)).await;
    }
    let edge = format!("/{IG_ID}/mentions");
    let mut sent = business.graph.sent();
    for (_, body) in &mut sent {
        assert!(body.as_object_mut().unwrap().remove("appsecret_proof").is_some());
    }
    let expected = [
        (
            edge.clone(),
            json!({"media_id": "900", "message": "thanks for the comment", "comment_id": "c1"}),
        ),
        (edge, json!({"media_id": "901", "message": "thanks for the post"})),
    ];
    assert_eq!(sent, expected);
    let rows = business.messages().await;
    assert_eq!(rows[0]["cause_kind"], "mention");
    assert_eq!(rows[0]["state"], "sent");
}

#[tokio::test]
async fn a_reply_that_mentions_the_account_again_is_never_answered() {
    let business = through("facebook", MENTIONS).await;
    business
        .webhook(&mention(&json!({"media_id": "900", "comment_id": "c1"})))
        .await;
    let ours = business.graph.id_of("thanks for the comment");
    business
        .webhook(&mention(&json!({"media_id": "900", "comment_id": ours})))
        .await;
    assert_eq!(business.graph.sent().len(), 1);
}

#[tokio::test]
async fn the_facebook_login_answers_a_mention_though_the_other_comes_first() {
    let business = through("instagram", MENTIONS).await;
    business
        .webhook(&mention(&json!({"media_id": "900", "comment_id": "c1"})))
        .await;
    assert_eq!(business.graph.sent(), [], "the Instagram login has no such edge");
    let rows = business.messages().await;
    assert_eq!(rows[0]["state"], "failed");
    assert!(
        rows[0]["reason"].as_str().unwrap().contains("Facebook login"),
        "{rows:?}"
    );
    connect(&business, "facebook").await;
    business
        .webhook(&mention(&json!({"media_id": "900", "comment_id": "c2"})))
        .await;
    assert_eq!(business.graph.sent().len(), 1);
}

#[tokio::test]
async fn a_reply_to_a_mention_that_nobody_knows_of_is_shown_and_sent_again_only_by_request() {
    let business = through("facebook", MENTIONS).await;
    let cut = TransportError::Cut {
        cause: "cut".to_owned(),
    };
    business.graph.end_next(Err(cut));
    business.webhook(&mention(&json!({"media_id": "901"}))).await;
    assert_eq!(business.messages().await[0]["state"], "in_doubt");
    business.clocks.process.advance(std::time::Duration::from_secs(31));
    business.gateway.upkeep_once().await.unwrap();
    let parked = business.messages().await[0].clone();
    assert_eq!(parked["state"], "parked", "{parked}");
    assert_eq!(business.graph.sent().len(), 1, "never by itself");
    let path = format!("/api/v1/messages/{}/send-again", parked["id"].as_str().unwrap());
    assert_eq!(business.post(&path, &json!({})).await.status, StatusCode::OK);
    business.settle().await;
    assert_eq!(business.graph.sent().len(), 2);
    let states: Vec<Value> = business
        .messages()
        .await
        .iter()
        .map(|row| row["state"].clone())
        .collect();
    assert_eq!(states, ["sent_again", "sent"]);
}

#[tokio::test]
async fn what_needs_a_thread_is_refused_of_an_automation_for_mentions() {
    let business = Business::open(MENTIONS).await;
    for step in [
        "send: { text: hi }",
        "ask: { text: a, keep_as: b }",
        "typing: 1s",
        "react: love",
        "hand_over: {}",
    ] {
        let text = format!(
            "automations:\n  - name: m\n    when: {{ mention: {{ everything: true }} }}\n    do:\n      - {step}\n"
        );
        let told = business
            .send("POST", "/api/v1/automations/validate", "application/yaml", &text)
            .await
            .text;
        assert!(told.contains("mention_has_no_thread"), "{step}: {told}");
    }
}
