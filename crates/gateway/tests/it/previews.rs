//! Previews: made up and sent for real, their links and their pages.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::business::{Answer, Business};
use crate::graph::IG_ID;

const SHOP: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu, prices] } }
    do:
      - typing: 400ms
      - send:
          text: "Our menu, {{ person.username }}"
          buttons:
            - { title: Coffee, payload: COFFEE }
            - { title: Web site, url: "https://example.com" }
  - name: coffee
    when: { postback: COFFEE }
    do: [ { send: { text: "Flat white 3.50" } } ]
  - name: comment
    when: { comment: { contains: [price] } }
    do:
      - reply: { text: "I sent you a message" }
      - send: { text: "Flat white 3.50" }
"#;

async fn make(business: &Business, body: &Value) -> Value {
    let answer = business.post("/api/v1/previews", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    answer.json()
}

async fn look(business: &Business, preview: &Value) -> Value {
    let path = format!("/api/v1/previews/{}", preview["id"].as_str().unwrap());
    business.get(&path).await.json()
}

async fn turn(business: &Business, preview: &Value, body: &Value) -> Value {
    let path = format!("/api/v1/previews/{}/turns", preview["id"].as_str().unwrap());
    let answer = business.post(&path, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

/// The path of a preview's page.
fn page_of(preview: &Value) -> String {
    let link = preview["link"].as_str().unwrap();
    link.strip_prefix("http://localhost:7354").unwrap().to_owned()
}

fn texts(preview: &Value, side: &str) -> Vec<String> {
    preview["transcript"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["side"] == side && line["kind"] != "typing")
        .map(|line| line["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// As a browser somewhere on the internet asks, behind a proxy, without any key.
async fn as_guest(business: &Business, method: &str, path: &str, form: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "gateway.provider.example")
        .header("x-forwarded-for", "203.0.113.9")
        .header("origin", "https://gateway.provider.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    business.request(request).await
}

#[tokio::test]
async fn a_simulation_goes_on_over_turns_and_restarts_and_sends_nothing() {
    let mut business = Business::connected(SHOP).await;
    let preview = make(
        &business,
        &json!({"account": "@luna.coffee", "automation": "menu", "mode": "simulate"}),
    )
    .await;
    assert_eq!(preview["state"], "simulated");
    assert_eq!(
        texts(&preview, "person"),
        ["menu"],
        "what starts the automation is done by itself"
    );
    assert_eq!(texts(&preview, "business"), ["Our menu, luna.coffee"]);
    let buttons = &preview["transcript"][2]["buttons"];
    assert_eq!(buttons[0], json!({"title": "Coffee", "payload": "COFFEE", "url": null}));
    assert_eq!(preview["trace"][0]["trace"]["rule"]["name"], "menu");
    assert_eq!(preview["trace"][0]["trace"]["lane"], "draft");
    business.restart().await;
    let tapped = turn(
        &business,
        &preview,
        &json!({"trigger": {"postback": {"payload": "COFFEE", "title": "Coffee"}}}),
    )
    .await;
    assert_eq!(texts(&tapped, "business")[1], "Flat white 3.50");
    let commented = turn(
        &business,
        &preview,
        &json!({"trigger": {"comment": {"text": "price?"}}}),
    )
    .await;
    assert_eq!(
        texts(&commented, "business")[2..],
        ["I sent you a message", "Flat white 3.50"]
    );
    let nothing = turn(&business, &preview, &json!({"trigger": {"message": {"text": "hm"}}})).await;
    assert_eq!(nothing["trace"][3]["state"], "no_rule");
    let notes = nothing["trace"][3]["trace"]["notes"].to_string();
    assert!(notes.contains("`menu` (line 3) did not match"), "{notes}");
    assert!(business.graph.texts().is_empty());
    assert_eq!(business.get("/api/v1/messages").await.json()["data"], json!([]));
}

#[tokio::test]
async fn questions_times_and_calls_of_a_simulation_go_on_without_waiting() {
    let automations = r#"
automations:
  - name: book
    when: { message: { any: [book] } }
    do:
      - ask: { text: "How many?", keep_as: guests, answer: number, again: "A number, please" }
      - http: { url: "https://shop.example/stock", keep_as: stock }
      - wait: 2d
      - send: { text: "See you, all {{ guests }}" }
      - ask: { text: "Shall I remind you?", keep_as: remind, timeout: 1d, otherwise: [ { send: { text: "Never mind" } } ] }
"#;
    let business = Business::connected(automations).await;
    let preview = make(
        &business,
        &json!({"account": IG_ID, "automation": "book", "mode": "simulate"}),
    )
    .await;
    let say = |text: &str| json!({"trigger": {"message": {"text": text}}});
    turn(&business, &preview, &say("a few")).await;
    let answered = turn(&business, &preview, &say("4")).await;
    assert_eq!(texts(&answered, "business"), ["How many?", "A number, please"]);
    assert!(answered["waits_until"].is_string());
    let notes = answered["trace"][2]["trace"]["notes"].to_string();
    assert!(notes.contains("a preview calls nobody"), "{notes}");
    let passes = json!({"time_passes": true});
    let later = turn(&business, &preview, &passes).await;
    assert_eq!(
        texts(&later, "business")[2..],
        ["See you, all 4", "Shall I remind you?"]
    );
    let unanswered = turn(&business, &preview, &passes).await;
    assert_eq!(texts(&unanswered, "business")[4..], ["Never mind"]);
    let path = format!("/api/v1/previews/{}/turns", preview["id"].as_str().unwrap());
    let over = business.post(&path, &passes).await;
    assert_eq!(over.status, StatusCode::CONFLICT);
    assert_eq!(over.json()["error"]["code"], "nothing_waits");
    let both = business.post(&path, &json!({})).await;
    assert_eq!(both.json()["error"]["code"], "invalid_body");
}

#[tokio::test]
async fn a_gesture_waits_for_the_first_self_message_and_is_then_answered_once() {
    let mut business = Business::connected(SHOP).await;
    let preview = make(
        &business,
        &json!({"account": IG_ID, "mode": "send", "trigger": {"message": {"text": "menu"}}}),
    )
    .await;
    assert_eq!(preview["state"], "waiting_for_first_self_message");
    assert!(preview["reason"].as_str().unwrap().contains("first message to herself"));
    business.settle().await;
    assert!(business.graph.texts().is_empty());
    business.restart().await;
    business.owner_writes("hi").await;
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(1))
        .unwrap();
    business.settle().await;
    assert_eq!(business.graph.texts(), ["Our menu, luna.coffee"]);
    business.restart().await;
    business.settle().await;
    assert_eq!(business.graph.texts().len(), 1, "once");
    let now = look(&business, &preview).await;
    assert_eq!(now["state"], "done");
    assert_eq!(texts(&now, "person"), ["hi", "menu"]);
    assert_eq!(now["transcript"].as_array().unwrap().last().unwrap()["state"], "sent");
    assert!(now["transcript"].as_array().unwrap().last().unwrap()["mid"].is_string());
    business.owner_taps("Coffee", "COFFEE").await;
    let now = look(&business, &preview).await;
    assert_eq!(
        texts(&now, "business")[1],
        "Flat white 3.50",
        "her own tap goes on with it"
    );
}

#[tokio::test]
async fn a_preview_without_a_gesture_shows_what_the_owner_gets() {
    let mut business = Business::connected_for_real(SHOP).await;
    let preview = make(
        &business,
        &json!({"account": IG_ID, "mode": "send", "automation": "menu"}),
    )
    .await;
    assert_eq!(preview["state"], "waiting_for_first_self_message");
    business.owner_writes("hi").await;
    let now = look(&business, &preview).await;
    assert_eq!(now["state"], "waiting_for_owner", "the first hi only opens the thread");
    assert_eq!(now["gesture"], json!({"message": {"text": "menu"}}));
    business.restart().await;
    business.owner_writes("the menu please").await;
    let now = look(&business, &preview).await;
    assert_eq!(now["state"], "running", "the typing sign is shown for a while");
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(1))
        .unwrap();
    business.settle().await;
    let now = look(&business, &preview).await;
    assert_eq!(now["state"], "done");
    assert_eq!(texts(&now, "business"), ["Our menu, luna.coffee"]);
    business.sam_writes("menu").await;
    let now = look(&business, &preview).await;
    assert_eq!(texts(&now, "person").len(), 2, "customers are no part of it");
}

#[tokio::test]
async fn automations_that_a_preview_brings_answer_the_owner_while_it_is_open() {
    let mut business = Business::connected(SHOP).await;
    let file = "automations:\n  - name: new\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: brand new } } ]\n";
    let preview = make(&business, &json!({"account": IG_ID, "mode": "send", "file": file})).await;
    business.owner_writes("menu").await;
    business.restart().await;
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["brand new", "brand new"]);
    let path = format!("/api/v1/previews/{}/end", preview["id"].as_str().unwrap());
    business.post(&path, &json!({})).await;
    business.owner_writes("menu").await;
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_secs(1))
        .unwrap();
    business.settle().await;
    assert_eq!(business.graph.texts()[2..], ["Our menu, luna.coffee"]);
}

#[tokio::test]
async fn a_public_reply_of_the_draft_is_shown_and_on_a_real_account_posted_only_when_asked() {
    let posted = |business: &Business| {
        let replies = business.graph.texts();
        replies.iter().filter(|text| *text == "I sent you a message").count()
    };
    let mut real = Business::connected_for_real(SHOP).await;
    let preview = make(&real, &json!({"account": IG_ID, "mode": "send"})).await;
    real.owner_writes("hi").await;
    real.owner_comments("what is the price?").await;
    assert_eq!(posted(&real), 0);
    assert_eq!(real.graph.texts(), ["Flat white 3.50"], "the message is sent");
    let trace = look(&real, &preview).await["trace"].to_string();
    assert!(
        trace.contains("would answer publicly “I sent you a message”"),
        "{trace}"
    );
    make(&real, &json!({"account": IG_ID, "mode": "send", "post_replies": true})).await;
    real.owner_comments("and the price now?").await;
    assert_eq!(posted(&real), 1);
    let mut local = Business::connected(SHOP).await;
    local.owner_writes("hi").await;
    local.owner_comments("what is the price?").await;
    assert_eq!(posted(&local), 1, "on the platform it is posted");
    make(
        &local,
        &json!({"account": IG_ID, "mode": "send", "trigger": {"comment": {"text": "price"}}}),
    )
    .await;
    local.settle().await;
    assert_eq!(posted(&local), 1, "a made-up comment has no place to answer at");
    assert_eq!(
        local
            .graph
            .texts()
            .iter()
            .filter(|text| *text == "Flat white 3.50")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_gesture_is_not_made_while_the_kill_switch_is_on() {
    let mut business = Business::connected(SHOP).await;
    business.owner_writes("hi").await;
    let switch = |on: bool| json!({"on": on}).to_string();
    business
        .send("PUT", "/api/v1/kill-switch", "application/json", &switch(true))
        .await;
    let body = json!({"account": IG_ID, "mode": "send", "trigger": {"postback": {"payload": "COFFEE"}}});
    let preview = make(&business, &body).await;
    business.settle().await;
    assert_eq!(preview["state"], "running");
    assert!(preview["reason"].as_str().unwrap().contains("kill switch"));
    business
        .send("PUT", "/api/v1/kill-switch", "application/json", &switch(false))
        .await;
    business.settle().await;
    assert_eq!(business.graph.texts(), ["Flat white 3.50"]);
}

#[tokio::test]
async fn what_cannot_be_previewed_is_refused_in_the_words_of_the_api() {
    let business = Business::connected(SHOP).await;
    for (body, status, code) in [
        (json!({"account": "@nobody", "mode": "send"}), 404, "unknown_account"),
        (json!({"account": IG_ID, "mode": "sent"}), 400, "invalid_body"),
        (
            json!({"account": IG_ID, "mode": "send", "automation": "tea"}),
            404,
            "unknown_automation",
        ),
        (
            json!({"account": IG_ID, "mode": "send", "file": "automations: 3"}),
            422,
            "automations_invalid",
        ),
        (
            json!({"account": IG_ID, "mode": "send", "trigger": {"message": {"text": " "}}}),
            400,
            "invalid_value",
        ),
        (
            json!({"account": IG_ID, "mode": "send", "trigger": {"telegram": {}}}),
            400,
            "invalid_body",
        ),
        (
            json!({"account": IG_ID, "mode": "send", "expires_in_s": 0}),
            400,
            "invalid_value",
        ),
    ] {
        let answer = business.post("/api/v1/previews", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body} {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], code, "{body}");
    }
    assert_eq!(business.get("/api/v1/previews").await.json()["data"], json!([]));
    assert_eq!(
        business.get("/api/v1/previews/none").await.json()["error"]["code"],
        "unknown_preview"
    );
    let preview = make(&business, &json!({"account": IG_ID, "mode": "send"})).await;
    let path = format!("/api/v1/previews/{}/turns", preview["id"].as_str().unwrap());
    let turn = business.post(&path, &json!({"time_passes": true})).await;
    assert_eq!(turn.json()["error"]["code"], "not_simulated");
    let path = format!("/api/v1/accounts/{IG_ID}");
    business
        .send("PATCH", &path, "application/json", r#"{"self_mode":"off"}"#)
        .await;
    let off = business
        .post("/api/v1/previews", &json!({"account": IG_ID, "mode": "send"}))
        .await;
    assert_eq!(off.json()["error"]["code"], "self_mode_off");
}

#[tokio::test]
async fn a_link_opens_its_page_for_whoever_has_it_and_for_nobody_else() {
    let business = Business::connected(SHOP).await;
    let preview = make(
        &business,
        &json!({"account": IG_ID, "mode": "simulate", "expires_in_s": 60}),
    )
    .await;
    let path = page_of(&preview);
    let page = as_guest(&business, "GET", &path, "").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Meet your automation"));
    assert!(!page.text.contains("/studio"), "a guest is led nowhere else");
    let sheet = page.text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    let sheet = sheet.split('"').next().unwrap();
    assert_eq!(as_guest(&business, "GET", sheet, "").await.status, StatusCode::OK);
    assert_eq!(
        as_guest(&business, "GET", "/studio", "").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        as_guest(&business, "GET", &format!("{path}x"), "").await.status,
        StatusCode::NOT_FOUND
    );
    business.clocks.process.advance(std::time::Duration::from_secs(61));
    assert_eq!(as_guest(&business, "GET", &path, "").await.status, StatusCode::GONE);
    assert_eq!(
        as_guest(&business, "POST", &format!("{path}/send"), "text=menu")
            .await
            .status,
        StatusCode::GONE
    );
    let preview = make(&business, &json!({"account": IG_ID, "mode": "simulate"})).await;
    let path = page_of(&preview);
    assert_eq!(
        as_guest(&business, "POST", &format!("{path}/end"), "").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        as_guest(&business, "GET", &path, "").await.status,
        StatusCode::GONE,
        "revoked"
    );
}

#[tokio::test]
async fn only_origins_that_were_named_may_show_the_page_in_a_frame() {
    let business = Business::connected(SHOP).await;
    let preview = make(&business, &json!({"account": IG_ID, "mode": "simulate"})).await;
    let page = as_guest(&business, "GET", &page_of(&preview), "").await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'self' https://provider.example;"),
        "{policy}"
    );
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    assert_eq!(page.header("x-frame-options"), "");
    let studio = business.get("/studio").await;
    assert!(
        studio
            .header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    assert_eq!(studio.header("x-frame-options"), "DENY");
}

#[tokio::test]
async fn the_page_of_a_simulation_is_used_by_forms_alone() {
    let business = Business::connected(SHOP).await;
    let preview = make(&business, &json!({"account": IG_ID, "mode": "simulate"})).await;
    let path = page_of(&preview);
    let sent = as_guest(&business, "POST", &format!("{path}/send"), "text=menu+%3Cb%3E").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = as_guest(&business, "GET", &path, "").await;
    assert!(page.text.contains("menu &lt;b&gt;") && !page.text.contains("menu <b>"));
    assert!(
        page.text.contains("was answered by <strong>menu</strong>"),
        "{}",
        page.text
    );
    let tapped = as_guest(&business, "POST", &format!("{path}/tap"), "mid=t0-1&button=0").await;
    assert_eq!(tapped.status, StatusCode::SEE_OTHER, "{}", tapped.text);
    let now = look(&business, &preview).await;
    assert_eq!(texts(&now, "business"), ["Our menu, luna.coffee", "Flat white 3.50"]);
    let missed = as_guest(&business, "POST", &format!("{path}/tap"), "mid=t0-1&button=7").await;
    assert_eq!(missed.status, StatusCode::BAD_REQUEST);
    as_guest(&business, "POST", &format!("{path}/restart"), "").await;
    assert_eq!(look(&business, &preview).await["transcript"], json!([]));
}

#[tokio::test]
async fn a_page_publishes_only_if_it_was_allowed_to() {
    let mut business = Business::connected(SHOP).await;
    business.write_draft(&SHOP.replace("Flat white 3.50", "Flat white 4.00"));
    let plain = make(&business, &json!({"account": IG_ID, "mode": "send"})).await;
    let refused = as_guest(&business, "POST", &format!("{}/publish", page_of(&plain)), "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let allowed = make(
        &business,
        &json!({"account": IG_ID, "mode": "send", "allow_publish": true}),
    )
    .await;
    let path = page_of(&allowed);
    assert!(
        as_guest(&business, "GET", &path, "")
            .await
            .text
            .contains(">Publish</button>")
    );
    let published = as_guest(&business, "POST", &format!("{path}/publish"), "").await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.text);
    business.sam_writes("menu").await;
    let history = business.get("/api/v1/automations/history").await.json();
    assert_eq!(history["data"][0]["published_by"], "preview");
    assert_eq!(
        look(&business, &allowed).await["published_id"],
        history["data"][0]["id"]
    );
    let page = as_guest(&business, "GET", &path, "").await.text;
    assert!(page.contains("From now on your customers get these answers."), "{page}");
    assert!(!page.contains(">Publish</button>"));
}

#[tokio::test]
async fn what_a_preview_brought_becomes_the_accounts_own_when_it_is_published() {
    let mut business = Business::connected(SHOP).await;
    let file = "automations:\n  - name: new\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: brand new } } ]\n";
    let body = json!({"account": IG_ID, "mode": "simulate", "file": file, "allow_publish": true});
    let preview = make(&business, &body).await;
    business.restart().await;
    let published = as_guest(&business, "POST", &format!("{}/publish", page_of(&preview)), "").await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.text);
    business.sam_writes("menu").await;
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts(), ["brand new", "brand new"]);
    let all = business.get("/api/v1/automations").await.json();
    assert!(
        !all["published"]["text"].as_str().unwrap().contains("brand new"),
        "others keep theirs"
    );
}
