//! The table of message bodies (contract: send-api §5.2, §5.3), row by row: taken at each limit, refused one beyond.

use http::StatusCode;
use serde_json::{Value, json};

use super::graph::{codes, graph, igsid, token};
use crate::house::House;

const INVALID_DATA: i64 = 2_534_015;

fn x(count: usize) -> String {
    "x".repeat(count)
}

fn button(title: usize, payload: usize) -> Value {
    json!({"type": "postback", "title": x(title), "payload": x(payload)})
}

fn generic(elements: &[Value]) -> Value {
    json!({"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": elements}}})
}

fn buttons(text: usize, buttons: &[Value]) -> Value {
    json!({"attachment": {"type": "template", "payload": {"template_type": "button", "text": x(text), "buttons": buttons}}})
}

fn chips(count: usize, payload: usize) -> Value {
    let chip = json!({"content_type": "text", "title": x(21), "payload": x(payload)});
    json!({"text": "x", "quick_replies": vec![chip; count]})
}

fn images(count: usize) -> Value {
    let image = json!({"type": "image", "payload": {"url": "https://example.com/a.png"}});
    json!({"attachments": vec![image; count]})
}

/// `message` at the limit and beyond it.
fn limits() -> Vec<(&'static str, Value, Value)> {
    let element = |title: usize, subtitle: usize, n_buttons: usize| json!({"title": x(title), "subtitle": x(subtitle), "buttons": vec![button(1, 1); n_buttons]});
    vec![
        ("text of 1000 bytes", json!({"text": x(1000)}), json!({"text": x(1001)})),
        (
            "bytes, not characters",
            json!({"text": "\u{e9}".repeat(500)}),
            json!({"text": "\u{e9}".repeat(501)}),
        ),
        ("10 images", images(10), images(11)),
        (
            "10 elements",
            generic(&vec![element(1, 1, 0); 10]),
            generic(&vec![element(1, 1, 0); 11]),
        ),
        ("at least 1 element", generic(&[element(1, 1, 0)]), generic(&[])),
        (
            "title of 80",
            generic(&[element(80, 1, 0)]),
            generic(&[element(81, 1, 0)]),
        ),
        (
            "subtitle of 80",
            generic(&[element(1, 80, 0)]),
            generic(&[element(1, 81, 0)]),
        ),
        (
            "3 buttons of an element",
            generic(&[element(1, 1, 3)]),
            generic(&[element(1, 1, 4)]),
        ),
        (
            "a field besides the title",
            generic(&[element(1, 1, 0)]),
            generic(&[json!({"title": "x"})]),
        ),
        (
            "text of a button template of 640",
            buttons(640, &[button(1, 1)]),
            buttons(641, &[button(1, 1)]),
        ),
        (
            "3 buttons",
            buttons(1, &vec![button(1, 1); 3]),
            buttons(1, &vec![button(1, 1); 4]),
        ),
        ("at least 1 button", buttons(1, &[button(1, 1)]), buttons(1, &[])),
        (
            "title of a button of 20",
            buttons(1, &[button(20, 1)]),
            buttons(1, &[button(21, 1)]),
        ),
        (
            "payload of 1000",
            buttons(1, &[button(1, 1000)]),
            buttons(1, &[button(1, 1001)]),
        ),
        ("13 quick replies", chips(13, 1), chips(14, 1)),
        ("payload of a quick reply of 1000", chips(1, 1000), chips(1, 1001)),
    ]
}

/// Kind, what is taken, what is another type.
const TYPES: [(&str, &[&str], &str); 4] = [
    ("image", &["png", "jpg", "gif"], "pdf"),
    ("audio", &["aac", "m4a", "wav", "mp4"], "webm"),
    ("video", &["mp4", "ogg", "avi", "mov", "webm"], "gif"),
    ("file", &["pdf"], "zip"),
];
const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn each_row_of_the_table_of_bodies_is_taken_at_its_limit_and_refused_beyond() {
    let house = House::with_bot().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let person = igsid(&house, "luna.coffee", "sam").await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let asked = async |message: &Value| {
        let body = json!({"recipient": {"id": person}, "message": message});
        graph(&house, &token, "POST", "me/messages", &body).await
    };
    for (name, within, beyond) in limits() {
        let answer = asked(&within).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.json());
        assert_eq!(
            codes(&asked(&beyond).await),
            (json!(100), json!(INVALID_DATA)),
            "{name}"
        );
    }
    let threads = house.get("/_sim/threads?a=@luna.coffee&b=@sam").await;
    let messages = threads["data"][0]["messages"].as_array().unwrap().clone();
    let chip = &messages.last().unwrap()["quick_replies"][0];
    assert_eq!(
        chip["title"].as_str().unwrap().len(),
        20,
        "longer titles are cut: {chip}"
    );

    let file = |kind: &str, name: &str| json!({"attachment": {"type": kind, "payload": {"url": format!("https://example.com/{name}")}}});
    for (kind, accepted, other) in TYPES {
        let max = if kind == "image" { 8 } else { 25 } * MEBIBYTE;
        for ending in accepted {
            let answer = asked(&file(kind, &format!("a.{ending}"))).await;
            assert_eq!(answer.status, StatusCode::OK, "{kind} {ending}: {}", answer.json());
        }
        for (name, subcode) in [
            (format!("a.{other}"), 2_018_047),
            (format!("{}.{}", max + 1, accepted[0]), 2_018_109),
            ("a".to_owned(), 2_018_008),
        ] {
            assert_eq!(
                codes(&asked(&file(kind, &name)).await),
                (json!(100), json!(subcode)),
                "{kind} {name}"
            );
        }
        let largest = asked(&file(kind, &format!("{max}.{}", accepted[0]))).await;
        assert_eq!(
            largest.status,
            StatusCode::OK,
            "{kind} of {max} bytes: {}",
            largest.json()
        );
    }
    assert_eq!(
        codes(&asked(&file("video", "a.slow")).await),
        (json!(100), json!(2_018_294))
    );

    let both = json!({"recipient": {"id": person}, "message": {"text": "x"}, "sender_action": "typing_on"});
    let refused = graph(&house, &token, "POST", "me/messages", &both).await;
    assert_eq!(
        codes(&refused),
        (json!(100), json!(2_018_014)),
        "§5.3: no message beside an action"
    );
}
