//! Whatever is asked, the answer is the caller's fault in the documented form: never a 5xx, never a hang, never something unreadable.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::house::{Answer, House};

/// Requests to each operation of `/_sim`.
const PER_OPERATION: usize = 24;
/// Requests to the Graph routes.
const GRAPH_REQUESTS: usize = 1_500;
/// Far more than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn runner(seed: u8) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

fn pick<T: std::fmt::Debug>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Texts that break things.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "@",
            "@luna.coffee",
            "luna.coffee",
            "sam",
            "latest",
            "demo",
            "0",
            "-1",
            "1",
            "2",
            "3",
            "9223372036854775807",
            "9223372036854775808",
            "1e999",
            "17841400000000001",
            "\u{0}",
            "a\u{0}b",
            "\u{202e}",
            "\r\nX: y",
            "%00",
            "%zz",
            "../..",
            "{}",
            "[]",
            "null",
            "true",
            "25h",
            "-25h",
            "9999999999h",
            "P1Y",
            "2026-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "http://",
            "http://127.0.0.1:1/",
            "instagram",
            "facebook",
            "messages",
            "id,name,{",
            "id{id{id{id{id{id}}}}}",
            "messages.limit(99999999999999999999)",
            "fields.limit(-1){x}",
            "a.b.c",
            "💥",
            "'; DROP TABLE messages; --",
            "text",
            "button",
            "delivered",
            "missing",
        ])
        .prop_map(str::to_owned),
        ".{0,40}",
        "[\\x00-\\x1f]{1,8}",
        (1_usize..4).prop_map(|thousands| "x".repeat(thousands * 1000)),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        (1_usize..120).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!([inner]))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

async fn ask(house: &House, method: &str, target: &str, content_type: &str, body: Vec<u8>) -> Option<Answer> {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "localhost:7353")
        .header("content-type", content_type)
        .body(Body::from(body))
        .ok()?;
    // Real time, because a hang is what it looks for.
    Some(
        tokio::time::timeout(PATIENCE, house.send(request))
            .await
            .unwrap_or_else(|_| panic!("no answer: {method} {target}")),
    )
}

/// The members that a body of this operation may have.
fn members(document: &Value, operation: &Value) -> Vec<String> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next());
    let found = name.map_or(schema, |name| &document["components"]["schemas"][name]);
    found["properties"]
        .as_object()
        .map(|all| all.keys().cloned().collect())
        .unwrap_or_default()
}

fn query_names(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let of_query = parameters.iter().filter(|one| one["in"] == "query");
    of_query
        .filter_map(|one| one["name"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn no_request_to_the_remote_control_is_answered_by_a_failure_of_ours() {
    let house = House::with_bot().await;
    let document = house.get("/_sim/openapi.json").await;
    let mut runner = runner(1);
    let mut n_refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // A stream has no end, and a wait may rightly take its time.
            if path == "/_sim/stream" || path == "/_sim/wait" {
                continue;
            }
            let (members, names) = (members(&document, operation), query_names(operation));
            for round in 0..PER_OPERATION {
                let mut target = path.clone();
                while let Some((start, end)) = target.find('{').zip(target.find('}')) {
                    target.replace_range(start..=end, &escaped(&pick(&mut runner, &text())));
                }
                let mut separator = '?';
                for name in &names {
                    if pick(&mut runner, &any::<bool>()) {
                        let value = escaped(&pick(&mut runner, &text()));
                        target = format!("{target}{separator}{name}={value}");
                        separator = '&';
                    }
                }
                let body = match round % 4 {
                    0 => pick(&mut runner, &prop::collection::vec(any::<u8>(), 0..60)),
                    1 => pick(&mut runner, &any_value()).to_string().into_bytes(),
                    _ => {
                        let mut body = serde_json::Map::new();
                        for member in &members {
                            if pick(&mut runner, &any::<bool>()) {
                                let value = if pick(&mut runner, &any::<bool>()) {
                                    Value::from(pick(&mut runner, &text()))
                                } else {
                                    pick(&mut runner, &any_value())
                                };
                                body.insert(member.clone(), value);
                            }
                        }
                        Value::Object(body).to_string().into_bytes()
                    }
                };
                let method = if round % 8 == 7 {
                    "PATCH".to_owned()
                } else {
                    method.to_uppercase()
                };
                let shown = String::from_utf8_lossy(&body).into_owned();
                let Some(answer) = ask(&house, &method, &target, "application/json", body).await else {
                    continue;
                };
                assert!(
                    answer.status.as_u16() < 500,
                    "{method} {target} {shown}: {} {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                );
                if !answer.status.is_success() {
                    n_refused += 1;
                    let error = answer.json();
                    assert!(
                        error["error"]["code"].is_string() && error["error"]["message"].is_string(),
                        "{method} {target}: {error}"
                    );
                }
            }
        }
    }
    assert!(n_refused > 200, "the generator is tame: {n_refused}");
    house.get("/_sim/world").await;
}

#[expect(clippy::too_many_lines, reason = "one request is put together from top to bottom")]
#[tokio::test]
async fn no_call_to_graph_is_answered_by_a_failure_of_ours() {
    let house = House::with_bot().await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &dm).await;
    let world = house.get("/_sim/world").await;
    let owner = &world["accounts"][0];
    let tokens: Vec<String> = owner["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["access_token"].as_str().unwrap().to_owned())
        .collect();
    let mut nodes: Vec<String> = [
        "me",
        "sam",
        "0",
        "debug_token",
        "%00",
        "🤖",
        "..",
        "999999999999999999999",
    ]
    .map(str::to_owned)
    .to_vec();
    for value in [
        &owner["ig_id"],
        &owner["self_igsid"],
        &owner["page_id"],
        &world["media"][0]["id"],
        &world["apps"][0]["meta_app_id"],
    ] {
        nodes.extend(value.as_str().map(str::to_owned));
    }
    let edges = [
        "",
        "messages",
        "conversations",
        "media",
        "comments",
        "replies",
        "subscribed_apps",
        "messenger_profile",
        "accounts",
        "permissions",
        "subscriptions",
        "message_attachments",
        "media_publish",
        "mentioned_media",
        "mentions",
        "likes",
        "content_publishing_limit",
        "take_thread_control",
        "pass_thread_control",
        "release_thread_control",
        "stories",
        "nonsense",
    ];
    let names = [
        "fields",
        "ids",
        "limit",
        "after",
        "before",
        "message",
        "recipient",
        "sender_action",
        "messaging_type",
        "tag",
        "reply_to",
        "payload",
        "subscribed_fields",
        "batch",
        "platform",
        "user_id",
        "hide",
        "comment_enabled",
        "ice_breakers",
        "persistent_menu",
        "input_token",
        "object",
        "callback_url",
        "appsecret_proof",
        "creation_id",
        "image_url",
        "caption",
        "video_url",
        "media_type",
        "is_carousel_item",
        "children",
        "media_id",
        "comment_id",
        "target_app_id",
        "get_started",
    ];
    let mut runner = runner(2);
    let (choose, mut n_refused) = (any::<prop::sample::Index>(), 0);
    for _ in 0..GRAPH_REQUESTS {
        let version = *pick(&mut runner, &choose).get(&["", "/v25.0", "/v1.0", "/v99999999999.0", "/vx"]);
        let node = pick(&mut runner, &choose).get(&nodes).clone();
        let edge = *pick(&mut runner, &choose).get(&edges);
        let token = pick(&mut runner, &choose).get(&tokens).clone();
        let method = *pick(&mut runner, &choose).get(&["GET", "POST", "DELETE", "PUT", "PATCH"]);
        let mut target = format!("{version}/{node}/{edge}?access_token={token}");
        let n_names = pick(&mut runner, &(0_usize..4));
        let mut given = serde_json::Map::new();
        for _ in 0..n_names {
            let name = *pick(&mut runner, &choose).get(&names);
            let value = if pick(&mut runner, &any::<bool>()) {
                Value::from(pick(&mut runner, &text()))
            } else {
                pick(&mut runner, &any_value())
            };
            given.insert(name.to_owned(), value);
        }
        let as_text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (content_type, body) = match pick(&mut runner, &(0_u8..5)) {
            0 => {
                for (name, value) in &given {
                    target = format!("{target}&{name}={}", escaped(&as_text(value)));
                }
                ("text/plain", Vec::new())
            }
            1 => ("application/json", Value::Object(given).to_string().into_bytes()),
            2 => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in &given {
                    form.append_pair(name, &as_text(value));
                }
                ("application/x-www-form-urlencoded", form.finish().into_bytes())
            }
            3 => {
                let mut parts = String::new();
                for (name, value) in &given {
                    parts = format!(
                        "{parts}--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n",
                        as_text(value)
                    );
                }
                (
                    "multipart/form-data; boundary=b",
                    format!("{parts}--b--\r\n").into_bytes(),
                )
            }
            _ => {
                let bytes = pick(&mut runner, &prop::collection::vec(any::<u8>(), 0..80));
                (
                    *pick(&mut runner, &choose).get(&[
                        "application/json",
                        "multipart/form-data; boundary=b",
                        "multipart/form-data",
                        "x",
                    ]),
                    bytes,
                )
            }
        };
        let shown = String::from_utf8_lossy(&body).into_owned();
        let Some(answer) = ask(&house, method, &target, content_type, body).await else {
            continue;
        };
        assert!(
            answer.status.as_u16() < 500,
            "{method} {target} {content_type} {shown}: {} {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        let read = answer.json();
        if !answer.status.is_success() {
            n_refused += 1;
            assert!(
                read["error"]["message"].is_string()
                    && read["error"]["code"].is_i64()
                    && read["error"]["fbtrace_id"].is_string(),
                "{method} {target}: {read}"
            );
        }
    }
    assert!(n_refused > GRAPH_REQUESTS / 3, "the generator is tame: {n_refused}");
}
