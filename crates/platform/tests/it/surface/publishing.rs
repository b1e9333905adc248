//! Publishing through containers, and taking back (contract: other-apis §6.7).

use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, token};
use crate::house::House;

async fn prepared(house: &House, token: &str, body: &Value) -> String {
    let answer = graph_ok(house, token, "POST", "me/media", body).await;
    answer["id"].as_str().unwrap().to_owned()
}

async fn status(house: &House, token: &str, container: &str) -> Value {
    graph_ok(
        house,
        token,
        "GET",
        &format!("{container}?fields=status_code"),
        &Value::Null,
    )
    .await["status_code"]
        .clone()
}

#[tokio::test]
async fn a_picture_is_prepared_published_once_and_deleted() {
    let house = House::with_bot().await;
    for flow in ["instagram", "facebook"] {
        let token = token(&house, "luna.coffee", "demo", flow).await;
        let ig = house.get("/_sim/world").await["accounts"][0]["ig_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let picture = json!({"image_url": "https://example.com/a.jpg", "caption": "new"});
        let container = graph_ok(&house, &token, "POST", &format!("{ig}/media"), &picture).await["id"].clone();
        let container = container.as_str().unwrap().to_owned();
        assert_eq!(status(&house, &token, &container).await, "FINISHED");
        let publish = json!({"creation_id": container});
        let media = graph_ok(&house, &token, "POST", &format!("{ig}/media_publish"), &publish).await["id"].clone();
        let media = media.as_str().unwrap().to_owned();
        assert_eq!(status(&house, &token, &container).await, "PUBLISHED");
        let again = graph(&house, &token, "POST", &format!("{ig}/media_publish"), &publish).await;
        assert_eq!(codes(&again).0, json!(100));
        let read = graph_ok(
            &house,
            &token,
            "GET",
            &format!("{media}?fields=caption,media_type,media_product_type,media_url"),
            &Value::Null,
        )
        .await;
        assert_eq!(
            read,
            json!({"caption": "new", "media_type": "IMAGE", "media_product_type": "FEED", "media_url": "https://example.com/a.jpg", "id": media})
        );
        let deleted = graph_ok(&house, &token, "DELETE", &media, &Value::Null).await;
        assert_eq!(deleted, json!({"success": true}));
        assert_eq!(
            codes(&graph(&house, &token, "GET", &media, &Value::Null).await).0,
            json!(100)
        );
    }
}

#[tokio::test]
async fn reels_stories_and_albums_are_published_as_what_they_are() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let item = json!({"image_url": "https://example.com/a.jpg", "is_carousel_item": true});
    let (one, two) = (
        prepared(&house, &token, &item).await,
        prepared(&house, &token, &item).await,
    );
    let rows = [
        (json!({"video_url": "https://example.com/a.mp4"}), "REELS", "VIDEO"),
        (
            json!({"video_url": "https://example.com/a.mp4", "media_type": "STORIES"}),
            "STORY",
            "VIDEO",
        ),
        (
            json!({"media_type": "CAROUSEL", "children": format!("{one},{two}")}),
            "FEED",
            "CAROUSEL_ALBUM",
        ),
    ];
    for (body, product, kind) in rows {
        let container = prepared(&house, &token, &body).await;
        let publish = json!({"creation_id": container});
        let media = graph_ok(&house, &token, "POST", "me/media_publish", &publish).await["id"].clone();
        let path = format!(
            "{}?fields=media_type,media_product_type,children",
            media.as_str().unwrap()
        );
        let read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
        assert_eq!(
            (&read["media_product_type"], &read["media_type"]),
            (&json!(product), &json!(kind)),
            "{body}"
        );
        let children = read["children"]["data"].as_array().map_or(0, Vec::len);
        assert_eq!(children, if kind == "CAROUSEL_ALBUM" { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_container_expires_after_a_day_and_hostile_ones_are_refused() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let container = prepared(&house, &token, &json!({"image_url": "https://example.com/a.jpg"})).await;
    let item = prepared(
        &house,
        &token,
        &json!({"image_url": "https://example.com/a.jpg", "is_carousel_item": "true"}),
    )
    .await;
    for (path, body) in [
        ("me/media", json!({})),
        ("me/media", json!({"image_url": "nonsense"})),
        (
            "me/media",
            json!({"image_url": "https://example.com/a", "media_type": "HOLOGRAM"}),
        ),
        ("me/media", json!({"media_type": "CAROUSEL"})),
        ("me/media", json!({"media_type": "CAROUSEL", "children": [container]})),
        ("me/media_publish", json!({})),
        ("me/media_publish", json!({"creation_id": "7"})),
        ("me/media_publish", json!({"creation_id": item})),
    ] {
        let refused = graph(&house, &token, "POST", path, &body).await;
        assert_eq!(codes(&refused).0, json!(100), "{path} {body}");
        assert!(refused.headers.contains_key("x-selfsame-why"));
    }
    house.ok("POST", "/_sim/clock", &json!({"advance": "24h"})).await;
    assert_eq!(status(&house, &token, &container).await, "EXPIRED");
    let late = graph(
        &house,
        &token,
        "POST",
        "me/media_publish",
        &json!({"creation_id": container}),
    )
    .await;
    assert_eq!(codes(&late).0, json!(100));
}

#[tokio::test]
async fn a_hundred_posts_a_day_are_the_quota() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let picture = json!({"image_url": "https://example.com/a.jpg"});
    for _ in 0..100 {
        let container = prepared(&house, &token, &picture).await;
        graph_ok(
            &house,
            &token,
            "POST",
            "me/media_publish",
            &json!({"creation_id": container}),
        )
        .await;
    }
    let used = graph_ok(&house, &token, "GET", "me/content_publishing_limit", &Value::Null).await;
    assert_eq!(
        used,
        json!({"data": [{"quota_usage": 100, "config": {"quota_total": 100, "quota_duration": 86400}}]})
    );
    let publish = json!({"creation_id": prepared(&house, &token, &picture).await});
    let refused = graph(&house, &token, "POST", "me/media_publish", &publish).await;
    assert_eq!(codes(&refused), (json!(9), json!(2_207_042)));
    house.ok("POST", "/_sim/clock", &json!({"advance": "24h"})).await;
    let publish = json!({"creation_id": prepared(&house, &token, &picture).await});
    graph_ok(&house, &token, "POST", "me/media_publish", &publish).await;
}
