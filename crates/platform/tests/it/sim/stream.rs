//! Server-sent events.

use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::house::House;

/// One event as the client sees it.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    id: i64,
    event: String,
    data: Value,
}

struct Listener {
    body: Body,
    text: String,
}

impl Listener {
    async fn open(house: &House, headers: &[(&str, &str)], query: &str) -> Self {
        let mut request = Request::builder()
            .uri(format!("/_sim/stream{query}"))
            .header("host", "localhost:7353");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = house.open_answer(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(
            answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/event-stream")
        );
        Self {
            body: answer.into_body(),
            text: String::new(),
        }
    }

    async fn next(&mut self) -> Seen {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                match read(&block) {
                    Some(seen) => return seen,
                    None => continue,
                }
            }
            let frame = self.body.frame().await.unwrap().unwrap();
            self.text
                .push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}

fn read(block: &str) -> Option<Seen> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim_start().to_owned())
    };
    Some(Seen {
        id: field("id:")?.parse().unwrap(),
        event: field("event:")?,
        data: serde_json::from_str(&field("data:")?).unwrap(),
    })
}

async fn say(house: &House, text: &str) -> Value {
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": text}),
        )
        .await
}

#[tokio::test]
async fn events_come_as_they_happen_with_the_objects_of_the_lists() {
    let house = House::with_bot().await;
    let mut listener = Listener::open(&house, &[], "").await;

    let said = say(&house, "hello").await;
    let message = listener.next().await;
    assert_eq!(
        (message.event.as_str(), &message.data["mid"]),
        ("message", &said["mid"])
    );
    let listed = house.get("/_sim/threads?a=sam&b=luna.coffee").await;
    assert_eq!(message.data, listed["data"][0]["messages"][0]);
    for id in said["notifications"].as_array().unwrap() {
        let delivery = listener.next().await;
        assert_eq!((delivery.event.as_str(), &delivery.data["id"]), ("delivery", id));
    }

    house.deliver().await;
    let events = [listener.next().await, listener.next().await];
    assert_eq!(
        events.each_ref().map(|seen| seen.event.as_str()),
        ["attempt", "delivery"]
    );
    assert_eq!(events[1].data["status"], "delivered");

    house.ok("POST", "/_sim/clock", &json!({"advance": "1h"})).await;
    let clock = listener.next().await;
    assert_eq!(
        (clock.event.as_str(), &clock.data["now"]),
        ("clock", &json!("2026-06-01T13:00:00Z"))
    );

    house.call("GET", "/v25.0/me", &Value::Null).await;
    house.get("/_sim/calls").await;
    assert_eq!(listener.next().await.event, "call");
    let commented = house
        .ok(
            "POST",
            "/_sim/comment",
            &json!({"as": "@sam", "media": "latest", "text": "nice"}),
        )
        .await;
    let comment = listener.next().await;
    assert_eq!(
        (comment.event.as_str(), &comment.data["id"]),
        ("comment", &commented["comment_id"])
    );
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing_and_sees_nothing_twice() {
    let house = House::open().await;
    let mut first = Listener::open(&house, &[], "").await;
    for text in ["one", "two"] {
        say(&house, text).await;
    }
    let mut seen = vec![first.next().await, first.next().await];
    drop(first);
    say(&house, "three").await;

    let last = seen.last().unwrap().id.to_string();
    let mut second = Listener::open(&house, &[("last-event-id", &last)], "").await;
    loop {
        let next = second.next().await;
        let is_last = next.data["text"] == "three";
        seen.push(next);
        if is_last {
            break;
        }
    }
    let ids: Vec<i64> = seen.iter().map(|seen| seen.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    let texts: Vec<&str> = seen
        .iter()
        .filter(|seen| seen.event == "message")
        .map(|seen| seen.data["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

#[tokio::test]
async fn a_reader_that_lags_behind_the_hub_still_gets_everything_in_order() {
    let house = House::open().await;
    let mut listener = Listener::open(&house, &[], "?after=0").await;
    // More signals than the hub keeps: `switches` of time are cheap rows of the stream.
    for _ in 0..5000 {
        house.ok("POST", "/_sim/clock", &json!({"advance": "1s"})).await;
    }
    let mut last = listener.next().await.id;
    for _ in 1..5000 {
        let next = listener.next().await.id;
        assert!(next > last);
        last = next;
    }
}

#[tokio::test]
async fn an_id_that_is_no_number_is_refused() {
    let house = House::open().await;
    let request = Request::builder()
        .uri("/_sim/stream")
        .header("host", "localhost")
        .header("last-event-id", "x")
        .body(Body::empty())
        .unwrap();

    assert_eq!(
        house.send(request).await.error_field().as_deref(),
        Some("Last-Event-ID")
    );
}
