//! What can be done with comments and messages that are not simply there: hidden, deleted, of a broadcast, unsent.

use http::StatusCode;
use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, igsid, token};
use crate::house::House;

async fn comment(house: &House, media: &Value) -> String {
    let comment = json!({"as": "@sam", "media": media, "text": "price?"});
    let written = house.ok("POST", "/_sim/comment", &comment).await;
    written["comment_id"].as_str().unwrap().to_owned()
}

fn in_private(comment: &str) -> Value {
    json!({"recipient": {"comment_id": comment}, "message": {"text": "3.50"}})
}

#[tokio::test]
async fn a_hidden_comment_is_answered_in_private_only_and_a_deleted_one_not_at_all() {
    let house = House::with_bot().await;
    for flow in ["instagram", "facebook"] {
        let token = token(&house, "luna.coffee", "demo", flow).await;
        let say = json!({"message": "we sent you a message"});
        let hidden = comment(&house, &json!("latest")).await;
        graph_ok(&house, &token, "POST", &format!("{hidden}?hide=true"), &Value::Null).await;
        let refused = graph(&house, &token, "POST", &format!("{hidden}/replies"), &say).await;
        assert_eq!(codes(&refused), (json!(100), json!(33)));
        let why = refused.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains("hidden"), "{why}");
        graph_ok(&house, &token, "POST", "me/messages", &in_private(&hidden)).await;
        graph_ok(&house, &token, "POST", &format!("{hidden}?hide=false"), &Value::Null).await;
        graph_ok(&house, &token, "POST", &format!("{hidden}/replies"), &say).await;

        let deleted = comment(&house, &json!("latest")).await;
        graph_ok(&house, &token, "DELETE", &deleted, &Value::Null).await;
        let refused = graph(&house, &token, "POST", "me/messages", &in_private(&deleted)).await;
        assert_eq!(codes(&refused), (json!(100), json!(2_534_025)));
        let refused = graph(&house, &token, "POST", &format!("{deleted}/replies"), &say).await;
        assert_eq!(codes(&refused), (json!(100), json!(33)));
    }
}

#[tokio::test]
async fn a_comment_of_a_broadcast_is_answered_in_private_and_read_while_it_is_on_air() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let live = json!({"account": "@luna.coffee", "live": true});
    let live = house.ok("POST", "/_sim/media", &live).await["id"].clone();
    let (first, second) = (comment(&house, &live).await, comment(&house, &live).await);

    let say = json!({"message": "hello"});
    let refused = graph(&house, &token, "POST", &format!("{first}/replies"), &say).await;
    assert_eq!(codes(&refused), (json!(100), json!(33)));
    let why = refused.headers["x-selfsame-why"].to_str().unwrap();
    assert!(why.contains("private reply"), "{why}");
    graph_ok(&house, &token, "POST", "me/messages", &in_private(&first)).await;
    graph_ok(&house, &token, "GET", &second, &Value::Null).await;

    let end = format!("/_sim/media/{}/end_live", live.as_str().unwrap());
    house.ok("POST", &end, &Value::Null).await;
    let refused = graph(&house, &token, "POST", "me/messages", &in_private(&second)).await;
    assert_eq!(codes(&refused), (json!(100), json!(2_534_025)));
    for (method, path) in [("GET", second.clone()), ("POST", format!("{second}/replies"))] {
        let refused = graph(&house, &token, method, &path, &say).await;
        assert_eq!(codes(&refused), (json!(100), json!(33)), "{method} {path}");
    }
}

#[tokio::test]
async fn an_unsent_message_cannot_be_answered_inline() {
    let house = House::with_bot().await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "sorry"});
    let mid = house.ok("POST", "/_sim/dm", &dm).await["mid"].clone();
    house
        .ok("POST", "/_sim/unsend", &json!({"as": "@sam", "mid": mid}))
        .await;

    let inline = json!({"as": "@sam", "to": "@luna.coffee", "text": "I meant", "reply_to": mid});
    let refused = house.call("POST", "/_sim/dm", &inline).await;
    assert_eq!(
        (refused.status, refused.error_code().as_str()),
        (StatusCode::BAD_REQUEST, "unsent")
    );

    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let sam = igsid(&house, "luna.coffee", "sam").await;
    let inline = json!({"recipient": {"id": sam}, "message": {"text": "yes?"}, "reply_to": {"mid": mid}});
    let refused = graph(&house, &token, "POST", "me/messages", &inline).await;
    assert_eq!(codes(&refused).0, json!(100));
}

#[tokio::test]
async fn what_is_neither_an_emoji_nor_a_name_is_no_reaction() {
    let house = House::with_bot().await;
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    let mid = house.ok("POST", "/_sim/dm", &dm).await["mid"].clone();
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let sam = igsid(&house, "luna.coffee", "sam").await;
    let long = "x".repeat(5000);
    for (reaction, is_one) in [
        ("LOVE", true),
        ("\u{1f525}", true),
        ("lovely", false),
        (long.as_str(), false),
    ] {
        let by_app = json!({"recipient": {"id": sam}, "sender_action": "react",
                            "payload": {"message_id": mid, "reaction": reaction}});
        let answer = graph(&house, &token, "POST", "me/messages", &by_app).await;
        assert_eq!(answer.status.is_success(), is_one, "{reaction}");
        let by_person = json!({"as": "@sam", "mid": mid, "reaction": reaction});
        let answer = house.call("POST", "/_sim/react", &by_person).await;
        assert_eq!(answer.status.is_success(), is_one, "{reaction}");
        if !is_one {
            assert_eq!(answer.error_field().as_deref(), Some("reaction"));
        }
    }
}
