//! Somebody's own engine behind the gateway, over real sockets: bots as people write them, which know
//! nothing of selfsame but a base URL and an access token.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use selfsame_e2e::House;
use selfsame_runtime::shutdown::Shutdown;
use serde_json::{Value, json};

/// Longer than the gateway lets anybody wait for a send.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_secs(30);
const LUNA: &str = "@luna.coffee";
/// Answers everything its owner says to herself.
const CHATTY: &str = r#"
automations:
  - name: all
    when: { message: { everything: true } }
    do: [ { send: { text: "the automation says hello" } } ]
"#;

/// Which events a bot answers.
#[derive(Clone, Copy)]
enum Habit {
    /// Drops every echo, as most bots do.
    DropsEchoes,
    /// Answers whatever has a text, echo or not: alone it would talk to itself for ever.
    AnswersEverything,
}

/// A bot that says "bot: " and what it was told.
#[derive(Clone)]
struct Bot {
    habit: Habit,
    graph: String,
    token: String,
    lanes: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
}

impl Bot {
    async fn start(habit: Habit, graph: String, token: String) -> (Self, String, Shutdown) {
        let bot = Self {
            habit,
            graph,
            token,
            lanes: Arc::default(),
            http: reqwest::Client::builder().timeout(ANSWER_WITHIN).build().unwrap(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let challenge = |Query(query): Query<Vec<(String, String)>>| {
            let answer = query.into_iter().find(|(name, _)| name == "hub.challenge");
            std::future::ready(answer.unwrap_or_default().1)
        };
        let router = Router::new()
            .route("/hook", post(Self::hook).get(challenge))
            .with_state(bot.clone());
        let shutdown = Shutdown::new();
        let _server = shutdown.spawn("bot", async move { axum::serve(listener, router).await.unwrap() });
        (bot, url, shutdown)
    }

    async fn hook(State(bot): State<Self>, headers: HeaderMap, Json(body): Json<Value>) {
        if let Some(lane) = headers.get("x-selfsame-lane") {
            bot.lanes.lock().unwrap().push(lane.to_str().unwrap().to_owned());
        }
        for event in body["entry"][0]["messaging"].as_array().into_iter().flatten() {
            let message = &event["message"];
            let Some(text) = message["text"].as_str() else { continue };
            let is_echo = message["is_echo"] == true;
            let (answers, to) = match bot.habit {
                Habit::DropsEchoes => (!is_echo, &event["sender"]["id"]),
                Habit::AnswersEverything => (
                    true,
                    if is_echo {
                        &event["recipient"]["id"]
                    } else {
                        &event["sender"]["id"]
                    },
                ),
            };
            if !answers {
                continue;
            }
            let body = json!({"recipient": {"id": to}, "message": {"text": format!("bot: {text}")}});
            let request = bot.http.post(format!("{}/v25.0/me/messages", bot.graph));
            let answer = request.bearer_auth(&bot.token).json(&body).send().await.unwrap();
            let told: Value = answer.json().await.unwrap();
            assert!(told["message_id"].is_string() || told["error"].is_object(), "{told}");
        }
    }
}

/// Puts a bot behind the gateway.
async fn behind(house: &House, habit: Habit, shape: &str) -> (Bot, Shutdown) {
    let key = house.gateway_post("accounts/luna.coffee/forward/key", &json!({})).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let (bot, url, shutdown) = Bot::start(habit, format!("{}/graph", house.gateway_url()), key).await;
    let forward = json!({"url": url, "shape": shape});
    house.gateway_put("accounts/luna.coffee/forward", &forward).await;
    (bot, shutdown)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_drops_echoes_answers_its_owner_unchanged_by_shape_inbound() {
    let house = House::start(CHATTY).await;
    let (bot, _running) = behind(&house, Habit::DropsEchoes, "inbound").await;
    house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, "bot: menu").await;
    house.dm("@sam", LUNA, "hello").await;
    house.answer("@sam", LUNA, "bot: hello").await;
    house.settled().await;
    assert_eq!(house.count(LUNA, "bot: menu").await, 1);
    assert_eq!(house.count(LUNA, "the automation says hello").await, 0);
    assert_eq!(*bot.lanes.lock().unwrap(), ["draft", "published"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_would_talk_to_itself_answers_each_message_once_behind_the_gateway() {
    let house = House::start(CHATTY).await;
    let (_bot, _running) = behind(&house, Habit::AnswersEverything, "meta").await;
    for text in ["one", "two", "three"] {
        house.dm(LUNA, LUNA, text).await;
        house.answer(LUNA, LUNA, &format!("bot: {text}")).await;
    }
    house.settled().await;
    for text in ["one", "two", "three"] {
        assert_eq!(house.count(LUNA, &format!("bot: {text}")).await, 1, "{text}");
        assert_eq!(house.count(LUNA, &format!("bot: bot: {text}")).await, 0, "{text}");
    }
}
