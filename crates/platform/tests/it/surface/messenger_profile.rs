//! Ice breakers and the persistent menu (contract: other-apis §6.4); the rules of their bodies are tested beside them.

use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, token};
use crate::house::House;

const EDGE: &str = "me/messenger_profile";

#[tokio::test]
async fn each_property_is_set_read_and_deleted_with_both_logins() {
    let house = House::with_bot().await;
    let menu = json!([{"locale": "default", "call_to_actions": [
        {"type": "postback", "title": "Talk to us", "payload": "CARE"},
        {"type": "web_url", "title": "Shop", "url": "https://example.com"}]}]);
    let questions = json!([
        {"call_to_actions": [{"question": "Open?", "payload": "HOURS"}], "locale": "default"},
        {"call_to_actions": [{"question": "Open, please?", "payload": "HOURS_GB"}], "locale": "en_GB"}]);
    let done = json!({"result": "success"});
    for flow in ["instagram", "facebook"] {
        let token = token(&house, "luna.coffee", "demo", flow).await;
        let get = async |fields: &str| {
            graph_ok(
                &house,
                &token,
                "GET",
                &format!("{EDGE}?platform=instagram&fields={fields}"),
                &Value::Null,
            )
            .await
        };
        let set = json!({"platform": "instagram", "ice_breakers": questions, "persistent_menu": menu});
        assert_eq!(graph_ok(&house, &token, "POST", EDGE, &set).await, done);
        assert_eq!(get("ice_breakers").await, json!({"data": questions}));
        assert_eq!(
            get("persistent_menu").await,
            json!({"data": [{"persistent_menu": menu}]})
        );
        let removal = format!("{EDGE}?fields=[\"ice_breakers\"]").replace('"', "%22");
        assert_eq!(graph_ok(&house, &token, "DELETE", &removal, &Value::Null).await, done);
        assert_eq!(
            get("ice_breakers,persistent_menu").await,
            json!({"data": [{"persistent_menu": menu}]})
        );
        let removal = json!({"fields": ["persistent_menu", "ice_breakers"]});
        assert_eq!(graph_ok(&house, &token, "DELETE", EDGE, &removal).await, done);
        assert_eq!(get("persistent_menu").await, json!({"data": []}));
    }
}

#[tokio::test]
async fn only_the_group_of_the_phones_language_is_tapped() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let group = |locale: &str, question: &str| json!({"locale": locale, "call_to_actions": [{"question": question, "payload": "X"}]});
    let set = json!({"ice_breakers": [group("default", "Open?"), group("de_DE", "Offen?")]});
    graph_ok(&house, &token, "POST", EDGE, &set).await;
    let tap = |question: &str| json!({"as": "@sam", "to": "@luna.coffee", "ice_breaker": question});
    house.ok("POST", "/_sim/tap", &tap("Open?")).await;
    let hidden = house.call("POST", "/_sim/tap", &tap("Offen?")).await;
    assert_eq!(hidden.error_code(), "unknown_profile_item");
}

#[tokio::test]
async fn what_is_messengers_is_refused_and_the_why_says_so() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let menu = json!([{"locale": "default", "call_to_actions": [{"type": "postback", "title": "x", "payload": "X"}]}]);
    for (method, path, body) in [
        ("POST", EDGE.to_owned(), json!({"get_started": {"payload": "START"}})),
        (
            "POST",
            EDGE.to_owned(),
            json!({"get_started": {"payload": "START"}, "persistent_menu": menu}),
        ),
        ("GET", format!("{EDGE}?fields=get_started"), Value::Null),
        ("DELETE", EDGE.to_owned(), json!({"fields": ["get_started"]})),
    ] {
        let refused = graph(&house, &token, method, &path, &body).await;
        assert_eq!(codes(&refused), (json!(100), Value::Null), "{method} {path} {body}");
        let why = refused.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains("Messenger's"), "{why}");
    }
    let read = graph_ok(
        &house,
        &token,
        "GET",
        &format!("{EDGE}?fields=persistent_menu"),
        &Value::Null,
    )
    .await;
    assert_eq!(read, json!({"data": []}), "a refused call sets nothing");
}
