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

/// contract/webhooks §4.7 "mentions": answered in public, under somebody else's media.
#[tokio::test]
async fn a_mention_is_answered_where_it_stands() {
    let house = house_with_nova().await;
    let nova = json!({"app": "demo", "account": "@nova", "flow": "instagram", "fields": ["comments"]});
    house.ok("POST", "/_sim/grants", &nova).await;
    let (token, ig) = (
        token(&house, "luna.coffee", "demo", "facebook").await,
        luna(&house).await,
    );
    let media = post(&house, "@nova", "with @luna.coffee").await;
    let named = comment(&house, "@sam", &media, "@luna.coffee look").await;
    let edge = format!("{ig}/mentions");

    let to_caption = json!({"media_id": media, "message": "thank you"});
    let answered = graph_ok(&house, &token, "POST", &edge, &to_caption).await;
    let to_comment = json!({"media_id": media, "comment_id": named, "message": "and you"});
    let replied = graph_ok(&house, &token, "POST", &edge, &to_comment).await;

    let shown = house.get(&format!("/_sim/media/{media}")).await;
    let comments: Vec<(&Value, &Value, &Value)> = shown["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["id"], &one["username"], &one["parent_id"]))
        .collect();
    let luna = json!("luna.coffee");
    assert_eq!(comments[1], (&answered["id"], &luna, &Value::Null));
    assert_eq!(comments[2], (&replied["id"], &luna, &json!(named)));
    let told = house.get("/_sim/deliveries?account=@nova&field=comments").await;
    let texts: Vec<&Value> = told["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["payload"]["entry"][0]["changes"][0]["value"]["text"])
        .collect();
    assert_eq!(
        texts,
        ["@luna.coffee look", "thank you", "and you"],
        "the media's owner hears of each"
    );
}

#[tokio::test]
async fn what_is_no_mention_is_not_answered() {
    let house = house_with_nova().await;
    let facebook = token(&house, "luna.coffee", "demo", "facebook").await;
    let instagram = token(&house, "luna.coffee", "demo", "instagram").await;
    let media = post(&house, "@nova", "nobody").await;
    let unnamed = comment(&house, "@sam", &media, "hi").await;
    let ig = luna(&house).await;
    let story = json!({"account": "@nova", "caption": "@luna.coffee", "media_product_type": "STORY"});
    let story = house.ok("POST", "/_sim/media", &story).await["id"].clone();
    let elsewhere = post(&house, "@nova", "nobody").await;
    for (token, body, expected) in [
        (&facebook, json!({"message": "x"}), "media_id"),
        (&facebook, json!({"media_id": media}), "message is the text"),
        (&facebook, json!({"media_id": "7", "message": "x"}), "no media"),
        (
            &facebook,
            json!({"media_id": media, "message": "x"}),
            "does not name @luna.coffee",
        ),
        (&facebook, json!({"media_id": story, "message": "x"}), "story"),
        (
            &facebook,
            json!({"media_id": media, "comment_id": unnamed, "message": "x"}),
            "names @luna.coffee",
        ),
        (
            &facebook,
            json!({"media_id": elsewhere, "comment_id": unnamed, "message": "x"}),
            "stands under that media",
        ),
        (
            &instagram,
            json!({"media_id": media, "message": "x"}),
            "graph.facebook.com only",
        ),
    ] {
        let refused = graph(&house, token, "POST", &format!("{ig}/mentions"), &body).await;
        assert_eq!(codes(&refused).0, json!(100), "{body}");
        let why = refused.headers["x-selfsame-why"].to_str().unwrap();
        assert!(why.contains(expected), "{body}: {why}");
    }
}
