//! Sending to the self thread: the documented request by curl, and by Meta's own client unmodified, with both tokens.

use std::path::Path;

use selfsame_e2e::binary::{self, Running};
use serde_json::{Value, json};

/// A house whose self thread is open.
struct House {
    home: tempfile::TempDir,
    running: Running,
    world: Value,
}

impl House {
    async fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let running = Running::start(home.path(), &["platform", "--ephemeral", "--port", "0"]).await;
        let url = running.platform();
        binary::json(home.path(), &["dm", "hello", "--no-wait", "--url", &url]).await;
        let world = binary::json(home.path(), &["world", "--url", &url]).await;
        Self { home, running, world }
    }

    fn luna(&self) -> &Value {
        let accounts = self.world["accounts"].as_array().expect("accounts");
        accounts
            .iter()
            .find(|account| account["username"] == "luna.coffee")
            .expect("the demo account")
    }

    /// The token that sends: the Page's for the Facebook login.
    fn token(&self, flow: &str) -> &str {
        let tokens = self.luna()["tokens"].as_array().expect("tokens");
        let of_flow = |token: &&Value| token["flow"] == flow && (flow == "instagram" || token["kind"] == "page");
        let token = tokens
            .iter()
            .find(of_flow)
            .unwrap_or_else(|| panic!("no {flow} token: {tokens:?}"));
        token["access_token"].as_str().expect("a text")
    }

    fn id(&self, name: &str) -> &str {
        self.luna()[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.luna()))
    }

    async fn phone_shows(&self, mid: &Value) -> Value {
        let platform = binary::endpoint(&self.running.platform());
        let threads = platform
            .get("/_sim/threads?a=@luna.coffee&b=@luna.coffee", &[])
            .await
            .expect("the thread");
        let messages = threads["data"][0]["messages"].as_array().cloned().unwrap_or_default();
        messages
            .into_iter()
            .find(|message| message["mid"] == *mid)
            .unwrap_or_else(|| panic!("no {mid}: {threads}"))
    }

    async fn curl(&self, arguments: &[&str]) -> Value {
        let output = binary::command("curl", self.home.path())
            .args(["-sS"])
            .args(arguments)
            .output()
            .await;
        let output = output.expect("curl starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("Graph answers JSON")
    }
}

#[tokio::test]
async fn the_documented_request_by_curl_answers_an_id_and_shows_on_the_phone() {
    let house = House::start().await;
    for flow in ["instagram", "facebook"] {
        let url = format!("{}/v24.0/{}/messages", house.running.platform(), house.id("self_igsid"));
        let authorization = format!("Authorization: Bearer {}", house.token(flow));
        let body = r#"{"message":{"text":"Hello from your IG Pro account!"}}"#;
        let sent = house
            .curl(&[
                "-X",
                "POST",
                &url,
                "-H",
                "Content-Type: application/json",
                "-H",
                &authorization,
                "-d",
                body,
            ])
            .await;
        assert_eq!(
            sent.as_object().expect("an object").keys().collect::<Vec<_>>(),
            ["id"],
            "{flow}: {sent}"
        );
        let shown = house.phone_shows(&sent["id"]).await;
        assert_eq!(
            (&shown["text"], &shown["side"]),
            (&json!("Hello from your IG Pro account!"), &json!("business"))
        );
        let platform = binary::endpoint(&house.running.platform());
        let mid = sent["id"].as_str().expect("a mid").to_owned();
        let echoes = platform
            .get("/_sim/deliveries", &[("mid", mid)])
            .await
            .expect("the delivery log");
        assert!(
            !echoes["data"].as_array().expect("a list").is_empty(),
            "its echo is in the log: {echoes}"
        );
    }
}

#[tokio::test]
async fn the_wrong_host_for_a_token_is_refused_by_190_with_its_why() {
    let house = House::start().await;
    let port = house.running.platform().rsplit(':').next().expect("a port").to_owned();
    for (flow, host) in [("instagram", "graph.facebook.com"), ("facebook", "graph.instagram.com")] {
        let url = format!("http://{host}:{port}/v24.0/me?fields=id");
        let resolve = format!("{host}:{port}:127.0.0.1");
        let authorization = format!("Authorization: Bearer {}", house.token(flow));
        let headers = house.home.path().join("headers");
        let refused = house
            .curl(&[
                "--resolve",
                &resolve,
                "-D",
                &headers.to_string_lossy(),
                "-H",
                &authorization,
                &url,
            ])
            .await;
        assert_eq!(refused["error"]["code"], 190, "{host}: {refused}");
        assert!(
            why(&headers).contains("graph."),
            "the why names the right host: {}",
            why(&headers)
        );
    }
}

#[tokio::test]
async fn metas_own_client_sends_in_every_documented_form_with_both_tokens() {
    let house = House::start().await;
    for (flow, node, node_id) in [
        ("instagram", "ig_user", house.id("ig_id")),
        ("facebook", "page", house.id("page_id")),
    ] {
        let app = &house.world["apps"][0];
        let prefix = if flow == "instagram" { "instagram" } else { "meta" };
        let script = binary::root().join("crates/e2e/clients/python/facebook_client.py");
        let output = binary::command(super::bots::python(), house.home.path())
            .arg(script)
            .env("META_GRAPH_URL", house.running.platform())
            .env("APP_ID", app[format!("{prefix}_app_id")].as_str().expect("an id"))
            .env(
                "APP_SECRET",
                app[format!("{prefix}_app_secret")].as_str().expect("a secret"),
            )
            .env("ACCESS_TOKEN", house.token(flow))
            .env("SELF_IGSID", house.id("self_igsid"))
            .env("NODE", node)
            .env("NODE_ID", node_id)
            .output()
            .await
            .expect("python starts");
        assert!(
            output.status.success(),
            "{flow}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answers: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        house.phone_shows(&answers["documented_form"]["id"]).await;
        for form in ["standard_form", "me_form"] {
            assert_eq!(
                answers[form]["recipient_id"],
                house.id("self_igsid"),
                "{flow}: {answers}"
            );
            house.phone_shows(&answers[form]["message_id"]).await;
        }
    }
}

/// The cause and remedy that came with a refusal.
fn why(headers: &Path) -> String {
    let text = std::fs::read_to_string(headers).expect("the headers");
    let line = text
        .lines()
        .find(|line| line.to_lowercase().starts_with("x-selfsame-why:"));
    line.map(ToOwned::to_owned).unwrap_or_default()
}
