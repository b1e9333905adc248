//! `selfsame doctor` and `selfsame keys`, against the local platform in Meta's place.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use selfsame_e2e::binary::{self, Running};
use serde_json::{Value, json};

/// How long an answer may take before the test has failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

async fn doctor(home: &Path, data: &str) -> (Option<i32>, Value) {
    let Output { status, stdout, stderr } = binary::run(home, &["doctor", "--live", "--json", "--data", data]).await;
    let told = if stdout.is_empty() { stderr } else { stdout };
    (
        status.code(),
        serde_json::from_slice(&told).expect("one document of JSON"),
    )
}

/// A client of our own: what is asked here has a body, or an answer that is not 200.
fn http() -> reqwest::Client {
    // An endpoint brings the cryptography that every client of this process needs.
    drop(binary::endpoint("http://127.0.0.1"));
    let client = reqwest::Client::builder().timeout(ANSWER_WITHIN).build();
    client.expect("an HTTP client")
}

fn level<'a>(report: &'a Value, code: &str) -> &'a str {
    let checks = report["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["code"] == code);
    let check = check.unwrap_or_else(|| panic!("no {code} in {report}"));
    let is_explained = check["level"] == "good" || check["remedy"] != "";
    assert!(is_explained, "{code} has no remedy: {check}");
    check["level"].as_str().expect("a level")
}

#[tokio::test]
async fn the_doctor_finds_a_house_well_then_names_what_was_broken_and_then_that_nobody_is_there() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("data").to_string_lossy().into_owned();
    let arguments = ["start", "--data", &data, "--port", "0", "--gateway-port", "0"];
    let house = Running::start(home.path(), &arguments).await;
    let (code, report) = doctor(home.path(), &data).await;
    assert_eq!(code, Some(0), "{report}");
    for check in [
        "callback",
        "clock",
        "token_live",
        "webhooks_live",
        "messages_access",
        "store",
        "key_file",
    ] {
        assert_eq!(level(&report, check), "good", "{check} of {report}");
    }
    // Nobody tells the gateway of the removal: it has to find out.
    let platform = binary::endpoint(&house.platform());
    let silent = json!({"deauthorize_url": null});
    platform
        .patch("/_sim/apps/demo", &silent)
        .await
        .expect("the app is changed");
    let grant = json!({"app": "demo", "account": "luna.coffee"});
    platform
        .delete("/_sim/grants", Some(&grant))
        .await
        .expect("the grant is revoked");
    let (code, report) = doctor(home.path(), &data).await;
    assert_eq!((code, level(&report, "token_live")), (Some(1), "bad"), "{report}");
    assert!(house.signal("INT").await.success());
    let (code, told) = doctor(home.path(), &data).await;
    assert_eq!((code, &told["error"]["code"]), (Some(3), &json!("unreachable")));
}

#[tokio::test]
async fn a_key_is_made_listed_and_revoked_from_the_command_line() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let data = home.path().join("data").to_string_lossy().into_owned();
    let arguments = ["start", "--data", &data, "--port", "0", "--gateway-port", "0"];
    let house = Running::start(home.path(), &arguments).await;
    let made = binary::json(
        home.path(),
        &["keys", "add", "crm", "--scope", "read,send", "--data", &data],
    )
    .await;
    let key = made["key"].as_str().expect("a key");
    let ask = async || {
        let url = format!("{}/api/v1/status", house.gateway().trim_end_matches('/'));
        http()
            .get(url)
            .bearer_auth(key)
            .send()
            .await
            .expect("an answer")
            .status()
    };
    assert_eq!(ask().await, 200);
    let listed = binary::json(home.path(), &["keys", "list", "--data", &data]).await;
    assert_eq!(listed["data"][0]["scopes"], json!(["read", "send"]));
    assert!(!listed.to_string().contains(key));
    binary::json(home.path(), &["keys", "revoke", "1", "--data", &data]).await;
    assert_eq!(ask().await, 401);
    assert!(house.signal("INT").await.success());
}
