//! The real platform, and what these tests ask of it.

use std::path::Path;

use selfsame_e2e::binary::{self, Running};
use selfsame_workbench::connection::Endpoint;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// The verify token of the bots.
const VERIFY_TOKEN: &str = "bots";

/// A platform whose gateway, if it has one at all, is somebody else's program, or has one behind it.
pub(super) struct House {
    home: tempfile::TempDir,
    running: Running,
    world: Value,
    /// Where the bot that takes the gateway's place has to listen.
    bot_port: Option<String>,
}

impl House {
    /// A platform that nobody listens to.
    pub(super) async fn start() -> Self {
        Self::started(None, &["platform"]).await
    }

    /// The same with an open self thread, and a thread that `@sam` has begun.
    pub(super) async fn start_with_open_threads() -> Self {
        let mut house = Self::start().await;
        house.open_threads().await;
        house
    }

    /// Opens the self thread, and a thread that `@sam` begins.
    pub(super) async fn open_threads(&mut self) {
        self.cli(&["dm", "hello", "--no-wait"]).await;
        self.cli(&["dm", "hello", "--no-wait", "--as", "@sam", "--to", "@luna.coffee"])
            .await;
        // The thread gave @sam an id.
        self.world = self.cli(&["world"]).await;
    }

    /// A house that delivers to a bot which is still to come, with the webhooks of this login.
    pub(super) async fn start_for_a_bot(flow: &str) -> Self {
        let port = binary::free_port().await.to_string();
        let callback = format!("http://127.0.0.1:{port}/webhook");
        let start = [
            "start",
            "--callback",
            &callback,
            "--verify-token",
            VERIFY_TOKEN,
            "--flow",
            flow,
        ];
        Self::started(Some(port.clone()), &start).await
    }

    /// Both halves, with somebody's own engine to come behind the gateway; `shape: inbound`.
    pub(super) async fn start_for_an_engine() -> Self {
        let port = binary::free_port().await.to_string();
        let house = Self::started(Some(port.clone()), &["start", "--gateway-port", "0"]).await;
        let forward = json!({"url": format!("http://127.0.0.1:{port}/webhook"), "shape": "inbound"});
        let path = "/api/v1/accounts/luna.coffee/forward";
        house.gateway().put(path, &forward).await.expect("the engine is named");
        house
    }

    /// The gateway, over HTTP.
    fn gateway(&self) -> Endpoint {
        binary::endpoint(&self.running.gateway())
    }

    /// A command with what an engine behind the gateway has to know: where Graph is, its token, the secret of its app.
    pub(super) async fn with_engine_settings(&self, mut command: Command) -> Command {
        let path = "/api/v1/accounts/luna.coffee/forward/key";
        let key = self.gateway().post(path, &json!({})).await.expect("a key");
        let graph = format!("{}/graph", self.running.gateway());
        command
            .env("GRAPH_URL", &graph)
            .env("META_GRAPH_URL", &graph)
            .env("ACCESS_TOKEN", text(&key, "access_token"))
            .env("APP_SECRET", self.app("instagram_app_secret"))
            .env("APP_ID", self.app("instagram_app_id"))
            .env("SELF_IGSID", self.luna("self_igsid"));
        if let Some(port) = &self.bot_port {
            command.env("PORT", port);
        }
        command
    }

    /// A bot for customers, which drops echoes, answers its owner's words, her tap and a customer through the gateway:
    /// each once, and nothing of its own.
    pub(super) async fn is_answered_by_a_customer_bot(&self) {
        let said = |answered: &Value| {
            let answers = answered["answers"].as_array().expect("answers").clone();
            answers
                .into_iter()
                .map(|answer| answer["text"].clone())
                .collect::<Vec<_>>()
        };
        let owner = self.cli(&["dm", "menu", "--within", "30s"]).await;
        assert_eq!(said(&owner), ["luna.coffee, you said: menu"], "{owner}");
        let customer = ["dm", "hello", "--as", "@sam", "--to", "@luna.coffee", "--within", "30s"];
        let customer = self.cli(&customer).await;
        assert_eq!(said(&customer), ["sam, you said: hello"], "{customer}");
        let buttons = json!({"attachment": {"type": "template", "payload": {"template_type": "button", "text": "choose",
            "buttons": [{"type": "postback", "title": "Coffee", "payload": "COFFEE"}]}}});
        self.cli(&["send", "--message", &buttons.to_string()]).await;
        let tapped = self.cli(&["tap", "Coffee", "--within", "30s"]).await;
        assert_eq!(said(&tapped), ["luna.coffee, you said: COFFEE"], "{tapped}");
        let texts: Vec<Value> = self
            .messages("@luna.coffee")
            .await
            .iter()
            .filter(|message| message["side"] == "business" && message["text"].is_string())
            .map(|message| message["text"].clone())
            .collect();
        let mut once = texts.clone();
        once.dedup();
        assert_eq!(texts, once, "nothing is said twice");
    }

    async fn started(bot_port: Option<String>, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let ephemeral = ["--ephemeral", "--port", "0"];
        let running = Running::start(home.path(), &[arguments, &ephemeral].concat()).await;
        let mut house = Self {
            home,
            running,
            world: Value::Null,
            bot_port,
        };
        house.world = house.cli(&["world"]).await;
        house
    }

    /// Runs `selfsame arguments…` against this house.
    pub(super) async fn cli(&self, arguments: &[&str]) -> Value {
        let url = self.url();
        binary::json(self.home(), &[arguments, &["--url", &url]].concat()).await
    }

    /// The user's folder.
    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Base URL of the platform.
    pub(super) fn url(&self) -> String {
        self.running.platform()
    }

    /// The line that the program was ready with.
    pub(super) fn ready(&self) -> &Value {
        self.running.ready()
    }

    /// The platform, over HTTP.
    pub(super) fn platform(&self) -> Endpoint {
        binary::endpoint(&self.url())
    }

    /// A text of the demo app.
    pub(super) fn app(&self, name: &str) -> &str {
        text(&self.world["apps"][0], name)
    }

    /// A text of the demo account, such as `self_igsid`.
    pub(super) fn luna(&self, name: &str) -> &str {
        text(self.account("luna.coffee"), name)
    }

    /// The id by which the demo account knows `@sam`.
    pub(super) fn sam(&self) -> &str {
        text(&self.account("sam")["scoped_ids"], "@luna.coffee")
    }

    /// The demo account's token of this kind: `instagram_long`, `facebook_user_long`, `page`.
    pub(super) fn token(&self, kind: &str) -> &str {
        let tokens = self.account("luna.coffee")["tokens"].as_array().expect("tokens");
        let token = tokens.iter().find(|token| token["kind"] == kind);
        text(
            token.unwrap_or_else(|| panic!("no {kind} token: {tokens:?}")),
            "access_token",
        )
    }

    fn account(&self, username: &str) -> &Value {
        let accounts = self.world["accounts"].as_array().expect("accounts");
        let found = accounts.iter().find(|account| account["username"] == username);
        found.unwrap_or_else(|| panic!("no @{username}"))
    }

    /// The messages in the thread of `@luna.coffee` and somebody, oldest first.
    pub(super) async fn messages(&self, with: &str) -> Vec<Value> {
        let path = format!("/_sim/threads?a=@luna.coffee&b={with}");
        let threads = self.platform().get(&path, &[]).await.expect("the thread");
        threads["data"][0]["messages"].as_array().cloned().unwrap_or_default()
    }

    /// The message `mid` as the phone shows it.
    pub(super) async fn shown(&self, with: &str, mid: &Value) -> Value {
        let messages = self.messages(with).await;
        let found = messages.iter().find(|message| message["mid"] == *mid);
        found.unwrap_or_else(|| panic!("no {mid}: {messages:?}")).clone()
    }

    /// Starts a bot with the settings of `selfsame env`, and waits until it has shaken hands.
    pub(super) async fn bot(&self, mut command: Command) -> Child {
        let settings = self.cli(&["env"]).await;
        for (name, value) in settings.as_object().expect("settings") {
            command.env(name, value.as_str().expect("a text"));
        }
        let port = self.bot_port.as_deref().expect("a house for a bot");
        let child = command.env("PORT", port).spawn().expect("the bot starts");
        binary::until_hands_are_shaken(&self.platform()).await;
        child
    }

    /// Runs a program to its end; it must succeed and print one JSON document.
    pub(super) async fn run(&self, command: &mut Command) -> Value {
        let output = command.output().await.expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    }
}

/// A text in an object.
pub(super) fn text<'v>(object: &'v Value, name: &str) -> &'v str {
    object[name].as_str().unwrap_or_else(|| panic!("no {name}: {object}"))
}
