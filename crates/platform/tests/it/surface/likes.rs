//! Likes of media and comments, on the phone and through the API (contract: other-apis §6.6, §6.7).

use http::StatusCode;
use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, token};
use crate::house::House;

async fn ig_of(house: &House, username: &str) -> String {
    let world = house.get("/_sim/world").await;
    let accounts = world["accounts"].as_array().unwrap().clone();
    let found = accounts.iter().find(|one| one["username"] == username).unwrap();
    found["ig_id"].as_str().unwrap().to_owned()
}

async fn posted(house: &House, body: &Value) -> String {
    house.ok("POST", "/_sim/media", body).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_persons_like_counts_once_on_media_and_on_comments_and_can_be_taken_back() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let media = posted(&house, &json!({"account": "@luna.coffee"})).await;
    let comment = json!({"as": "@sam", "media": media, "text": "lovely"});
    let comment = house.ok("POST", "/_sim/comment", &comment).await["comment_id"].clone();
    let comment = comment.as_str().unwrap().to_owned();
    for (name, id) in [("media", &media), ("comment", &comment)] {
        for (remove, person, expected) in [
            (false, "@sam", 1),
            (false, "@sam", 1),
            (false, "@luna.coffee", 2),
            (true, "@sam", 1),
            (true, "@sam", 1),
        ] {
            let like = json!({"as": person, name: id, "remove": remove});
            let answer = house.ok("POST", "/_sim/like", &like).await;
            assert_eq!(answer, json!({"likes": expected}), "{like}");
        }
        let read = graph_ok(&house, &token, "GET", &format!("{id}?fields=like_count"), &Value::Null).await;
        assert_eq!(read["like_count"], 1, "{name}");
    }
    let shown = house.get(&format!("/_sim/media/{media}")).await;
    assert_eq!(
        (&shown["likes"], &shown["comments"][0]["likes"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_like_names_one_thing_that_exists() {
    let house = House::with_bot().await;
    let media = posted(&house, &json!({"account": "@luna.coffee"})).await;
    let block = json!({"as": "@luna.coffee", "who": "@sam", "kind": "blocked"});
    for (like, status, field) in [
        (json!({"as": "@nobody", "media": media}), StatusCode::NOT_FOUND, "as"),
        (json!({"as": "@sam", "media": "7"}), StatusCode::NOT_FOUND, "media"),
        (json!({"as": "@sam", "comment": "7"}), StatusCode::NOT_FOUND, "comment"),
        (json!({"as": "@sam"}), StatusCode::BAD_REQUEST, "media"),
        (
            json!({"as": "@sam", "media": media, "comment": "7"}),
            StatusCode::BAD_REQUEST,
            "media",
        ),
    ] {
        let refused = house.call("POST", "/_sim/like", &like).await;
        assert_eq!(
            (refused.status, refused.error_field().as_deref()),
            (status, Some(field)),
            "{like}"
        );
    }
    house.ok("POST", "/_sim/blocks", &block).await;
    let refused = house
        .call("POST", "/_sim/like", &json!({"as": "@sam", "media": media}))
        .await;
    assert_eq!(refused.error_code(), "blocked");
}

#[tokio::test]
async fn an_account_likes_through_the_facebook_login_what_is_public_and_no_story() {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "nova", "kind": "business"}),
        )
        .await;
    let hidden = json!({"username": "shy", "kind": "creator", "public": false});
    house.ok("POST", "/_sim/accounts", &hidden).await;
    let (facebook, instagram) = (
        token(&house, "luna.coffee", "demo", "facebook").await,
        token(&house, "luna.coffee", "demo", "instagram").await,
    );
    let edge = format!("{}/likes", ig_of(&house, "luna.coffee").await);
    let media = posted(&house, &json!({"account": "@nova"})).await;
    let count = async || house.get(&format!("/_sim/media/{media}")).await["likes"].clone();
    for _ in 0..2 {
        let liked = graph_ok(&house, &facebook, "POST", &edge, &json!({"media_id": media})).await;
        assert_eq!((liked, count().await), (json!({"success": true}), json!(1)));
    }
    graph_ok(
        &house,
        &facebook,
        "DELETE",
        &format!("{edge}?media_id={media}"),
        &Value::Null,
    )
    .await;
    assert_eq!(count().await, 0);

    let story = posted(&house, &json!({"account": "@nova", "media_product_type": "STORY"})).await;
    let private = posted(&house, &json!({"account": "@shy"})).await;
    for (token, body, expected) in [
        (&facebook, json!({}), "either media_id or comment_id"),
        (
            &facebook,
            json!({"media_id": media, "comment_id": "7"}),
            "either media_id or comment_id",
        ),
        (&facebook, json!({"media_id": "7"}), "no media"),
        (&facebook, json!({"media_id": story}), "story"),
        (&facebook, json!({"media_id": private}), "private"),
        (&instagram, json!({"media_id": media}), "graph.facebook.com only"),
    ] {
        let refused = graph(&house, token, "POST", &edge, &body).await;
        assert_eq!(codes(&refused).0, json!(100), "{body}");
        let why = refused.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains(expected), "{body}: {why}");
    }
}
