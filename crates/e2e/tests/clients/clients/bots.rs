//! A bot in place of the gateway, started after the platform, answers what its owner writes to herself.

use std::path::PathBuf;

use selfsame_e2e::binary::{self, Running};
use serde_json::Value;
use tokio::process::{Child, Command};

#[tokio::test]
async fn an_express_bot_that_starts_after_the_platform_answers_a_self_message() {
    let program = binary::root().join(".tools/node");
    let modules = program.join("node_modules");
    assert!(
        modules.is_dir(),
        "{} is missing; run `cargo xtask test`",
        modules.display()
    );
    let script = binary::root().join("crates/e2e/clients/node/express_bot.js");
    answers_a_self_message(|home| {
        let mut node = binary::command("node", home);
        // The script lies with the sources, its packages under .tools.
        node.arg(script.clone()).env("NODE_PATH", &modules);
        node
    })
    .await;
}

#[tokio::test]
async fn a_flask_bot_that_starts_after_the_platform_answers_a_self_message() {
    let script = binary::root().join("crates/e2e/clients/python/flask_bot.py");
    answers_a_self_message(|home| {
        let mut python = binary::command(python(), home);
        python.arg(script.clone());
        python
    })
    .await;
}

/// The interpreter that has the pinned packages.
pub(super) fn python() -> PathBuf {
    let python = binary::root().join(".tools/python/bin/python");
    assert!(
        python.exists(),
        "{} is missing; run `cargo xtask test`",
        python.display()
    );
    python
}

async fn answers_a_self_message(bot: impl Fn(&std::path::Path) -> Command) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let port = binary::free_port().await.to_string();
    let callback = format!("http://127.0.0.1:{port}/webhook");
    let start = [
        "start",
        "--ephemeral",
        "--port",
        "0",
        "--callback",
        &callback,
        "--verify-token",
        "bots",
    ];
    let house = Running::start(home.path(), &start).await;
    assert_eq!(house.ready()["gateway"], Value::Null, "a bot takes the gateway's place");

    let settings = binary::json(home.path(), &["env", "--url", &house.platform()]).await;
    let mut command = bot(home.path());
    for (name, value) in settings.as_object().expect("settings") {
        command.env(name, value.as_str().expect("a text"));
    }
    let _bot: Child = command.env("PORT", &port).spawn().expect("the bot starts");

    binary::until_hands_are_shaken(&binary::endpoint(&house.platform())).await;
    let dm = ["dm", "hello", "--within", "30s", "--url", &house.platform()];
    let answered = binary::json(home.path(), &dm).await;
    let answers = answered["answers"].as_array().expect("answers");
    let texts: Vec<&Value> = answers.iter().map(|answer| &answer["text"]).collect();
    assert_eq!(
        texts,
        ["You said: hello"],
        "one answer, and no conversation with itself"
    );
}
