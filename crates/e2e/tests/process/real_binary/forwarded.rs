//! `gateway --forward-to`: the real binary hands events to somebody's own engine, and goes on with it after it was killed in
//! the middle of an offer.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use selfsame_e2e::binary;
use selfsame_runtime::shutdown::Shutdown;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::two_processes::House;

const LUNA: &str = "@luna.coffee";
/// Never runs: an engine stands behind the gateway.
const CHATTY: &str = r#"
automations:
  - name: all
    when: { message: { everything: true } }
    do: [ { send: { text: "the automation says hello" } } ]
"#;

/// An engine that takes everything but its first offer, which it never answers.
#[derive(Clone, Default)]
struct Engine {
    offers: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    offered: Arc<Notify>,
}

impl Engine {
    async fn start(&self) -> (String, Shutdown) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("its address"));
        let router = Router::new().route("/hook", post(Self::take)).with_state(self.clone());
        let shutdown = Shutdown::new();
        let _server = shutdown.spawn("engine", async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        (url, shutdown)
    }

    async fn take(State(engine): State<Self>, headers: HeaderMap, body: Bytes) {
        let n_offers = {
            let mut offers = engine.offers.lock().expect("no panic");
            offers.push((headers, body));
            offers.len()
        };
        engine.offered.notify_one();
        if n_offers == 1 {
            std::future::pending::<()>().await;
        }
    }

    fn offer(&self, number: usize) -> (HeaderMap, Value) {
        let offers = self.offers.lock().expect("no panic");
        let (headers, body) = offers[number].clone();
        (headers, serde_json::from_slice(&body).expect("an envelope"))
    }
}

#[tokio::test]
async fn an_event_whose_offer_was_under_way_when_the_gateway_was_killed_is_offered_again_and_answered_once() {
    let engine = Engine::default();
    let (url, _running) = engine.start().await;
    let house = House::start(CHATTY, &["--forward-to", &url, "--forward-shape", "inbound"]).await;
    let gateway = house.start_gateway().await;
    binary::until_hands_are_shaken(&house.sim).await;
    let api = binary::endpoint(&gateway.gateway());
    house.connect(&api, LUNA).await;
    let key = api
        .post("/api/v1/accounts/luna.coffee/forward/key", &json!({}))
        .await
        .expect("a key")["access_token"]
        .clone();
    house
        .sim_post("dm", &json!({"as": LUNA, "to": LUNA, "text": "menu"}))
        .await;
    engine.offered.notified().await;
    gateway.kill().await;

    let gateway = house.start_gateway().await;
    engine.offered.notified().await;
    let (first, second) = (engine.offer(0), engine.offer(1));
    assert_eq!(first.0["x-selfsame-event"], second.0["x-selfsame-event"]);
    assert_eq!(second.0["x-selfsame-lane"], "draft");
    assert_eq!(first.1, second.1, "the same event");
    let event = &second.1["entry"][0]["messaging"][0];
    assert_eq!(event["message"]["text"], "menu");
    assert_eq!(
        event["message"]["is_echo"],
        Value::Null,
        "inbound: as from a customer: {event}"
    );

    // The engine answers through the gateway that came back, with the key that it had.
    let answer = json!({
        "recipient": {"id": event["sender"]["id"]},
        "message": {"text": "from the engine"},
        "access_token": key,
    });
    let api = binary::endpoint(&gateway.gateway());
    let told = api.post("/graph/v25.0/me/messages", &answer).await.expect("an answer");
    assert!(told["message_id"].is_string(), "{told}");
    binary::until(&api, "/api/v1/status", |status| {
        ["ready", "leased"].iter().all(|state| status["forward"][state] == 0)
            && ["ready", "leased"].iter().all(|state| status["inbox"][state] == 0)
    })
    .await;
    let query = [("a", LUNA.to_owned()), ("b", LUNA.to_owned())];
    let threads = house.sim.get("/_sim/threads", &query).await.expect("the thread");
    let texts: Vec<&Value> = threads["data"][0]["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|message| &message["text"])
        .collect();
    assert_eq!(texts, ["menu", "from the engine"], "and the automation says nothing");
    assert_eq!(engine.offers.lock().expect("no panic").len(), 2);
    gateway.end().await;
}
