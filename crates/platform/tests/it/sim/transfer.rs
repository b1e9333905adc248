//! A world as one document: written, taken, gone back to.

use http::StatusCode;
use selfsame_runtime::clock::WorldClock;
use serde_json::{Value, json};

use crate::house::House;

/// A world in which something happened: messages, a tap, a comment, waiting deliveries, switches, faults, time.
async fn lived_in() -> House {
    let house = House::with_bot().await;
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "menü 🍵"});
    house.ok("POST", "/_sim/dm", &dm).await;
    house.deliver().await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &dm).await;
    let comment = json!({"as": "@sam", "media": "latest", "text": "price?"});
    house.ok("POST", "/_sim/comment", &comment).await;
    house.ok("POST", "/_sim/accounts", &json!({"username": "kim"})).await;
    let switches = json!({"webhooks.echo_app_id": true});
    house.ok("PUT", "/_sim/switches", &switches).await;
    let rules = json!({"seed": 3, "rules": [{"target": "delivery", "fault": "drop", "match": {"field": "comments"}}]});
    house.ok("PUT", "/_sim/chaos", &rules).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "25h"})).await;
    house
}

async fn views(house: &House) -> Vec<Value> {
    let mut views = Vec::new();
    for path in [
        "/_sim/world",
        "/_sim/threads",
        "/_sim/deliveries",
        "/_sim/calls",
        "/_sim/switches",
        "/_sim/chaos",
    ] {
        views.push(house.get(path).await);
    }
    let mut clock = house.get("/_sim/clock").await;
    clock.as_object_mut().unwrap().remove("offset_ms");
    views.push(clock);
    views
}

async fn document(house: &House) -> Value {
    house.get("/_sim/export").await
}

fn without_stream(mut document: Value) -> Value {
    document["tables"].as_object_mut().unwrap().remove("stream");
    document
}

#[tokio::test]
async fn an_exported_world_is_the_same_world_elsewhere() {
    let (house, other) = (lived_in().await, House::open().await);
    let exported = document(&house).await;

    let answer = other.ok("POST", "/_sim/import", &exported).await;
    assert_eq!(answer["clock"]["now"], "2026-06-02T13:00:00Z");
    assert_eq!(views(&other).await, views(&house).await);
    assert_eq!(without_stream(document(&other).await), without_stream(exported));
}

#[tokio::test]
async fn what_waited_in_an_exported_world_is_delivered_by_the_other() {
    let (house, other) = (lived_in().await, House::open().await);
    let exported = document(&house).await;
    other.ok("POST", "/_sim/import", &exported).await;
    other.deliver().await;
    assert_eq!(other.bot.texts(), ["hello"], "the self message was delivered before");
}

#[tokio::test]
async fn a_token_of_an_imported_world_calls_and_one_of_the_world_before_does_not() {
    let (house, other) = (lived_in().await, House::open().await);
    other
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "pat", "kind": "business"}),
        )
        .await;
    let grant = json!({"app": "demo", "account": "pat", "flow": "instagram"});
    let stale = other.ok("POST", "/_sim/grants", &grant).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let me = |token: &str| format!("/v25.0/me?fields=username&access_token={token}");
    other.get(&me(&stale)).await;
    let token = house.get("/_sim/world").await["accounts"][0]["tokens"][0]["access_token"]
        .as_str()
        .unwrap()
        .to_owned();

    other.ok("POST", "/_sim/import", &document(&house).await).await;
    other.get(&me(&token)).await;
    assert_ne!(
        other.call("GET", &me(&stale), &Value::Null).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_document_that_does_not_fit_changes_nothing_and_names_the_field() {
    let house = lived_in().await;
    let good = document(&house).await;
    let before = views(&house).await;
    let change = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = changed.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            parent => {
                parent.as_object_mut().unwrap().insert(name.to_owned(), value);
            }
        }
        changed
    };
    let mut without_clock = good.clone();
    without_clock.as_object_mut().unwrap().remove("clock");
    for (document, field) in [
        (change("/format", json!("other")), Some("format")),
        (change("/version", json!(2)), Some("version")),
        (change("/version", json!("1")), Some("version")),
        (change("/colour", json!(1)), Some("colour")),
        (
            change("/clock", json!({"now": "yesterday", "frozen": false})),
            Some("clock"),
        ),
        (without_clock, Some("clock")),
        (change("/tables/colours", json!([])), Some("tables.colours")),
        (change("/tables/messages", json!({})), Some("tables.messages")),
        (change("/tables/messages/1", json!([])), Some("tables.messages[1]")),
        (
            change("/tables/messages/1/colour", json!(1)),
            Some("tables.messages[1].colour"),
        ),
        (
            change("/tables/messages/1/mid", Value::Null),
            Some("tables.messages[1].mid"),
        ),
        (
            change("/tables/messages/1/mid", json!(true)),
            Some("tables.messages[1].mid"),
        ),
        (
            change("/tables/messages/1/buttons", json!("[")),
            Some("tables.messages[1].buttons"),
        ),
        (
            change("/tables/messages/1/created_at_ms", json!("noon")),
            Some("tables.messages[1].created_at_ms"),
        ),
        (
            change("/tables/deliveries/0/raw", json!({"base64": "%"})),
            Some("tables.deliveries[0].raw"),
        ),
        (change("/tables/messages/1/sender_id", json!(999)), Some("tables")),
        (
            change("/tables/switches", json!([{"name": "no.such", "value": "1"}])),
            Some("tables.switches"),
        ),
        (
            change("/tables/chaos_rules/0/rule", json!("{}")),
            Some("tables.chaos_rules"),
        ),
        (json!([]), None),
        (json!({}), Some("format")),
    ] {
        let refused = house.call("POST", "/_sim/import", &document).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{field:?}");
        assert_eq!(refused.error_code(), "invalid_document");
        assert_eq!(refused.error_field().as_deref(), field, "{}", refused.json());
    }
    assert_eq!(views(&house).await, before);
}

#[tokio::test]
async fn a_document_that_ends_early_changes_nothing() {
    let house = lived_in().await;
    let before = views(&house).await;
    let text = document(&house).await.to_string();
    for end in [1, text.len() / 3, text.len() / 2, text.len() - 1] {
        let end = text.floor_char_boundary(end);
        let request = http::Request::post("/_sim/import")
            .header("host", "localhost:7353")
            .body(axum::body::Body::from(text[..end].to_owned()))
            .unwrap();
        assert_eq!(house.send(request).await.status, StatusCode::BAD_REQUEST, "{end}");
    }
    assert_eq!(views(&house).await, before);
}

#[tokio::test]
async fn a_reset_brings_the_demo_world_back_with_its_ids_tokens_and_callback() {
    let untouched = House::with_bot().await.get("/_sim/world").await;
    let house = lived_in().await;
    let answer = house.ok("POST", "/_sim/reset", &Value::Null).await;
    assert_eq!(
        (&answer["world"], &answer["clock"]["now"]),
        (&json!("demo"), &json!("2026-06-01T12:00:00Z"))
    );

    assert_eq!(house.get("/_sim/world").await, untouched);
    for path in ["/_sim/threads", "/_sim/deliveries"] {
        assert_eq!(house.get(path).await["data"], json!([]), "{path}");
    }
    assert_eq!(house.get("/_sim/switches").await["webhooks.echo_app_id"], false);
    assert_eq!(house.get("/_sim/chaos").await["rules"], json!([]));
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "again"});
    house.ok("POST", "/_sim/dm", &dm).await;
    house.deliver().await;
    assert_eq!(house.bot.texts().last().map(String::as_str), Some("again"));
}

#[tokio::test]
async fn a_token_that_ran_out_is_valid_again_after_a_reset() {
    let house = House::open().await;
    let token = house.get("/_sim/world").await["accounts"][0]["tokens"][0]["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let me = format!("/v25.0/me?fields=username&access_token={token}");
    house.ok("POST", "/_sim/clock", &json!({"advance": "61d"})).await;
    assert_ne!(house.call("GET", &me, &Value::Null).await.status, StatusCode::OK);
    house.ok("POST", "/_sim/reset", &json!({"to": "demo"})).await;
    house.get(&me).await;
}

#[tokio::test]
async fn a_reset_to_nothing_leaves_nothing() {
    let house = lived_in().await;
    house.ok("POST", "/_sim/reset", &json!({"to": "empty"})).await;
    let world = house.get("/_sim/world").await;
    assert_eq!(
        (&world["apps"], &world["accounts"], &world["media"]),
        (&json!([]), &json!([]), &json!([]))
    );
}

#[tokio::test]
async fn a_world_that_was_emptied_goes_back_to_its_beginning_by_another_reset() {
    let untouched = House::open().await.get("/_sim/world").await;
    for to in [Value::Null, json!({"to": "demo"})] {
        let house = House::open().await;
        for _ in 0..2 {
            house.ok("POST", "/_sim/reset", &json!({"to": "empty"})).await;
        }
        let answer = house.ok("POST", "/_sim/reset", &to).await;
        assert_eq!(answer["world"], "demo");
        assert_eq!(house.get("/_sim/world").await, untouched);
    }
}

#[tokio::test]
async fn a_folder_that_never_had_a_demo_world_is_reset_to_nothing_only() {
    let house = House::open_with(|config| config.demo = false).await;
    let refused = house.call("POST", "/_sim/reset", &json!({"to": "demo"})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.error_field().as_deref(), Some("to"));
    let answer = house.ok("POST", "/_sim/reset", &Value::Null).await;
    assert_eq!(answer["world"], "empty");
}

#[tokio::test]
async fn a_stream_goes_on_across_a_reset() {
    let house = lived_in().await;
    let end = document(&house).await["tables"]["stream"].as_array().unwrap().len();
    house.ok("POST", "/_sim/reset", &Value::Null).await;
    let rows = document(&house).await["tables"]["stream"].clone();
    let last = rows.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["event"], "clock");
    assert!(last["id"].as_u64().unwrap() > end as u64, "{last}");
}

async fn rows(house: &House) -> Value {
    without_stream(document(house).await)["tables"].clone()
}

#[tokio::test]
async fn a_world_whose_time_cannot_be_set_is_not_taken() {
    let exported = document(&lived_in().await).await;
    let folder = tempfile::tempdir().unwrap();
    let clock = WorldClock::open(folder.path().join("clock.json")).unwrap();
    let house = House::open_at(clock.clone(), |_| {}).await;
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "still here"});
    house.ok("POST", "/_sim/dm", &dm).await;
    let before = rows(&house).await;

    folder.close().unwrap();
    let refused = house.call("POST", "/_sim/import", &exported).await;
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "store_failed")
    );
    let refused = house.call("POST", "/_sim/reset", &Value::Null).await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(rows(&house).await, before);
    assert!(clock.status().offset_ms.abs() < 1000, "{:?}", clock.status());
}

#[tokio::test]
async fn a_world_that_cannot_be_stored_leaves_time_as_it_was() {
    let (house, other) = (lived_in().await, House::with_bot().await);
    let exported = document(&house).await;
    let before = (views(&other).await, rows(&other).await);
    for (path, body) in [("/_sim/import", &exported), ("/_sim/reset", &json!({"to": "empty"}))] {
        for n_passing in [0, 1] {
            let faults = other.platform.world().store.database().faults();
            faults.fail_commits_after(n_passing, 1);
            let refused = other.call("POST", path, body).await;
            assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!((views(&other).await, rows(&other).await), before, "{path}");
        }
    }
    other.ok("POST", "/_sim/import", &exported).await;
    assert_eq!(rows(&other).await, without_stream(exported)["tables"]);
}

#[tokio::test]
async fn a_process_that_dies_with_the_clock_set_and_the_world_not_committed_has_its_old_time_again() {
    let exported = document(&lived_in().await).await;
    let house = House::open().await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "5h"})).await;
    let before = (house.get("/_sim/clock").await, rows(&house).await);
    // What a death in between leaves: the note beside the old world, which cannot be taken away any more, and another time.
    let (world, faults) = (house.platform.world(), house.platform.world().store.database().faults());
    faults.fail_commits_after(1, 2);
    let refused = house.call("POST", "/_sim/import", &exported).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    world
        .clock
        .restore("2031-01-01T00:00:00Z".parse().unwrap(), true)
        .unwrap();

    let house = house.reopen().await;
    assert_eq!((house.get("/_sim/clock").await, rows(&house).await), before);
    house.ok("POST", "/_sim/clock", &json!({"advance": "1h"})).await;
    let moved = house.get("/_sim/clock").await;
    let house = house.reopen().await;
    assert_eq!(house.get("/_sim/clock").await, moved, "the note is gone");
}

/// One private reply an hour: the status of another one, by the app of the demo world.
async fn private_reply(house: &House) -> StatusCode {
    let comment = json!({"as": "@sam", "media": "latest", "text": "price?"});
    let comment = house.ok("POST", "/_sim/comment", &comment).await["comment_id"].clone();
    let world = house.get("/_sim/world").await;
    let tokens = world["accounts"][0]["tokens"].as_array().unwrap();
    let token = tokens.iter().find(|token| token["flow"] == "instagram").unwrap();
    let send = json!({
        "recipient": {"comment_id": comment}, "message": {"text": "4.20"}, "access_token": token["access_token"],
    });
    house.call("POST", "/v25.0/me/messages", &send).await.status
}

#[tokio::test]
async fn what_rate_limits_have_counted_goes_with_the_world_and_ends_with_it() {
    let (house, other) = (House::open().await, House::open().await);
    let limits = json!({"limits.enforced": true, "limits.private_replies_per_hour": 1});
    house.ok("PUT", "/_sim/switches", &limits).await;
    assert_eq!(private_reply(&house).await, StatusCode::OK);
    assert_eq!(private_reply(&house).await, StatusCode::BAD_REQUEST);
    let used_up = document(&house).await;

    other.platform.world().random.hex(4096); // houses of one seed would make the same ids
    assert_eq!(private_reply(&other).await, StatusCode::OK);
    other.ok("POST", "/_sim/import", &used_up).await;
    assert_eq!(
        private_reply(&other).await,
        StatusCode::BAD_REQUEST,
        "its hour was exported"
    );

    house.ok("POST", "/_sim/reset", &Value::Null).await;
    house.ok("PUT", "/_sim/switches", &limits).await;
    assert_eq!(
        private_reply(&house).await,
        StatusCode::OK,
        "another world has another hour"
    );
    house.platform.save_rates_once().await.unwrap();
    house.ok("POST", "/_sim/import", &used_up).await;
    assert_eq!(private_reply(&house).await, StatusCode::BAD_REQUEST);
}
