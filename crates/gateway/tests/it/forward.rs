//! Somebody's own engine behind the gateway: what is handed to it, in which order, and what becomes of
//! what nobody takes. A real HTTP server stands for the engine.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::routing::post;
use selfsame_gateway::forward::MOST_ATTEMPTS;
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{Unverified, sign};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::business::Business;
use crate::graph::{IG_ID, MARKER, SAM, SELF_IGSID};
use crate::open::{INSTAGRAM_SECRET, META_SECRET, config, deliver, post as post_webhook};

const AUTOMATIONS: &str = r#"
automations:
  - name: all
    when: { message: { everything: true } }
    do: [ { send: { text: "the automation answers" } } ]
"#;

/// An engine that remembers what it was offered.
#[derive(Clone, Default)]
pub(crate) struct Engine(Arc<Mutex<Memory>>);

#[derive(Default)]
struct Memory {
    offers: Vec<(HeaderMap, Bytes)>,
    answers: VecDeque<StatusCode>,
    offered: Arc<Notify>,
}

impl Engine {
    /// Starts it; answers its address.
    pub(crate) async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let take = |State(engine): State<Self>, headers: HeaderMap, body: Bytes| ready(engine.take(headers, body));
        let router = Router::new().route("/hook", post(take)).with_state(self.clone());
        let _server = Shutdown::new().spawn("engine", async move {
            axum::serve(listener, router).await.unwrap();
        });
        format!("http://{address}/hook")
    }

    fn take(&self, headers: HeaderMap, body: Bytes) -> StatusCode {
        let mut memory = self.0.lock().unwrap();
        memory.offers.push((headers, body));
        memory.offered.notify_one();
        memory.answers.pop_front().unwrap_or(StatusCode::OK)
    }

    /// How the next offers are answered; afterwards with 200.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = StatusCode>) {
        self.0.lock().unwrap().answers.extend(answers);
    }

    /// Ends when it was offered something.
    async fn was_offered(&self) {
        let offered = Arc::clone(&self.0.lock().unwrap().offered);
        offered.notified().await;
    }

    fn offers(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().unwrap().offers.clone()
    }

    /// The events that were offered, in order.
    pub(crate) fn events(&self) -> Vec<Value> {
        let entry = |body: &Bytes| -> Value {
            let body: Value = serde_json::from_slice(body).unwrap();
            let entry = &body["entry"][0];
            entry.get("messaging").or(entry.get("changes")).unwrap()[0].clone()
        };
        self.offers().iter().map(|(_, body)| entry(body)).collect()
    }

    fn texts(&self) -> Vec<String> {
        self.events()
            .iter()
            .filter_map(|event| Some(event.pointer("/message/text")?.as_str()?.to_owned()))
            .collect()
    }
}

/// A connected business with this engine behind it.
pub(crate) async fn with_engine(engine: &Engine, shape: &str) -> Business {
    let business = Business::connected(AUTOMATIONS).await;
    set(&business, &json!({"url": engine.start().await, "shape": shape})).await;
    business
}

async fn set(business: &Business, forward: &Value) {
    let path = format!("/api/v1/accounts/{IG_ID}/forward");
    let answer = business
        .send("PUT", &path, "application/json", &forward.to_string())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn an_event_is_handed_over_byte_for_byte_signed_by_both_headers_in_the_draft_lane() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    business.owner_writes("h\u{e9}llo").await;
    let offers = engine.offers();
    let [(headers, body)] = offers.as_slice() else {
        panic!("{} offers", offers.len())
    };
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("x-selfsame-lane"), Some("draft"));
    assert_eq!(header("content-type"), Some("application/json"));
    let secrets = [AppSecret::new(INSTAGRAM_SECRET)];
    for (sha256, sha1) in [(header("x-hub-signature-256"), None), (None, header("x-hub-signature"))] {
        assert!(Unverified::new(body.clone(), sha256, sha1).verify(&secrets).is_ok());
    }
    let message = &engine.events()[0]["message"];
    assert_eq!(message["is_echo"], true);
    assert_eq!(message["is_self"], true);
    assert_eq!(message["text"], "h\u{e9}llo");
    assert_eq!(business.graph.texts(), Vec::<String>::new(), "the automations are off");
    let rows = business.messages().await;
    assert_eq!(rows[0]["state"], "forwarded", "{rows:?}");
    assert!(
        rows[0]["reason"]
            .as_str()
            .unwrap()
            .contains("taken by 127.0.0.1 with 200")
    );
}

#[tokio::test]
async fn an_event_is_signed_with_the_secret_that_instagram_had_signed_it_with() {
    let engine = Engine::default();
    let business = with_engine(&engine, "meta").await;
    let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "timestamp": 1, "message": {"mid": "m", "text": "x"}}]}]})
    .to_string();
    let signature = sign(&AppSecret::new(META_SECRET), body.as_bytes()).sha256;
    assert_eq!(
        post_webhook(&business.gateway, body.as_bytes(), Some(&signature)).await,
        StatusCode::OK
    );
    business.settle().await;
    let (headers, body) = engine.offers()[0].clone();
    let sha256 = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    let verified = Unverified::new(body, Some(&sha256), None).verify(&[AppSecret::new(META_SECRET)]);
    assert!(verified.is_ok());
}

#[tokio::test]
async fn a_customers_event_is_in_the_published_lane_and_so_is_the_business_typing_to_her() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "inbound").await;
    business.sam_writes("hi").await;
    business.business_writes("hello, this is Luna").await;
    let lanes: Vec<_> = engine
        .offers()
        .iter()
        .map(|(headers, _)| headers["x-selfsame-lane"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(lanes, ["published", "published"]);
    let events = engine.events();
    assert_eq!(events[0]["sender"]["id"], SAM);
    assert_eq!(
        events[1]["message"]["is_echo"], true,
        "an ordinary echo stays one in every shape"
    );
}

#[tokio::test]
async fn shape_inbound_presents_a_typed_self_message_and_a_self_tap_as_ordinary_events() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "inbound").await;
    business.owner_writes("menu").await;
    let tap = json!({"object": "instagram", "entry": [{"id": "45202218377435", "messaging": [{
        "sender": {"id": IG_ID}, "recipient": {"id": SELF_IGSID}, "is_self": true,
        "postback": {"title": "Start Chatting", "payload": "GO"}}]}]});
    business.webhook(&tap).await;
    for event in engine.events() {
        assert_eq!(event["sender"]["id"], SELF_IGSID, "{event}");
        assert_eq!(event["recipient"]["id"], IG_ID, "{event}");
        assert!(!event.to_string().contains("is_self"), "{event}");
        assert!(!event.to_string().contains("is_echo"), "{event}");
    }
    assert_eq!(engine.events().len(), 2);
}

#[tokio::test]
async fn what_an_engine_says_through_the_gateway_never_comes_back_to_it() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "inbound").await;
    let key = business.engine_key().await;
    business.owner_writes("menu").await;
    let answer = business
        .engine_calls(
            "/graph/v25.0/me/messages",
            &key,
            &json!({"recipient": {"id": SELF_IGSID}, "message": {"text": "Here is our menu"}}),
        )
        .await;
    let mid = answer.json()["message_id"].as_str().unwrap().to_owned();
    let echo = json!({"mid": mid, "text": "Here is our menu", "is_echo": true, "is_self": true});
    for _ in 0..2 {
        business.deliver(IG_ID, SELF_IGSID, &echo).await;
    }
    assert_eq!(engine.texts(), ["menu"]);
}

#[tokio::test]
async fn a_repeated_delivery_is_handed_over_once() {
    let engine = Engine::default();
    let business = with_engine(&engine, "meta").await;
    for _ in 0..3 {
        business
            .deliver(SAM, IG_ID, &json!({"mid": "same", "text": "once"}))
            .await;
    }
    assert_eq!(engine.texts(), ["once"]);
}

#[tokio::test]
async fn events_that_no_automation_is_for_are_handed_over_too() {
    let engine = Engine::default();
    let business = with_engine(&engine, "meta").await;
    let reaction = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "messaging": [{
        "sender": {"id": SAM}, "recipient": {"id": IG_ID}, "timestamp": 7,
        "reaction": {"mid": "m", "action": "react", "reaction": "love", "emoji": "\u{2764}"}}]}]});
    business.webhook(&reaction).await;
    assert_eq!(engine.events()[0]["reaction"]["action"], "react");
}

#[tokio::test]
async fn a_thread_waits_behind_what_is_not_taken_and_other_threads_do_not() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    engine.answer([StatusCode::INTERNAL_SERVER_ERROR]);
    business.sam_writes("first").await;
    business.sam_writes("second").await;
    business.owner_writes("from somebody else").await;
    assert_eq!(engine.texts(), ["first", "from somebody else"]);
    business.clocks.process.advance(Duration::from_secs(2));
    business.settle().await;
    assert_eq!(engine.texts(), ["first", "from somebody else", "first", "second"]);
    let ids: Vec<_> = engine
        .offers()
        .iter()
        .map(|(headers, _)| headers["x-selfsame-event"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids[0], ids[2], "a repeated offer is recognisable");
}

#[tokio::test]
async fn what_nobody_takes_is_given_up_visibly_and_offered_again_by_request() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    let tries = usize::try_from(MOST_ATTEMPTS).unwrap();
    engine.answer(std::iter::repeat_n(StatusCode::BAD_GATEWAY, tries));
    business.sam_writes("hello").await;
    for _ in 1..tries {
        business.clocks.process.advance(Duration::from_mins(6));
        business.settle().await;
    }
    assert_eq!(engine.texts().len(), tries);
    let row = business.messages().await.remove(0);
    assert_eq!(row["state"], "failed", "{row}");
    assert!(row["reason"].as_str().unwrap().contains("502"), "{row}");
    let id = row["id"].as_str().unwrap();
    let released = business
        .post(&format!("/api/v1/messages/{id}/release"), &json!({}))
        .await;
    assert!(released.status.is_success(), "{}", released.text);
    business.settle().await;
    assert_eq!(engine.texts().len(), tries + 1);
    assert_eq!(business.messages().await[0]["state"], "forwarded");
}

#[tokio::test]
async fn what_was_not_taken_yet_survives_a_restart_in_its_order() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    engine.answer([StatusCode::SERVICE_UNAVAILABLE]);
    business.sam_writes("first").await;
    business.sam_writes("second").await;
    business.restart().await;
    business.clocks.process.advance(Duration::from_secs(2));
    business.settle().await;
    assert_eq!(engine.texts(), ["first", "first", "second"]);
}

#[tokio::test]
async fn without_its_engine_an_event_is_set_aside_and_the_automations_answer_it_by_request() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    engine.answer([StatusCode::SERVICE_UNAVAILABLE]);
    business.sam_writes("hello").await;
    set(&business, &json!({"url": null})).await;
    business.clocks.process.advance(Duration::from_secs(2));
    business.settle().await;
    let row = business.messages().await.remove(0);
    assert_eq!(row["state"], "parked", "{row}");
    let id = row["id"].as_str().unwrap();
    business
        .post(&format!("/api/v1/messages/{id}/release"), &json!({}))
        .await;
    business.settle().await;
    assert_eq!(business.graph.texts(), ["the automation answers"]);
}

#[tokio::test]
async fn an_account_in_preview_hands_over_its_owners_events_only() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    let path = format!("/api/v1/accounts/{IG_ID}");
    let change = json!({"mode": "preview_only"}).to_string();
    business.send("PATCH", &path, "application/json", &change).await;
    business.sam_writes("hello").await;
    business.owner_writes("me").await;
    assert_eq!(engine.texts(), ["me"]);
}

#[tokio::test]
async fn two_answering_apps_stop_at_the_budget_and_the_trace_says_so() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "meta").await;
    let limit = business.gateway.app().config.limits.self_answers_per_minute;
    assert!(limit > 1_000, "the tests have no budget unless they ask for one");
    // The same with the budget that businesses have.
    let mut settings = config(business.folder.path());
    settings.limits.self_answers_per_minute = 3;
    business.reopen(settings).await;
    for number in 0..5 {
        business.owner_writes(&format!("the other app says {number}")).await;
    }
    assert_eq!(engine.texts().len(), 3);
    let rows = business.messages().await;
    let parked: Vec<&Value> = rows.iter().filter(|row| row["state"] == "parked").collect();
    assert_eq!(parked.len(), 2, "{rows:?}");
    let id = parked[0]["id"].as_str().unwrap();
    let told = business.get(&format!("/api/v1/messages/{id}")).await;
    let trace = told.json()["trace"].clone();
    assert_eq!(trace["notes"][0]["code"], "another_app_answers_here", "{}", told.text);
    assert!(
        trace["notes"][0]["text"]
            .as_str()
            .unwrap()
            .contains("another app answers here")
    );
}

#[tokio::test]
async fn what_the_flag_says_counts_for_every_account_unless_the_account_says_otherwise() {
    let engine = Engine::default();
    let mut business = Business::connected(AUTOMATIONS).await;
    let mut settings = config(business.folder.path());
    settings.forward = Some(selfsame_gateway::forward::Target {
        url: engine.start().await,
        shape: selfsame_gateway::forward::Shape::Inbound,
        set_by: selfsame_gateway::forward::SetBy::Gateway,
    });
    business.reopen(settings).await;
    let path = format!("/api/v1/accounts/{IG_ID}/forward");
    let told = business.get(&path).await.json();
    assert_eq!(
        (&told["set_by"], &told["shape"]),
        (&json!("gateway"), &json!("inbound"))
    );
    business.owner_writes("one").await;
    set(&business, &json!({"url": null})).await;
    business.owner_writes("two").await;
    let cleared = business.send("DELETE", &path, "application/json", "").await;
    assert_eq!(cleared.json()["set_by"], "gateway");
    business.owner_writes("three").await;
    assert_eq!(engine.texts(), ["one", "three"]);
    assert_eq!(business.graph.texts(), ["the automation answers"]);
}

#[tokio::test]
async fn a_gateway_that_others_can_reach_hands_nothing_to_private_addresses_that_the_api_names() {
    let mut business = Business::connected(AUTOMATIONS).await;
    let mut settings = config(business.folder.path());
    settings.bind = "0.0.0.0:7354".parse().unwrap();
    business.reopen(settings).await;
    let path = format!("/api/v1/accounts/{IG_ID}/forward");
    for url in [
        "http://127.0.0.1:1/x",
        "http://169.254.169.254/latest",
        "http://[::1]/",
        "file:///etc/passwd",
        "x",
    ] {
        let request = Request::put(&path)
            .header("host", "localhost:7354")
            .header("authorization", "Bearer key")
            .header("content-type", "application/json")
            .body(Body::from(json!({ "url": url }).to_string()))
            .unwrap();
        let answer = business.request(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{url}: {}", answer.text);
        assert_eq!(answer.json()["error"]["code"], "invalid_forward_url");
    }
}

#[tokio::test]
async fn a_webhook_that_nobody_signed_is_handed_to_nobody() {
    let engine = Engine::default();
    let business = with_engine(&engine, "meta").await;
    let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "message": {"mid": "m", "text": "forged"}}]}]})
    .to_string();
    assert_eq!(
        post_webhook(&business.gateway, body.as_bytes(), Some("sha256=00")).await,
        StatusCode::FORBIDDEN
    );
    business.settle().await;
    assert_eq!(engine.texts(), Vec::<String>::new());
    assert_eq!(deliver(&business.gateway, body.as_bytes()).await, StatusCode::OK);
    business.settle().await;
    assert_eq!(engine.texts(), ["forged"]);
}

#[tokio::test]
async fn an_engine_that_hangs_delays_nobody_elses_events() {
    let engine = Engine::default();
    let answering = engine.start().await;
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let business = Business::connected(AUTOMATIONS).await;
    let url = format!("http://{}/hook", hanging.local_addr().unwrap());
    set(&business, &json!({ "url": url })).await;
    let page = json!({"flow": "facebook", "access_token": format!("EAA{MARKER}USER"), "page_id": "9002"});
    business.post("/api/v1/accounts", &page).await;
    let path = "/api/v1/accounts/17841400000000009/forward";
    let forward = json!({ "url": answering }).to_string();
    business.send("PUT", path, "application/json", &forward).await;
    // More threads than there are offers at once, all of them before the other account's.
    let hand_in = async |person: String, account: &str| {
        let body = json!({"object": "instagram", "entry": [{"id": account, "time": 1, "messaging": [
            {"sender": {"id": person}, "recipient": {"id": account}, "timestamp": 1,
             "message": {"mid": person, "text": "hello"}}]}]});
        deliver(&business.gateway, body.to_string().as_bytes()).await;
    };
    for person in 0..200 {
        hand_in(format!("90{person}"), IG_ID).await;
    }
    hand_in(SAM.to_owned(), "17841400000000009").await;
    while business.gateway.split_once().await.unwrap() + business.gateway.inbox_once().await.unwrap() > 0 {}
    tokio::select! {
        () = engine.was_offered() => {}
        offers = business.gateway.forward_once() => panic!("nothing else was offered while one hangs: {offers:?}"),
    }
    assert_eq!(engine.texts(), ["hello"]);
}

#[tokio::test]
async fn a_preview_of_automations_is_answered_by_them_and_not_by_the_engine() {
    let engine = Engine::default();
    let mut business = with_engine(&engine, "inbound").await;
    let file = "automations:\n  - name: new\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: brand new } }, { wait: 1h }, { send: { text: later } } ]\n";
    let make = async |business: &Business, preview: Value| {
        let answer = business.post("/api/v1/previews", &preview).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let id = make(&business, json!({"account": IG_ID, "mode": "send", "file": file})).await;
    business.owner_writes("menu").await;
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_hours(2))
        .unwrap();
    business.settle().await;
    assert_eq!(business.graph.texts(), ["brand new", "later"]);
    business.sam_writes("menu").await;
    assert_eq!(engine.texts(), ["menu"], "customers are no part of a preview");

    business.post(&format!("/api/v1/previews/{id}/end"), &json!({})).await;
    business.owner_writes("after the preview").await;
    assert_eq!(engine.texts(), ["menu", "after the preview"]);

    let name = json!({"account": IG_ID, "mode": "send", "automation": "all"});
    let id = make(&business, name).await;
    business.owner_writes("of the draft").await;
    assert_eq!(business.graph.texts()[2..], ["the automation answers"]);
    business.post(&format!("/api/v1/previews/{id}/end"), &json!({})).await;

    make(&business, json!({"account": IG_ID, "mode": "send"})).await;
    business.owner_writes("of whatever answers").await;
    assert_eq!(engine.texts().last().unwrap(), "of whatever answers");
    let (headers, _) = engine.offers().pop().unwrap();
    assert_eq!(headers["x-selfsame-lane"], "draft");
}

#[tokio::test]
async fn an_offer_that_an_erasure_overtakes_writes_nothing() {
    let engine = Engine::default();
    let business = with_engine(&engine, "meta").await;
    let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "messaging": [
        {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "timestamp": 1, "message": {"mid": "m", "text": "hi"}}]}]});
    deliver(&business.gateway, body.to_string().as_bytes()).await;
    while business.gateway.split_once().await.unwrap() + business.gateway.inbox_once().await.unwrap() > 0 {}
    let erased = business
        .gateway
        .app()
        .database
        .write(selfsame_runtime::db::Durability::Relaxed, |tx| {
            tx.execute("DELETE FROM jobs WHERE queue = 'forward'", [])
                .map_err(selfsame_gateway::store::StoreError::from)
        });
    let offer = async {
        engine.was_offered().await;
        erased.await.unwrap()
    };
    let (offers, n_erased) = tokio::join!(business.gateway.forward_once(), offer);
    assert_eq!((offers.unwrap(), n_erased), (1, 1));
    let rows = business.messages().await;
    assert_eq!(rows[0]["reason"], Value::Null, "{rows:?}");
}
