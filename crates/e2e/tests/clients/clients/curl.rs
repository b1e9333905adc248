//! The documented request, as documented.

use std::path::Path;

use selfsame_e2e::binary;
use serde_json::{Value, json};

use super::house::House;

async fn curl(house: &House, arguments: &[&str]) -> Value {
    let mut command = binary::command("curl", house.home());
    house.run(command.arg("-sS").args(arguments)).await
}

#[tokio::test]
async fn the_documented_request_by_curl_answers_an_id_and_shows_on_the_phone() {
    let house = House::start_with_open_threads().await;
    for kind in ["instagram_long", "page"] {
        let url = format!("{}/v24.0/{}/messages", house.url(), house.luna("self_igsid"));
        let authorization = format!("Authorization: Bearer {}", house.token(kind));
        let json_type = "Content-Type: application/json";
        let body = r#"{"message":{"text":"Hello from your IG Pro account!"}}"#;
        let request = ["-X", "POST", &url, "-H", json_type, "-H", &authorization, "-d", body];
        let sent = curl(&house, &request).await;
        let names: Vec<&String> = sent.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["id"], "{kind}: {sent}");
        let shown = house.shown("@luna.coffee", &sent["id"]).await;
        assert_eq!(
            (&shown["text"], &shown["side"]),
            (&json!("Hello from your IG Pro account!"), &json!("business"))
        );
        let mid = sent["id"].as_str().expect("a mid").to_owned();
        let echoes = house
            .platform()
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
    let port = house.url().rsplit(':').next().expect("a port").to_owned();
    for (kind, host) in [
        ("instagram_long", "graph.facebook.com"),
        ("page", "graph.instagram.com"),
    ] {
        let url = format!("http://{host}:{port}/v24.0/me?fields=id");
        let resolve = format!("{host}:{port}:127.0.0.1");
        let authorization = format!("Authorization: Bearer {}", house.token(kind));
        let headers = house.home().join("headers");
        let kept = headers.to_string_lossy();
        let request = ["--resolve", &resolve, "-D", &kept, "-H", &authorization, &url];
        let refused = curl(&house, &request).await;
        assert_eq!(refused["error"]["code"], 190, "{host}: {refused}");
        let why = why(&headers);
        assert!(why.contains("graph."), "the why names the right host: {why}");
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
