//! Conventions of Graph: several ids at once, versions (contract: other-apis §6.1).

use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, token};
use crate::house::{Answer, House};

#[tokio::test]
async fn an_edge_without_its_underscores_is_the_same_edge() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let nothing = json!({});
    for (method, edge, plain) in [
        ("POST", "media_publish", "mediapublish"),
        ("POST", "message_attachments", "messageattachments"),
        ("POST", "pass_thread_control", "passthreadcontrol"),
        ("POST", "take_thread_control", "takethreadcontrol"),
        ("POST", "request_thread_control", "requestthreadcontrol"),
    ] {
        let known = graph(&house, &token, method, &format!("me/{edge}"), &nothing).await;
        let synonym = graph(&house, &token, method, &format!("me/{plain}"), &nothing).await;
        let message = |answer: &Answer| answer.json()["error"]["message"].clone();
        assert_eq!(message(&synonym), message(&known), "{plain}");
        assert_ne!(codes(&synonym), (json!(100), json!(33)), "{plain} is an edge");
    }
    for (edge, plain) in [
        ("content_publishing_limit", "contentpublishinglimit"),
        ("live_media", "livemedia"),
    ] {
        let known = graph_ok(&house, &token, "GET", &format!("me/{edge}"), &Value::Null).await;
        let synonym = graph_ok(&house, &token, "GET", &format!("me/{plain}"), &Value::Null).await;
        assert_eq!(synonym, known, "{plain}");
    }
}

#[tokio::test]
async fn several_ids_at_once_are_off_as_at_meta_and_on_by_switch() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let media = graph_ok(&house, &token, "GET", "me/media", &Value::Null).await;
    let (one, two) = (&media["data"][0]["id"], &media["data"][1]["id"]);
    let path = format!(
        "/?ids={},{}&fields=id&access_token={token}",
        one.as_str().unwrap(),
        two.as_str().unwrap()
    );
    let refused = house.call("GET", &path, &Value::Null).await;
    let why = refused.headers["x-selfsame-why"].to_str().unwrap();
    assert!(why.contains("graph.root_ids"), "{why}");
    house
        .ok("PUT", "/_sim/switches", &json!({"graph.root_ids": true}))
        .await;
    let both = house.get(&path).await;
    assert_eq!(both[one.as_str().unwrap()]["id"], *one);
    assert_eq!(both[two.as_str().unwrap()]["id"], *two);
}

#[tokio::test]
async fn a_retired_version_is_answered_by_the_oldest_live_one_or_refused_by_switch() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    for (path, answered_by) in [("/v20.0/me", "v21.0"), ("/me", "v21.0"), ("/v26.0/me", "v26.0")] {
        let answer = house
            .call("GET", &format!("{path}?access_token={token}"), &Value::Null)
            .await;
        assert_eq!(answer.headers["instagram-api-version"], answered_by, "{path}");
        assert_eq!(answer.status, http::StatusCode::OK);
    }
    house
        .ok(
            "PUT",
            "/_sim/switches",
            &json!({"graph.retired_versions_refused": true}),
        )
        .await;
    let refused = house
        .call("GET", &format!("/v20.0/me?access_token={token}"), &Value::Null)
        .await;
    assert_eq!(codes(&refused).0, json!(2635));
    house.get(&format!("/v21.0/me?access_token={token}")).await;
}
