//! The Graph-shaped calls under `/graph`: Meta's paths, bodies, answers and errors; the ledger first.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::business::{Answer, Business};
use crate::graph::{IG_ID, SAM, SELF_IGSID};

const NOTHING: &str = "automations: []\n";

async fn business() -> (Business, String) {
    let mut business = Business::connected(NOTHING).await;
    business.owner_writes("opens the self thread").await;
    let key = business.engine_key().await;
    (business, key)
}

fn refused(answer: &Answer) -> (u16, i64, i64) {
    assert!(!answer.header("x-selfsame-why").is_empty(), "no why: {}", answer.text);
    let error = answer.json()["error"].clone();
    (
        answer.status.as_u16(),
        error["code"].as_i64().unwrap(),
        error["error_subcode"].as_i64().unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_documented_self_form_answers_an_id_and_goes_on_as_it_was_written() {
    let (business, key) = business().await;
    let answer = business
        .engine_calls(
            &format!("/graph/v25.0/{SELF_IGSID}/messages"),
            &key,
            &json!({"message": {"text": "hi"}}),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.text, r#"{"id":"mid-1"}"#);
    assert_eq!(answer.header("instagram-api-version"), "v25.0");
    let sent = business.graph.sent();
    assert_eq!(
        sent,
        [(format!("/{SELF_IGSID}/messages"), json!({"message": {"text": "hi"}}))]
    );
}

#[tokio::test]
async fn the_standard_form_answers_both_ids_and_keeps_everything_beside_the_message() {
    let (business, key) = business().await;
    let body = json!({"recipient": {"id": SAM}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
        "message": {"text": "hi", "quick_replies": [{"content_type": "text", "title": "A", "payload": "B"}]},
        "reply_to": {"mid": "m"}});
    for node in ["me", IG_ID] {
        let answer = business
            .engine_calls(&format!("/graph/v25.0/{node}/messages"), &key, &body)
            .await;
        let told = answer.json();
        assert_eq!(told["recipient_id"], SAM, "{}", answer.text);
        assert!(
            told["message_id"].as_str().unwrap().starts_with("mid-"),
            "{}",
            answer.text
        );
    }
    assert_eq!(business.graph.sent()[0].1, body);
}

#[tokio::test]
async fn a_kind_of_message_that_we_do_not_know_is_instagrams_to_judge() {
    let (business, key) = business().await;
    let message =
        json!({"attachment": {"type": "template", "payload": {"template_type": "product", "elements": [{"id": "1"}]}}});
    let body = json!({"recipient": {"id": SAM}, "message": message});
    let answer = business.engine_calls("/graph/v25.0/me/messages", &key, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(business.graph.sent()[0].1["message"], message);
}

#[tokio::test]
async fn every_body_encoding_and_place_of_the_key_is_understood() {
    let (business, key) = business().await;
    let recipient = format!("{{\"id\":\"{SAM}\"}}");
    let form = |pairs: &[(&str, &str)]| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    };
    let bodies = [
        form(&[
            ("recipient", &recipient),
            ("message", r#"{"text":"hi"}"#),
            ("access_token", &key),
        ]),
        form(&[("recipient[id]", SAM), ("message[text]", "hi"), ("access_token", &key)]),
    ];
    for body in bodies {
        let request = Request::post("/graph/v25.0/me/messages")
            .header("host", "graph.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let answer = business.while_sending(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    for (_, body) in business.graph.sent() {
        assert_eq!(body, json!({"recipient": {"id": SAM}, "message": {"text": "hi"}}));
    }
}

#[tokio::test]
async fn instagrams_own_error_comes_back_as_it_was() {
    let (business, key) = business().await;
    let error = json!({"error": {"message": "This message is sent outside of allowed window.", "type": "IGApiException",
        "code": 10, "error_subcode": 2_534_022, "fbtrace_id": "Abc"}});
    business.graph.refuse_next(403, error.clone());
    let body = json!({"recipient": {"id": SAM}, "message": {"text": "late"}});
    let answer = business.engine_calls("/graph/v25.0/me/messages", &key, &body).await;
    assert_eq!(refused(&answer), (403, 10, 2_534_022));
    assert_eq!(answer.json(), error);
}

#[tokio::test]
async fn the_ledger_is_written_before_instagram_is_called() {
    let (business, key) = business().await;
    let body = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}});
    let request = Request::post("/graph/v25.0/me/messages")
        .header("host", "graph.example")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    // Nobody works on the outbox: the call waits, and what it asked for is recorded already.
    let recorded = async {
        loop {
            let rows = business.messages().await;
            if let Some(row) = rows.iter().find(|row| row["text"] == "hi") {
                return row.clone();
            }
        }
    };
    let row = tokio::select! {
        answer = business.request(request) => panic!("answered without a call: {}", answer.text),
        row = recorded => row,
    };
    assert_eq!(row["state"], "ready");
    assert_eq!(business.graph.sent(), []);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_sent_late() {
    let (business, key) = business().await;
    let body = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}});
    let request = || {
        Request::post("/graph/v25.0/me/messages")
            .header("host", "graph.example")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .header("idempotency-key", "once")
            .body(Body::from(body.to_string()))
            .unwrap()
    };
    let late = async {
        while business.messages().await.iter().all(|row| row["text"] != "hi") {}
        business.clocks.process.advance(std::time::Duration::from_secs(11));
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = business.request(request()) => answer,
        () = late => unreachable!("it never ends"),
    };
    assert_eq!(refused(&answer).1, 2, "{}", answer.text);
    business.settle().await;
    assert_eq!(business.graph.sent(), [], "the caller was told to try again");
    let rows = business.messages().await;
    assert!(
        rows.iter().any(|row| row["text"] == "hi" && row["state"] == "failed"),
        "{rows:?}"
    );
    let again = business.while_sending(request()).await;
    assert_eq!(again.status, StatusCode::OK, "with its key too: {}", again.text);
    assert_eq!(business.while_sending(request()).await.text, again.text);
    assert_eq!(business.graph.sent().len(), 1);
}

#[tokio::test]
async fn the_same_idempotency_key_sends_once_and_answers_the_same() {
    let (business, key) = business().await;
    let mut answers = Vec::new();
    for text in ["hi", "hi", "other"] {
        let request = Request::post("/graph/v25.0/me/messages")
            .header("host", "graph.example")
            .header("authorization", format!("Bearer {key}"))
            .header("idempotency-key", "k1")
            .header("content-type", "application/json")
            .body(Body::from(
                json!({"recipient": {"id": SAM}, "message": {"text": text}}).to_string(),
            ))
            .unwrap();
        answers.push(business.while_sending(request).await);
    }
    assert_eq!(answers[0].text, answers[1].text);
    assert_eq!(refused(&answers[2]).1, 100);
    assert_eq!(business.graph.sent().len(), 1);
}

#[tokio::test]
async fn quick_replies_to_oneself_become_buttons() {
    let (business, key) = business().await;
    let body = json!({"message": {"text": "Which?", "quick_replies": [
        {"content_type": "text", "title": "A", "payload": "PA"}, {"content_type": "text", "title": "B", "payload": "PB"}]}});
    let answer = business
        .engine_calls(&format!("/graph/v25.0/{SELF_IGSID}/messages"), &key, &body)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let payload = business.graph.sent()[0].1["message"]["attachment"]["payload"].clone();
    assert_eq!(payload["template_type"], "button");
    assert_eq!(payload["buttons"][1]["payload"], "PB");
}

#[tokio::test]
async fn sender_actions_answer_the_recipient() {
    let (business, key) = business().await;
    let body = json!({"recipient": {"id": SAM}, "sender_action": "typing_on"});
    let answer = business.engine_calls("/graph/v25.0/me/messages", &key, &body).await;
    assert_eq!(answer.text, json!({"recipient_id": SAM}).to_string());
    assert_eq!(business.graph.sent()[0].1["sender_action"], "typing_on");
}

#[tokio::test]
async fn a_public_reply_and_a_comment_answer_their_id_and_come_back_as_ours() {
    let (business, key) = business().await;
    let text = json!({"message": "thank you"});
    for (path, expected) in [
        ("/graph/v25.0/c1/replies", "/c1/replies"),
        ("/graph/v25.0/media1/comments", "/media1/comments"),
    ] {
        let answer = business.engine_calls(path, &key, &text).await;
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(business.graph.sent().last().unwrap().0, expected);
        let before = business.messages().await.len();
        // The author's id is in another id space, and her name is missing: the comment id still tells.
        let echo = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "changes": [{"field": "comments",
            "value": {"id": id, "text": "thank you", "from": {"id": "999"}, "media": {"id": "media1"}}}]}]});
        business.webhook(&echo).await;
        assert_eq!(business.messages().await.len(), before, "nothing was decided about it");
    }
}

#[tokio::test]
async fn a_private_reply_goes_to_a_customers_comment_and_into_the_self_thread_for_the_owners() {
    let (business, key) = business().await;
    let comment = |id: &str, from: Value| {
        json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "changes": [{"field": "comments",
            "value": {"id": id, "text": "price", "from": from, "media": {"id": "media1"}}}]}]})
    };
    business
        .webhook(&comment("theirs", json!({"id": SAM, "username": "sam"})))
        .await;
    let own = json!({"id": IG_ID, "username": "luna.coffee", "self_ig_scoped_id": SELF_IGSID});
    business.webhook(&comment("hers", own)).await;
    let mut told = Vec::new();
    for id in ["theirs", "hers"] {
        let body = json!({"recipient": {"comment_id": id}, "message": {"text": "3.50"}});
        told.push(
            business
                .engine_calls("/graph/v25.0/me/messages", &key, &body)
                .await
                .json(),
        );
    }
    assert_eq!(told[0]["recipient_id"], SAM);
    assert_eq!(told[1]["recipient_id"], SELF_IGSID);
    let sent = business.graph.sent();
    assert_eq!(sent[0].1["recipient"], json!({"comment_id": "theirs"}));
    assert_eq!(sent[1].0, format!("/{SELF_IGSID}/messages"));
}

#[tokio::test]
async fn wrong_calls_are_refused_in_metas_words_and_explained() {
    let (business, key) = business().await;
    let hi = json!({"text": "hi"});
    for (path, token, body, expected) in [
        (
            "/graph/v25.0/me/messages",
            "IGAAnope",
            json!({"message": hi}),
            (400, 190, 0),
        ),
        ("/graph/v25.0/me/messages", "", json!({"message": hi}), (400, 190, 0)),
        ("/graph/v25.0/me/messages", &key, json!({"message": hi}), (400, 100, 0)),
        (
            "/graph/v25.0/me/messages",
            &key,
            json!({"recipient": {"id": IG_ID}, "message": hi}),
            (400, 100, 2_534_014),
        ),
        (
            "/graph/v25.0/me/messages",
            &key,
            json!({"recipient": {"id": SAM}}),
            (400, 100, 0),
        ),
        (
            "/graph/v25.0/16/messages",
            &key,
            json!({"recipient": {"id": SAM}, "message": hi}),
            (400, 100, 33),
        ),
        ("/graph/v25.0/me/subscribed_apps", &key, json!({}), (400, 100, 33)),
        ("/graph/v25.0/c/replies", &key, json!({}), (400, 100, 0)),
    ] {
        let answer = business.engine_calls(path, token, &body).await;
        assert_eq!(refused(&answer), expected, "{path} {body} {}", answer.text);
    }
    let long = json!({"recipient": {"id": SAM}, "message": {"text": "x".repeat(1_001)}});
    let answer = business.engine_calls("/graph/v25.0/me/messages", &key, &long).await;
    assert_eq!(refused(&answer), (400, 100, 2_534_015));
    assert_eq!(business.graph.sent(), [], "nothing reached Instagram");
}

#[tokio::test]
async fn the_admin_token_speaks_for_the_account_of_the_path() {
    let (business, _key) = business().await;
    let body = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}});
    let answer = business
        .engine_calls(&format!("/graph/v25.0/{IG_ID}/messages"), "key", &body)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn a_new_key_ends_the_old_one_and_a_revoked_one_says_nothing() {
    let (business, old) = business().await;
    let new = business.engine_key().await;
    let body = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}});
    assert_eq!(
        refused(&business.engine_calls("/graph/me/messages", &old, &body).await).1,
        190
    );
    assert_eq!(
        business.engine_calls("/graph/me/messages", &new, &body).await.status,
        StatusCode::OK
    );
    let path = format!("/api/v1/accounts/{IG_ID}/forward/key");
    business.send("DELETE", &path, "application/json", "").await;
    assert_eq!(
        refused(&business.engine_calls("/graph/me/messages", &new, &body).await).1,
        190
    );
}

#[tokio::test]
async fn nothing_is_said_in_preview_to_customers_or_while_the_kill_switch_is_on() {
    let (business, key) = business().await;
    let account = format!("/api/v1/accounts/{IG_ID}");
    let preview = json!({"mode": "preview_only"}).to_string();
    business.send("PATCH", &account, "application/json", &preview).await;
    let to_sam = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}});
    let to_self = json!({"recipient": {"id": SELF_IGSID}, "message": {"text": "hi"}});
    assert_eq!(
        refused(&business.engine_calls("/graph/me/messages", &key, &to_sam).await).1,
        10
    );
    assert_eq!(
        business.engine_calls("/graph/me/messages", &key, &to_self).await.status,
        StatusCode::OK
    );
    let killed = json!({"on": true}).to_string();
    let put = business
        .send("PUT", "/api/v1/kill-switch", "application/json", &killed)
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    assert_eq!(
        refused(&business.engine_calls("/graph/me/messages", &key, &to_self).await).1,
        2
    );
    assert_eq!(business.graph.sent().len(), 1);
}
