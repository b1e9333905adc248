//! Commands about a house that runs: their options, what they print, and how they refuse.

use selfsame_e2e::binary::{self, Running};
use serde_json::{Value, json};
use tempfile::TempDir;

const LUNA: &str = "@luna.coffee";
const SIZES: &str = r#"
automations:
  - name: sizes
    when: { message: { exact: sizes } }
    do:
      - send:
          text: "Which size?"
          quick_replies:
            - { title: Small, payload: SMALL }
"#;

/// A house, and a user elsewhere on the machine who asks it by its address.
struct User {
    house: Running,
    home: TempDir,
}

impl User {
    async fn new() -> Self {
        Self {
            house: Running::start_house().await,
            home: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// What `selfsame arguments… --json` prints.
    async fn asks(&self, arguments: &[&str]) -> Value {
        let url = self.house.platform();
        binary::json(self.home.path(), &[arguments, &["--url", &url]].concat()).await
    }

    /// The text that `selfsame arguments…` prints.
    async fn reads(&self, arguments: &[&str]) -> String {
        let url = self.house.platform();
        let output = binary::run(self.home.path(), &[arguments, &["--url", &url]].concat()).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and the words of a command that fails.
    async fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let url = self.house.platform();
        let output = binary::run(self.home.path(), &[arguments, &["--url", &url]].concat()).await;
        assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    /// The delivery that `selfsame trigger options…` made.
    async fn triggers(&self, options: &[&str]) -> Value {
        let triggered = self.asks(&[&["trigger"], options].concat()).await;
        let ids = triggered["notifications"].as_array().unwrap();
        assert_eq!(ids.len(), 1, "{triggered}");
        self.asks(&["events", "get", &ids[0].to_string()]).await
    }
}

/// The messaging event of a delivery.
fn event(delivery: &Value) -> &Value {
    &delivery["payload"]["entry"][0]["messaging"][0]
}

#[tokio::test]
async fn every_option_of_trigger_reaches_the_webhook() {
    let user = User::new().await;
    let plain = user.triggers(&["message", "--as", "@sam", "--to", LUNA]).await;
    assert_eq!(
        (&plain["field"], &plain["account"]),
        (&json!("messages"), &json!("luna.coffee"))
    );
    assert!(event(&plain)["timestamp"].is_i64(), "{plain}");

    let changed = user
        .triggers(&[
            "message",
            "--as",
            "@sam",
            "--override",
            "message.text=h\u{e9}",
            "--override",
            "entry.0.id=\"7\"",
            "--add",
            "message.is_new=true",
            "--add",
            "message.extra={\"deep\":[1]}",
            "--remove",
            "timestamp",
        ])
        .await;
    assert_eq!(changed["payload"]["entry"][0]["id"], "7");
    let message = &event(&changed)["message"];
    assert_eq!(
        (&message["text"], &message["is_new"]),
        (&json!("h\u{e9}"), &json!(true))
    );
    assert_eq!(message["extra"], json!({"deep": [1]}));
    assert!(event(&changed).get("timestamp").is_none(), "{changed}");

    for raw in ["not { json", r#"{"object":"instagram","entry":[]}"#] {
        assert_eq!(user.triggers(&["messages", "--raw", raw]).await["raw"], raw);
    }

    let tested = user.triggers(&["comments", "--dashboard"]).await;
    let change = &tested["payload"]["entry"][0];
    assert_eq!(
        (&change["id"], &change["changes"][0]["field"]),
        (&json!("0"), &json!("comments"))
    );
    assert_eq!(tested["flow"], "instagram");
    let of_facebook = user.triggers(&["comments", "--dashboard", "--flow", "facebook"]).await;
    assert_eq!(of_facebook["flow"], "facebook");

    assert_eq!(
        user.reads(&["trigger", "message", "--as", "@sam"]).await,
        "1 webhook caused\n"
    );
}

#[tokio::test]
async fn a_trigger_that_cannot_be_meant_says_what_is_wrong_with_it() {
    let user = User::new().await;
    for (options, code, words) in [
        (&["self_eco"][..], 4, "self_echo"),
        (&["message", "--as", "@nobody"], 4, "nobody"),
        (&["message", "--remove", "message.nothing"], 4, "message.nothing"),
        (&["message", "--override", "message.text"], 2, "message.text=VALUE"),
        (&["message", "--flow", "facebook"], 2, "--dashboard"),
        (&[], 2, "<EVENT>"),
    ] {
        let (exit, told) = user.fails(&[&["trigger"], options].concat()).await;
        assert_eq!(exit, code, "{options:?}: {told}");
        assert!(told.contains(words), "{options:?}: {told}");
    }
}

#[tokio::test]
async fn what_was_not_sent_is_told_with_its_reason_and_the_remedy() {
    let user = User::new().await;
    let app = json!({"mode": "development"});
    let platform = binary::endpoint(&user.house.platform());
    platform.patch("/_sim/apps/demo", &app).await.unwrap();
    let told = user.reads(&["trigger", "message", "--as", "@sam"]).await;
    assert!(told.contains("not sent (app_not_live)"), "{told}");
    assert!(
        told.trim_end().ends_with('.') || told.contains("mode"),
        "a remedy: {told}"
    );
}

#[tokio::test]
async fn roles_are_given_accepted_and_taken_away() {
    let user = User::new().await;
    assert_eq!(user.reads(&["roles"]).await, "demo  @luna.coffee  administrator\n");
    let told = user.reads(&["roles", "give", "instagram_tester", "@sam"]).await;
    assert!(told.ends_with("demo  @sam  instagram_tester  (invited)\n"), "{told}");
    let accepted = user.asks(&["roles", "accept", "@sam", "--app", "demo"]).await;
    assert_eq!(
        accepted["data"][1],
        json!({"app": "demo", "account": "@sam", "role": "instagram_tester", "accepted": true})
    );
    let given = user.asks(&["roles", "give", "tester", "@sam", "--accepted"]).await;
    assert_eq!(
        (&given["data"][1]["role"], &given["data"][1]["accepted"]),
        (&json!("tester"), &json!(true))
    );
    assert_eq!(
        user.asks(&["roles", "remove", "@sam"]).await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    let (exit, told) = user.fails(&["roles", "accept", "@sam"]).await;
    assert_eq!(exit, 4, "{told}");
    let (exit, told) = user.fails(&["roles", "give", "owner", "@sam"]).await;
    assert!(exit == 2 && told.contains("instagram_tester"), "{exit} {told}");
    binary::endpoint(&user.house.platform())
        .post("/_sim/apps", &json!({"name": "other"}))
        .await
        .unwrap();
    let (exit, told) = user.fails(&["roles", "remove", LUNA]).await;
    assert!(exit == 4 && told.contains("--app: demo, other"), "{exit} {told}");
}

#[tokio::test]
async fn people_are_blocked_restricted_and_let_in_again() {
    let user = User::new().await;
    assert_eq!(user.asks(&["blocks"]).await["data"], json!([]));
    assert_eq!(
        user.reads(&["blocks", "add", "@sam"]).await,
        "@luna.coffee \u{2192} @sam  blocked\n"
    );
    let restricted = user.asks(&["blocks", "add", LUNA, "--as", "@sam", "--restrict"]).await;
    let expected = json!({"as": "@sam", "who": "@luna.coffee", "kind": "restricted"});
    assert!(
        restricted["data"].as_array().unwrap().contains(&expected),
        "{restricted}"
    );
    for (who, by) in [("sam", LUNA), (LUNA, "sam")] {
        user.asks(&["blocks", "remove", who, "--as", by]).await;
    }
    assert_eq!(user.asks(&["blocks"]).await["data"], json!([]));
    let (exit, told) = user.fails(&["blocks", "add", LUNA]).await;
    assert_eq!(exit, 4, "oneself: {told}");
}

#[tokio::test]
async fn quick_replies_of_an_answer_are_shown_and_listed() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("automations.yaml");
    std::fs::write(&file, SIZES).unwrap();
    let file = file.to_string_lossy().into_owned();
    let start = [
        "start",
        "--ephemeral",
        "--port",
        "0",
        "--gateway-port",
        "0",
        "--automations",
        &file,
    ];
    let house = Running::start_alone(&start).await;
    let user = User { house, home };
    let dm = ["dm", "sizes", "--as", "@sam", "--to", LUNA];
    let answer = user.asks(&dm).await["answers"][0].clone();
    assert_eq!(answer["quick_replies"][0]["title"], "Small", "{answer}");
    let told = user.reads(&dm).await;
    assert!(told.ends_with("Which size?\n  (Small) SMALL\n"), "{told}");
}

#[tokio::test]
async fn faults_are_set_looked_at_and_cleared_and_a_command_that_cannot_be_meant_has_its_own_exit_code() {
    let user = User::new().await;
    let rules = r#"{"seed":3,"rules":[{"target":"delivery","fault":"duplicate","times":1}]}"#;
    user.asks(&["chaos", "set", rules]).await;
    let set = user.asks(&["chaos"]).await;
    assert_eq!(
        (&set["seed"], &set["rules"][0]["fault"]),
        (&json!(3), &json!("duplicate"))
    );
    assert_eq!(user.asks(&["chaos", "clear"]).await["rules"], json!([]));
    for arguments in [
        &["chaos", "set", "{bad"][..],
        &["send", "--message", "{bad"],
        &["switches", "login.auto_consent"],
        &["clock", "advance"],
        &["events", "get", "x"],
    ] {
        let (exit, told) = user.fails(arguments).await;
        assert_eq!(exit, 2, "{arguments:?}: {told}");
    }
    let frozen = user.asks(&["clock", "freeze"]).await;
    assert_eq!(frozen["frozen"], true, "where it is");
    assert!(user.reads(&["events", "list", "--status", "dead"]).await.is_empty());
}
