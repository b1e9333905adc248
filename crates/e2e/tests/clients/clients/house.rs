//! The real platform, and what these tests ask of it.

use std::path::Path;

use selfsame_e2e::binary::{self, Running};
use selfsame_workbench::connection::Endpoint;
use serde_json::Value;
use tokio::process::{Child, Command};

/// The verify token of the bots.
const VERIFY_TOKEN: &str = "bots";

/// A platform whose gateway, if it has one at all, is somebody else's program.
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
        house.cli(&["dm", "hello", "--no-wait"]).await;
        house
            .cli(&["dm", "hello", "--no-wait", "--as", "@sam", "--to", "@luna.coffee"])
            .await;
        // The thread gave @sam an id.
        house.world = house.cli(&["world"]).await;
        house
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
