//! What `mentions` webhooks tell of, read by the account that is named (contract: webhooks §4.7).

use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, token};
use crate::house::House;

/// The demo world with @nova, a business of its own.
async fn house_with_nova() -> House {
    let house = House::with_bot().await;
    let nova = json!({"username": "nova", "kind": "business"});
    house.ok("POST", "/_sim/accounts", &nova).await;
    house
}

async fn post(house: &House, account: &str, caption: &str) -> String {
    let post = json!({"account": account, "caption": caption, "media_url": "https://example.com/a.jpg"});
    let made = house.ok("POST", "/_sim/media", &post).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn comment(house: &House, writer: &str, media: &str, text: &str) -> String {
    let comment = json!({"as": writer, "media": media, "text": text});
    let written = house.ok("POST", "/_sim/comment", &comment).await;
    written["comment_id"].as_str().unwrap().to_owned()
}

async fn luna(house: &House) -> String {
    let world = house.get("/_sim/world").await;
    let accounts = world["accounts"].as_array().unwrap().clone();
    let luna = accounts.iter().find(|one| one["username"] == "luna.coffee").unwrap();
    luna["ig_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_mention_is_read_by_the_account_that_it_names() {
    let house = house_with_nova().await;
    let (token, ig) = (
        token(&house, "luna.coffee", "demo", "facebook").await,
        luna(&house).await,
    );
    let media = post(&house, "@nova", "with @luna.coffee").await;
    let named = comment(&house, "@sam", &media, "@luna.coffee look").await;

    let fields = "caption,media_type,media_url,timestamp,username,comments_count,like_count,id";
    let path = format!("{ig}?fields=mentioned_media.media_id({media}){{{fields}}}");
    let read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
    let mut shown = read["mentioned_media"].clone();
    assert!(shown["timestamp"].as_str().unwrap().ends_with("+0000"));
    shown.as_object_mut().unwrap().remove("timestamp");
    assert_eq!(
        shown,
        json!({"caption": "with @luna.coffee", "media_type": "IMAGE", "media_url": "https://example.com/a.jpg", "username": "nova",
            "comments_count": 1, "like_count": 0, "id": media})
    );
    assert_eq!(read["id"], json!(ig));

    let path = format!("{ig}?fields=mentioned_comment.comment_id({named}){{text,like_count,id,media{{id,media_url}}}}");
    let read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
    assert_eq!(
        read["mentioned_comment"],
        json!({"text": "@luna.coffee look", "like_count": 0, "id": named, "media": {"id": media, "media_url": "https://example.com/a.jpg"}})
    );
    let path = format!("{ig}?fields=mentioned_comment.comment_id({named})");
    let read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
    let defaults: Vec<&String> = read["mentioned_comment"].as_object().unwrap().keys().collect();
    assert_eq!(defaults, ["timestamp", "text", "id"], "the defaults of a comment");
}

#[tokio::test]
async fn what_does_not_name_the_account_is_refused_and_the_why_says_so() {
    let house = house_with_nova().await;
    let facebook = token(&house, "luna.coffee", "demo", "facebook").await;
    let instagram = token(&house, "luna.coffee", "demo", "instagram").await;
    let ig = luna(&house).await;
    let media = post(&house, "@nova", "nobody").await;
    let own = post(&house, "@luna.coffee", "me, @luna.coffee").await;
    let unnamed = comment(&house, "@sam", &media, "hi @lunar").await;
    let by_herself = comment(&house, "@luna.coffee", &media, "@luna.coffee was here").await;
    let under_own = comment(&house, "@sam", &own, "@luna.coffee look").await;
    let cases = [
        (
            &facebook,
            format!("mentioned_media.media_id({media})"),
            "does not name @luna.coffee",
        ),
        (
            &facebook,
            format!("mentioned_media.media_id({own})"),
            "the account's own",
        ),
        (&facebook, "mentioned_media.media_id(1)".to_owned(), "no media"),
        (&facebook, "mentioned_media".to_owned(), "media_id(ID)"),
        (
            &facebook,
            format!("mentioned_comment.comment_id({unnamed})"),
            "names @luna.coffee",
        ),
        (
            &facebook,
            format!("mentioned_comment.comment_id({by_herself})"),
            "names @luna.coffee",
        ),
        (
            &facebook,
            format!("mentioned_comment.comment_id({under_own})"),
            "own media",
        ),
        (&facebook, "mentioned_comment.comment_id(1)".to_owned(), "no comment"),
        (
            &facebook,
            format!("mentioned_comment.media_id({media})"),
            "comment_id(ID)",
        ),
        (
            &instagram,
            format!("mentioned_media.media_id({media})"),
            "graph.facebook.com only",
        ),
    ];
    for (token, fields, expected) in cases {
        let refused = graph(&house, token, "GET", &format!("{ig}?fields={fields}"), &Value::Null).await;
        assert_eq!(codes(&refused).0, json!(100), "{fields}");
        let why = refused.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains(expected), "{fields}: {why}");
    }
}
