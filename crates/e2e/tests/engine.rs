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
    /// Answers whatever has a text, echo or not, that it has not written itself.
    AnswersOthers,
}

/// A bot that says its name and what it was told.
#[derive(Clone)]
struct Bot {
    name: &'static str,
    habit: Habit,
    graph: String,
    token: Arc<Mutex<String>>,
    lanes: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
}

impl Bot {
    async fn start(name: &'static str, habit: Habit, graph: String, token: String) -> (Self, String, Shutdown) {
        let bot = Self {
            name,
            habit,
            graph,
            token: Arc::new(Mutex::new(token)),
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

    /// The token that it answers by from now on.
    fn say_by(&self, token: &str) {
        token.clone_into(&mut self.token.lock().unwrap());
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
                Habit::AnswersEverything | Habit::AnswersOthers => (
                    matches!(bot.habit, Habit::AnswersEverything) || !text.starts_with(bot.name),
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
            let body = json!({"recipient": {"id": to}, "message": {"text": format!("{}: {text}", bot.name)}});
            let request = bot.http.post(format!("{}/v25.0/me/messages", bot.graph));
            let token = bot.token.lock().unwrap().clone();
            let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
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
    let (bot, url, shutdown) = Bot::start("bot", habit, format!("{}/graph", house.gateway_url()), key).await;
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

/// A bot beside the gateway: another app of the same account, which calls Instagram itself.
async fn beside(house: &House) -> (Bot, Shutdown) {
    let graph = house.platform_url().to_owned();
    let (bot, url, shutdown) = Bot::start("other", Habit::AnswersOthers, graph, String::new()).await;
    let app = json!({"name": "beside", "callback_url": url, "verify_token": "beside", "fields": ["messages"]});
    house.sim_post("apps", &app).await;
    let grant = json!({"app": "beside", "account": LUNA, "flow": "instagram", "fields": ["messages"]});
    let granted = house.sim_post("grants", &grant).await;
    bot.say_by(granted["access_token"].as_str().unwrap());
    (bot, shutdown)
}

/// The events that the gateway set aside because another app answers here, and waits for the first.
async fn parked(house: &House) -> Value {
    loop {
        let rows = house.gateway_get("messages?state=parked").await;
        if let Some(row) = rows["data"].as_array().and_then(|rows| rows.first()) {
            let path = format!("messages/{}", row["id"].as_str().unwrap());
            return house.gateway_get(&path).await;
        }
    }
}

/// What both apps did in the self thread: stopped by themselves, within the budget of a minute.
async fn stopped_at_the_budget(house: &House) {
    house.dm(LUNA, LUNA, "hello").await;
    let told = tokio::time::timeout(BUDGET_WITHIN, parked(house)).await.unwrap();
    let note = &told["trace"]["notes"][0];
    assert_eq!(note["code"], "another_app_answers_here", "{told}");
    assert!(
        note["text"].as_str().unwrap().contains("another app answers here"),
        "{told}"
    );
    house.settled().await;
    let thread = house.thread(LUNA, LUNA).await;
    let n_messages = thread["messages"].as_array().unwrap().len();
    house.settled().await;
    let thread = house.thread(LUNA, LUNA).await;
    assert_eq!(
        thread["messages"].as_array().unwrap().len(),
        n_messages,
        "nobody says anything any more"
    );
    // Sixty answers of ours, as many of theirs, and what the owner wrote.
    assert!((60..=125).contains(&n_messages), "{n_messages} messages");
}

/// Longer than sixty answers take on a busy machine, shorter than the minute after which the budget is new.
const BUDGET_WITHIN: std::time::Duration = std::time::Duration::from_secs(55);

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_and_another_app_that_both_answer_stop_at_the_budget_and_the_trace_says_so() {
    let house = House::start(CHATTY).await;
    let (_bot, _running) = beside(&house).await;
    stopped_at_the_budget(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bots_one_of_them_behind_the_gateway_stop_at_the_budget_and_the_trace_says_so() {
    let house = House::start(CHATTY).await;
    let (_behind, _running) = behind(&house, Habit::DropsEchoes, "inbound").await;
    let (_beside, _running_too) = beside(&house).await;
    stopped_at_the_budget(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_that_require_their_secret_let_the_gateway_in_by_both_flows() {
    let house = House::start(CHATTY).await;
    let account = json!({"username": "paged", "kind": "business", "page": true});
    house.sim_post("accounts", &account).await;
    let grant = json!({"app": "demo", "account": "@paged", "flow": "facebook", "fields": ["messages"]});
    house.sim_post("grants", &grant).await;
    let required = json!({"require_appsecret_proof": true});
    house.sim_patch("apps/demo", &required).await;
    // Without the proof Graph answers nobody.
    let token = house.token("luna.coffee", "instagram").await;
    let (status, refused) = house.graph_post("/v25.0/me/messages", &token, &json!({})).await;
    assert_eq!(status, 400);
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("require an appsecret_proof"),
        "{refused}"
    );

    let token = house.token("paged", "facebook").await;
    let import = json!({"flow": "facebook", "access_token": token});
    house.gateway_post("accounts", &import).await;
    for account in [LUNA, "@paged"] {
        house.dm(account, account, "menu").await;
        house.answer(account, account, "the automation says hello").await;
        let health = format!("accounts/{}/health?live=true", account.trim_start_matches('@'));
        let health = house.gateway_get(&health).await;
        assert!(!health.to_string().contains("appsecret_proof"), "{health}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_hangs_holds_back_no_other_conversation() {
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    let house = House::start(&format!(
        r#"
automations:
  - name: hangs
    when: {{ message: {{ exact: hang }} }}
    do: [ {{ http: {{ url: "http://{address}/", timeout: 10s }} }}, {{ send: {{ text: "never" }} }} ]
  - name: waits
    when: {{ message: {{ exact: wait }} }}
    do: [ {{ wait: 1ms }}, {{ send: {{ text: "waited" }} }} ]
"#
    ))
    .await;
    house.dm("@sam", LUNA, "hang").await;
    let (called, _) = hanging.accept().await.unwrap();
    house.dm("@sam", LUNA, "wait").await;
    let answered = house.answer(LUNA, "@sam", "waited");
    // The call ends by its time-out, and then the gateway closes its connection.
    let call_ended = async {
        let mut bytes = [0; 4096];
        loop {
            called.readable().await.unwrap();
            if matches!(called.try_read(&mut bytes), Ok(0)) {
                return;
            }
        }
    };
    tokio::select! {
        _answer = answered => {}
        () = call_ended => panic!("the other conversation waited for the call to end"),
    }
}
