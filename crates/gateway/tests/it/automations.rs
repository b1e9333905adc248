//! Automations through the whole gateway: both lanes, waiting runs, people who take over.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::json;

use crate::business::Business;
use crate::graph::{IG_ID, SAM, SELF_IGSID};

/// One automation that answers "menu" with this.
fn menu(answer: &str) -> String {
    format!(
        "automations:\n  - name: menu\n    when: {{ message: {{ any: [menu] }} }}\n    do: [ {{ send: {{ text: \"{answer}\" }} }} ]\n"
    )
}

const BOOKING: &str = r#"
automations:
  - name: book
    when: { message: { any: [book] } }
    do:
      - ask: { text: "How many?", keep_as: guests, answer: number, again: "A number, please" }
      - send: { text: "A table for {{ guests }}" }
      - wait: 2d
      - send: { text: "See you, all {{ guests }}" }
"#;

#[tokio::test]
async fn the_owner_tries_the_draft_while_customers_get_what_is_published() {
    let mut business = Business::connected(&menu("old")).await;
    business.write_draft(&menu("new"));
    business.owner_writes("menu").await;
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts(), ["new", "old"]);
    let lanes = business.get("/api/v1/automations").await.json();
    assert_eq!(lanes["differs"], true);
    assert_eq!(
        business.post("/api/v1/automations/publish", &json!({})).await.status,
        StatusCode::OK
    );
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts(), ["new", "old", "new"]);
    let history = business.get("/api/v1/automations/history").await.json();
    assert_eq!(history["data"][0]["published_by"], "api");
    assert_eq!(history["data"][1]["published_by"], "first_start");
    let first = history["data"][1]["id"].clone();
    let rolled = business
        .post("/api/v1/automations/roll-back", &json!({"id": first}))
        .await;
    assert_eq!(rolled.status, StatusCode::OK, "{}", rolled.text);
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts().last().unwrap(), "old");
}

#[tokio::test]
async fn the_history_of_what_was_published_is_told_page_by_page() {
    let business = Business::connected(&menu("0")).await;
    for version in 1..4 {
        business.write_draft(&menu(&version.to_string()));
        business.post("/api/v1/automations/publish", &json!({})).await;
    }
    let mut told = Vec::new();
    let mut after = String::new();
    loop {
        let page = business
            .get(&format!("/api/v1/automations/history?limit=3{after}"))
            .await
            .json();
        for version in page["data"].as_array().unwrap() {
            let text = version["text"].as_str().unwrap();
            let number = (0..4).find(|number| text == menu(&number.to_string())).unwrap();
            told.push((number, version["is_live"].as_bool().unwrap()));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(told, [(3, true), (2, false), (1, false), (0, false)]);
    let wrong = business.get("/api/v1/automations/history?after=x").await;
    assert_eq!(wrong.json()["error"]["code"], "invalid_query");
}

#[tokio::test]
async fn a_broken_draft_is_shown_and_the_one_before_it_keeps_running() {
    let mut business = Business::connected(&menu("old")).await;
    business.write_draft("automations:\n  - nam: menu\n");
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["old"]);
    let draft = &business.get("/api/v1/automations").await.json()["draft"];
    assert_eq!(draft["is_current"], false);
    assert_eq!(draft["problems"][0]["line"], 2);
    assert_eq!(draft["problems"][0]["column"], 5);
    let refused = business.post("/api/v1/automations/publish", &json!({})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["error"]["problems"][0]["code"], "unknown_key");
    let page = business.get("/studio").await;
    assert!(page.text.contains("Line 2, column 5"), "{}", page.text);
}

#[tokio::test]
async fn what_is_published_survives_a_restart_and_is_not_published_again() {
    let mut business = Business::connected(&menu("old")).await;
    std::fs::write(business.folder.path().join("automations.yaml"), menu("new")).unwrap();
    business.restart().await;
    business.sam_writes("menu").await;
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["old", "new"]);
}

#[tokio::test]
async fn an_account_can_have_automations_of_its_own() {
    let mut business = Business::connected(&menu("for all")).await;
    let path = format!("/api/v1/accounts/{IG_ID}/automations");
    let draft = business
        .send("PUT", &format!("{path}/draft"), "application/yaml", &menu("its own"))
        .await;
    assert_eq!(draft.status, StatusCode::OK, "{}", draft.text);
    business.owner_writes("menu").await;
    business.sam_writes("menu").await;
    business.post(&format!("{path}/publish"), &json!({})).await;
    business.restart().await;
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts(), ["its own", "for all", "its own"]);
    let broken = business
        .send("PUT", &format!("{path}/draft"), "application/yaml", "automations: 3")
        .await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_conversation_goes_on_over_restarts_and_days() {
    let mut business = Business::connected(BOOKING).await;
    business.sam_writes("I want to book").await;
    business.restart().await;
    business.sam_writes("a few").await;
    business.restart().await;
    business.sam_writes("4").await;
    assert_eq!(
        business.graph.texts(),
        ["How many?", "A number, please", "A table for 4"]
    );
    business.restart().await;
    // An edit of the file does not change a conversation that has begun.
    business.write_draft(&menu("x"));
    business.post("/api/v1/automations/publish", &json!({})).await;
    business.clocks.world.advance(SignedDuration::from_hours(47)).unwrap();
    business.settle().await;
    assert_eq!(business.graph.texts().len(), 3, "not yet");
    business.clocks.world.advance(SignedDuration::from_hours(2)).unwrap();
    business.restart().await;
    business.settle().await;
    business.settle().await;
    assert_eq!(business.graph.texts()[3..], ["See you, all 4"]);
}

#[tokio::test]
async fn a_wait_of_days_lasts_no_longer_when_world_time_is_set_back() {
    let mut business = Business::connected(
        "automations:\n  - name: later\n    when: { message: { any: [later] } }\n    do: [ { wait: 2d }, { send: { text: \"Here I am\" } } ]\n",
    )
    .await;
    business.sam_writes("later").await;
    let world = business.clocks.world.clone();
    world.freeze(world.now() - SignedDuration::from_hours(1000)).unwrap();
    world.advance(SignedDuration::from_hours(47)).unwrap();
    business.settle().await;
    assert!(business.graph.texts().is_empty(), "not yet");
    world.advance(SignedDuration::from_hours(2)).unwrap();
    business.settle().await;
    business.settle().await;
    assert_eq!(business.graph.texts(), ["Here I am"]);
}

#[tokio::test]
async fn a_conversation_that_fails_is_over_and_the_next_message_is_a_new_one() {
    let mut business = Business::connected("automations:\n  - name: half\n    when: { message: { exact: half } }\n    do:\n      - ask: { text: \"Of what?\", keep_as: whole }\n      - send: { text: \"{{ whole / 2 }}\" }\n  - name: menu\n    when: { message: { exact: menu } }\n    do: [ { send: { text: \"the menu\" } } ]\n").await;
    business.sam_writes("half").await;
    business.sam_writes("a cake").await;
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts(), ["Of what?", "the menu"]);
    let failed = business.get("/api/v1/messages?state=failed").await.json();
    assert_eq!(failed["data"][0]["cause_text"], "a cake", "{failed}");
}

#[tokio::test]
async fn two_people_are_asked_apart() {
    let mut business = Business::connected(BOOKING).await;
    business.sam_writes("book").await;
    business.owner_writes("book").await;
    business.owner_writes("2").await;
    business.sam_writes("7").await;
    assert_eq!(business.graph.texts()[2..], ["A table for 2", "A table for 7"]);
}

#[tokio::test]
async fn a_customers_thread_is_left_to_the_business_once_it_writes_there_itself() {
    let mut business = Business::connected(&menu("the menu")).await;
    business.business_writes("Hello Sam, how can I help?").await;
    business.sam_writes("menu").await;
    assert!(business.graph.texts().is_empty());
    let rows = business.get("/api/v1/messages").await.json();
    assert_eq!(rows["data"][0]["state"], "no_rule");
    assert_eq!(rows["data"][0]["reason"], "the business wrote in this thread itself");
    let cause = rows["data"][0]["cause_mid"].as_str().unwrap();
    let caused = business
        .get(&format!("/api/v1/messages?account={IG_ID}&cause_mid={cause}"))
        .await
        .json();
    assert_eq!(caused["data"], rows["data"], "found by what caused it");
    let nothing = business
        .get(&format!("/api/v1/messages?account={IG_ID}&cause_mid=other"))
        .await
        .json();
    assert_eq!(nothing["data"], json!([]));
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["the menu"], "never in the self thread");
    business.clocks.world.advance(SignedDuration::from_hours(25)).unwrap();
    business.sam_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 2);
}

#[tokio::test]
async fn a_hand_over_stops_the_automations_in_that_thread() {
    let mut business = Business::connected("automations:\n  - name: human\n    when: { message: { any: [human] } }\n    do: [ { send: { text: \"One moment\" } }, { hand_over: { note: \"asks for {{ message.text }}\" } } ]\n").await;
    business.sam_writes("a human please").await;
    business.sam_writes("human?").await;
    assert_eq!(business.graph.texts(), ["One moment"]);
    let rows = business.get("/api/v1/messages?state=no_rule").await.json();
    assert!(
        rows["data"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("asks for a human please"),
        "{rows}"
    );
    let paused = business.get("/api/v1/paused-threads").await.json();
    assert_eq!(paused["data"][0]["person"], SAM);
    let thread = json!({"account": IG_ID, "person": SAM}).to_string();
    let back = business
        .send("DELETE", "/api/v1/paused-threads", "application/json", &thread)
        .await;
    assert_eq!(back.status, StatusCode::NO_CONTENT, "{}", back.text);
    business.sam_writes("human").await;
    assert_eq!(business.graph.texts(), ["One moment", "One moment"]);
    let own = json!({"account": IG_ID, "person": SELF_IGSID}).to_string();
    business.owner_writes("hi").await;
    let refused = business
        .send("PUT", "/api/v1/paused-threads", "application/json", &own)
        .await;
    assert_eq!(refused.json()["error"]["code"], "self_thread");
}

#[tokio::test]
async fn an_account_in_preview_answers_its_owner_only() {
    let mut business = Business::connected(&menu("the menu")).await;
    let path = format!("/api/v1/accounts/{IG_ID}");
    business
        .send("PATCH", &path, "application/json", r#"{"mode":"preview_only"}"#)
        .await;
    business.sam_writes("menu").await;
    assert!(business.graph.texts().is_empty());
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    business
        .send("PATCH", &path, "application/json", r#"{"self_mode":"off"}"#)
        .await;
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 1);
}

#[tokio::test]
async fn the_kill_switch_parks_and_a_release_answers() {
    let mut business = Business::connected(&menu("the menu")).await;
    business
        .send("PUT", "/api/v1/kill-switch", "application/json", r#"{"on":true}"#)
        .await;
    business.owner_writes("menu").await;
    assert!(business.graph.texts().is_empty());
    let rows = business.get("/api/v1/messages?state=parked").await.json();
    let id = rows["data"][0]["id"].as_str().unwrap().to_owned();
    business
        .send("PUT", "/api/v1/kill-switch", "application/json", r#"{"on":false}"#)
        .await;
    let released = business
        .post(&format!("/api/v1/messages/{id}/release"), &json!({}))
        .await;
    assert_eq!(released.status, StatusCode::OK, "{}", released.text);
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the menu"]);
    let again = business
        .post(&format!("/api/v1/messages/{id}/release"), &json!({}))
        .await;
    assert_eq!(again.json()["error"]["code"], "not_releasable");
    let detail = business.get(&format!("/api/v1/messages/{id}")).await.json();
    assert_eq!(detail["trace"]["rule"]["name"], "menu");
    assert_eq!(detail["rows"][0]["state"], "sent");
}

#[tokio::test]
async fn what_can_be_no_address_and_no_state_is_refused_at_once() {
    let mut business = Business::connected(&menu("the menu")).await;
    business.owner_writes("hi").await;
    for to in ["", "../x", "me", IG_ID] {
        let body = json!({"account": "@luna.coffee", "to": to, "text": "hello"});
        let answer = business.post("/api/v1/messages", &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{to}: {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "not_a_scoped_id");
    }
    for state in [
        "answered",
        "no_rule",
        "parked",
        "ours",
        "in_doubt",
        "sent_again",
        "ready",
        "leased",
        "calling",
        "dead",
    ] {
        let answer = business.get(&format!("/api/v1/messages?state={state}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    let answer = business.get("/api/v1/messages?state=snet").await;
    assert_eq!(answer.json()["error"]["code"], "invalid_query", "{}", answer.text);
}

#[tokio::test]
async fn a_draft_that_is_too_large_is_refused_in_the_callers_own_terms_and_changes_nothing() {
    let business = Business::connected(&menu("the menu")).await;
    let before = business.get("/api/v1/automations").await.json();
    let large = "#".repeat(2_100_000);
    let draft = format!("/api/v1/accounts/{IG_ID}/automations/draft");
    for (method, path) in [("PUT", draft.as_str()), ("POST", "/api/v1/automations/validate")] {
        let answer = business.send(method, path, "application/yaml", &large).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(answer.json()["error"]["code"], "unreadable_body", "{}", answer.text);
    }
    for path in ["/studio/draft", "/studio/lint"] {
        let page = business.submit(path, &format!("text={}", "x".repeat(2_100_000))).await;
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(page.text.contains("at most 2 MB"), "{}", page.text);
    }
    assert_eq!(business.get("/api/v1/automations").await.json(), before);
}

#[tokio::test]
async fn a_message_asked_for_through_the_api_is_sent_once_for_each_key() {
    let mut business = Business::connected(&menu("the menu")).await;
    let to_self = json!({"account": "@luna.coffee", "text": "hello me", "quick_replies": [{"title": "Yes"}]});
    let closed = business.post("/api/v1/messages", &to_self).await;
    assert_eq!(closed.json()["error"]["code"], "self_thread_closed");
    business.owner_writes("hi").await;
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["self_igsid"], SELF_IGSID);
    let sent = business.post("/api/v1/messages", &to_self).await;
    assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
    assert!(
        sent.json()["notes"][0]
            .as_str()
            .unwrap()
            .contains("your customers see chips here")
    );
    let with_key = |text: &str| {
        Request::post("/api/v1/messages")
            .header("host", "localhost:7354")
            .header("content-type", "application/json")
            .header("idempotency-key", "k1")
            .body(Body::from(json!({"account": IG_ID, "text": text}).to_string()))
            .unwrap()
    };
    assert_eq!(business.request(with_key("once")).await.json()["repeated"], false);
    assert_eq!(business.request(with_key("once")).await.json()["repeated"], true);
    assert_eq!(
        business.request(with_key("other")).await.json()["error"]["code"],
        "idempotency_key_reused"
    );
    business.settle().await;
    assert_eq!(business.graph.texts(), ["hello me", "once"]);
    let wrong = json!({"account": IG_ID, "to": IG_ID, "text": "x"});
    assert_eq!(
        business.post("/api/v1/messages", &wrong).await.json()["error"]["code"],
        "not_a_scoped_id"
    );
}

#[tokio::test]
async fn what_people_write_is_shown_as_text() {
    let mut business = Business::connected(&menu("ok")).await;
    business.owner_writes("<script>alert(1)</script> menu").await;
    let page = business.get("/studio").await;
    assert!(page.text.contains("&lt;script&gt;alert(1)"), "{}", page.text);
    assert!(!page.text.contains("<script>alert"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let detail = business.get("/studio/messages/e1").await;
    assert_eq!(detail.status, StatusCode::OK);
    assert!(!detail.text.contains("<script>alert"));
    assert!(
        detail.text.contains("`menu` is for message: any of menu"),
        "{}",
        detail.text
    );
}

#[tokio::test]
async fn an_error_is_in_the_words_of_the_api() {
    let business = Business::open(&menu("x")).await;
    for (answer, status, code) in [
        (business.get("/api/v1/nothing").await, 404, "unknown_path"),
        (business.get("/api/v1/messages?limit=many").await, 400, "invalid_query"),
        (business.get("/api/v1/messages?after=x").await, 400, "invalid_query"),
        (business.get("/api/v1/messages?cause_mid=m").await, 400, "invalid_query"),
        (
            business.get("/api/v1/messages?account=@nobody").await,
            404,
            "unknown_account",
        ),
        (business.get("/api/v1/messages/e99").await, 404, "unknown_message"),
        (
            business.send("POST", "/api/v1/accounts", "application/json", "{").await,
            400,
            "invalid_json",
        ),
        (
            business
                .send("POST", "/api/v1/accounts", "application/json", "{}")
                .await,
            400,
            "invalid_body",
        ),
        (
            business.send("DELETE", "/api/v1/status", "text/plain", "").await,
            405,
            "wrong_method",
        ),
    ] {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert_eq!(answer.json()["error"]["code"], code, "{}", answer.text);
    }
    let checked = business
        .send(
            "POST",
            "/api/v1/automations/validate",
            "application/yaml",
            "automations: 3",
        )
        .await
        .json();
    assert_eq!(checked["valid"], false);
    assert_eq!(checked["problems"][0]["column"], 14);
}

/// Answers one request after the other with these bodies, and gives back what was asked.
async fn shop(listener: tokio::net::TcpListener, answers: Vec<&'static str>) -> Vec<String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut asked = Vec::new();
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let mut length = 0;
        while !request[..length].ends_with(b"}") {
            length += stream.read(&mut request[length..]).await.unwrap();
        }
        asked.push(String::from_utf8_lossy(&request[..length]).into_owned());
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    asked
}

#[tokio::test]
async fn another_program_is_asked_again_with_the_same_key_until_it_answers() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let automations = format!(
        "automations:\n  - name: stock\n    when: {{ message: {{ any: [stock] }} }}\n    do:\n      - http: {{ url: \"http://{address}/stock\", json: {{ who: \"{{{{ person.id }}}}\" }}, keep_as: stock }}\n      - send: {{ text: \"{{{{ stock.left }}}} left\" }}\n"
    );
    let mut business = Business::connected(&automations).await;
    let answers = vec![
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"left\": 3}",
    ];
    let (asked, ()) = tokio::join!(shop(listener, answers), async {
        business.sam_writes("stock?").await;
        assert!(business.graph.texts().is_empty(), "the first call failed");
        business.restart().await;
        business.clocks.process.advance(std::time::Duration::from_secs(16));
        while business.graph.texts().is_empty() {
            business.settle().await;
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(business.graph.texts(), ["3 left"]);
    assert!(asked[0].contains(SAM));
    for request in &asked {
        assert!(
            request.to_lowercase().contains("idempotency-key: selfsame-run-1\r\n"),
            "{request}"
        );
    }
}
