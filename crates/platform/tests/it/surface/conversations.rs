//! The conversations edge: folders and what is left out (contract: other-apis §6.2, send-api §5.7).

use serde_json::{Value, json};

use super::graph::{graph_ok, igsid, token};
use crate::house::House;

async fn folder(house: &House) -> Value {
    let threads = house.get("/_sim/threads?a=@luna.coffee&b=@sam").await;
    threads["data"][0]["folder"].clone()
}

async fn listed(house: &House, query: &str) -> usize {
    let token = token(house, "luna.coffee", "demo", "instagram").await;
    let answer = graph_ok(house, &token, "GET", &format!("me/conversations{query}"), &Value::Null).await;
    answer["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_new_thread_is_a_request_until_the_first_answer() {
    let house = House::with_bot().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(folder(&house).await, "requests");
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let send = json!({"recipient": {"id": igsid(&house, "luna.coffee", "sam").await}, "message": {"text": "hi"}});
    graph_ok(&house, &token, "POST", "me/messages", &send).await;
    assert_eq!(folder(&house).await, "general");
}

#[tokio::test]
async fn an_answer_on_the_phone_moves_the_request_too() {
    let house = House::with_bot().await;
    for (from, to) in [("@sam", "@luna.coffee"), ("@luna.coffee", "@sam")] {
        house
            .ok("POST", "/_sim/dm", &json!({"as": from, "to": to, "text": "hello"}))
            .await;
    }
    assert_eq!(folder(&house).await, "general");
}

#[tokio::test]
async fn a_request_that_rested_for_thirty_days_is_not_returned() {
    let house = House::with_bot().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let of_sam = format!("?user_id={}", igsid(&house, "luna.coffee", "sam").await);
    house.ok("POST", "/_sim/clock", &json!({"advance": "719h"})).await;
    assert_eq!((listed(&house, "").await, listed(&house, &of_sam).await), (1, 1));
    house.ok("POST", "/_sim/clock", &json!({"advance": "2h"})).await;
    assert_eq!((listed(&house, "").await, listed(&house, &of_sam).await), (0, 0));
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(listed(&house, "").await, 1);
}

/// contract/other-apis §6.2: the fields of a message that depend on what it is.
#[tokio::test]
async fn a_message_tells_what_it_shares_answers_and_cannot_show() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let publish = async |product: &str| {
        let media =
            json!({"account": "@luna.coffee", "media_product_type": product, "media_url": "https://example.com/a.jpg"});
        house.ok("POST", "/_sim/media", &media).await["id"].clone()
    };
    let (post, story) = (publish("FEED").await, publish("STORY").await);
    for (message, expected) in [
        (json!({"text": "hi"}), json!({"is_unsupported": false})),
        (
            json!({"attachment": {"type": "unsupported"}}),
            json!({"is_unsupported": true}),
        ),
        (
            json!({"attachment": {"type": "ig_post", "media": post}}),
            json!({"is_unsupported": false, "shares": {"data": [{"link": "https://example.com/a.jpg"}]}}),
        ),
        (
            json!({"text": "nice", "story": story}),
            json!({"is_unsupported": false, "story": {"reply_to": {"link": "https://example.com/a.jpg", "id": story}}}),
        ),
        (
            json!({"attachment": {"type": "story_mention", "url": "https://example.com/b.jpg"}}),
            json!({"is_unsupported": false, "story": {"mention": {"link": "https://example.com/b.jpg"}}}),
        ),
    ] {
        let mut dm = json!({"as": "@sam", "to": "@luna.coffee"});
        dm.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
        let mid = house.ok("POST", "/_sim/dm", &dm).await["mid"].clone();
        let path = format!("{}?fields=is_unsupported,shares,story", mid.as_str().unwrap());
        let mut read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
        read.as_object_mut().unwrap().remove("id");
        assert_eq!(read, expected, "{dm}");
    }
}
