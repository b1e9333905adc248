//! Publishing through containers, and taking back (contract: other-apis §6.7).

use std::time::Duration;

use bytes::Bytes;
use selfsame_platform::{Fetched, MediaFetcher};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

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

/// Containers are kept for what their film becomes; the worker's step is the test's.
async fn fetched(house: &House) {
    while house.platform.fetch_files_once().await.unwrap() > 0 {}
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
        assert_eq!(codes(&again), (json!(9007), json!(2_207_027)));
        let read = graph_ok(
            &house,
            &token,
            "GET",
            &format!("{media}?fields=caption,media_type,media_product_type,media_url,thumbnail_url"),
            &Value::Null,
        )
        .await;
        assert_eq!(
            read,
            json!({"caption": "new", "media_type": "IMAGE", "media_product_type": "FEED", "media_url": "https://example.com/a.jpg", "id": media})
        );
        let deleted = graph(&house, &token, "DELETE", &media, &Value::Null).await;
        if flow == "instagram" {
            assert_eq!(
                codes(&deleted),
                (json!(100), json!(33)),
                "deletion is the Facebook login's"
            );
            continue;
        }
        assert_eq!(deleted.json(), json!({"success": true}));
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
    let picture = json!({"image_url": "https://example.com/a.jpg", "is_carousel_item": true});
    let film = json!({"video_url": "https://example.com/a.mp4", "is_carousel_item": true});
    let (one, two) = (
        prepared(&house, &token, &picture).await,
        prepared(&house, &token, &film).await,
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
        fetched(&house).await;
        let publish = json!({"creation_id": container});
        let media = graph_ok(&house, &token, "POST", "me/media_publish", &publish).await["id"].clone();
        let path = format!(
            "{}?fields=media_type,media_product_type,media_url,children{{media_type,media_url}}",
            media.as_str().unwrap()
        );
        let read = graph_ok(&house, &token, "GET", &path, &Value::Null).await;
        assert_eq!(
            (&read["media_product_type"], &read["media_type"]),
            (&json!(product), &json!(kind)),
            "{body}"
        );
        if kind == "CAROUSEL_ALBUM" {
            assert_eq!(read["media_url"], "https://example.com/a.jpg");
            let children = read["children"]["data"].as_array().unwrap();
            let types: Vec<&Value> = children.iter().map(|child| &child["media_type"]).collect();
            assert_eq!(types, ["IMAGE", "VIDEO"]);
            let child = children[1]["id"].as_str().unwrap();
            let alone = graph_ok(
                &house,
                &token,
                "GET",
                &format!("{child}?fields=media_url"),
                &Value::Null,
            )
            .await;
            assert_eq!(alone["media_url"], "https://example.com/a.mp4");
        } else {
            assert_eq!(read.get("children"), None);
        }
    }
    let list = graph_ok(&house, &token, "GET", "me/media?fields=media_type", &Value::Null).await;
    let types: Vec<&Value> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["media_type"])
        .collect();
    assert_eq!(
        types[..2],
        ["CAROUSEL_ALBUM", "VIDEO"],
        "what an album consists of stands in no list: {list}"
    );
}

/// Meta's page of publishing errors, row by row as far as a picture or film can cause them.
#[tokio::test]
async fn files_are_fetched_and_held_against_their_limits() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    for (picture, code, subcode) in [
        ("https://example.com/gone", 9004, 2_207_052),
        ("https://example.com/a.slow", -2, 2_207_003),
        ("https://example.com/8388609.jpg", 36_000, 2_207_004),
        ("https://example.com/a.png", 36_001, 2_207_005),
    ] {
        let refused = graph(&house, &token, "POST", "me/media", &json!({"image_url": picture})).await;
        assert_eq!(codes(&refused), (json!(code), json!(subcode)), "{picture}");
        let error = refused.json()["error"].clone();
        assert!(
            error["error_user_msg"].is_string() && error["type"] == "OAuthException",
            "{error}"
        );
        assert!(refused.headers["x-selfsame-why"].to_str().unwrap().contains(picture));
    }
    for (film, expected, status_words) in [
        ("https://example.com/a.mp4", "FINISHED", "Finished"),
        ("https://example.com/a.webm", "ERROR", "error code 2207026"),
        ("https://example.com/314572801.mp4", "ERROR", "error code 2207026"),
        ("https://example.com/gone", "ERROR", "error code 2207052"),
        ("https://example.com/a.slow", "ERROR", "error code 2207003"),
    ] {
        let container = prepared(&house, &token, &json!({"video_url": film})).await;
        assert_eq!(status(&house, &token, &container).await, "IN_PROGRESS");
        let publish = json!({"creation_id": container});
        let early = graph(&house, &token, "POST", "me/media_publish", &publish).await;
        assert_eq!(codes(&early), (json!(9007), json!(2_207_027)), "{film}");
        fetched(&house).await;
        let read = graph_ok(
            &house,
            &token,
            "GET",
            &format!("{container}?fields=status_code,status"),
            &Value::Null,
        )
        .await;
        assert_eq!(read["status_code"], expected, "{film}");
        assert!(read["status"].as_str().unwrap().contains(status_words), "{read}");
        let published = graph(&house, &token, "POST", "me/media_publish", &publish).await;
        assert_eq!(published.status.is_success(), expected == "FINISHED", "{film}");
    }
}

#[tokio::test]
async fn a_film_that_never_ends_holds_up_no_other() {
    let mut house = House::with_bot().await;
    let fetcher = MediaFetcher::new(|url: String, _size_bytes_max| async move {
        if url.ends_with("endless.mp4") {
            std::future::pending::<()>().await;
        }
        Ok(Fetched {
            content_type: "video/mp4".to_owned(),
            body: Bytes::from_static(b"film"),
        })
    });
    house.platform = house.platform.clone().with_media_fetcher(fetcher);
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let endless = prepared(&house, &token, &json!({"video_url": "https://example.com/endless.mp4"})).await;
    let mut others = Vec::new();
    for number in 0..9 {
        let film = json!({"video_url": format!("https://example.com/{number}.mp4")});
        others.push(prepared(&house, &token, &film).await);
    }
    let all_others = async {
        for other in &others {
            while status(&house, &token, other).await != "FINISHED" {
                tokio::task::yield_now().await;
            }
        }
    };
    let finish = CancellationToken::new();
    tokio::select! {
        () = house.platform.fetch_files(&finish) => panic!("nobody asked it to end"),
        waited = tokio::time::timeout(Duration::from_secs(30), all_others) => waited.unwrap(),
    }
    assert_eq!(status(&house, &token, &endless).await, "IN_PROGRESS");
}

#[tokio::test]
async fn an_album_waits_for_its_films_and_fails_with_them() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    for (film, expected) in [
        ("https://example.com/a.mp4", "FINISHED"),
        ("https://example.com/a.webm", "ERROR"),
    ] {
        let picture = json!({"image_url": "https://example.com/a.jpg", "is_carousel_item": true});
        let picture = prepared(&house, &token, &picture).await;
        let film = prepared(&house, &token, &json!({"video_url": film, "is_carousel_item": true})).await;
        let album = json!({"media_type": "CAROUSEL", "children": [picture, film]});
        let album = prepared(&house, &token, &album).await;
        assert_eq!(status(&house, &token, &album).await, "IN_PROGRESS");
        fetched(&house).await;
        assert_eq!(status(&house, &token, &album).await, expected);
    }
}

#[tokio::test]
async fn without_fetching_every_container_is_finished_at_once() {
    let house = House::open_with(|config| config.fetch_media = false).await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    for body in [
        json!({"image_url": "https://example.com/gone"}),
        json!({"video_url": "https://example.com/gone"}),
    ] {
        let container = prepared(&house, &token, &body).await;
        assert_eq!(status(&house, &token, &container).await, "FINISHED");
        assert_eq!(house.platform.fetch_files_once().await.unwrap(), 0);
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
    let picture = "https://example.com/a.jpg";
    for (path, body, code, subcode) in [
        ("me/media", json!({}), 100, None),
        ("me/media", json!({"image_url": "nonsense"}), 100, None),
        (
            "me/media",
            json!({"image_url": picture, "media_type": "HOLOGRAM"}),
            100,
            Some(2_207_023),
        ),
        ("me/media", json!({"media_type": "CAROUSEL"}), 100, Some(2_207_028)),
        (
            "me/media",
            json!({"media_type": "CAROUSEL", "children": [item]}),
            100,
            Some(2_207_028),
        ),
        (
            "me/media",
            json!({"media_type": "CAROUSEL", "children": vec![item.clone(); 11]}),
            100,
            Some(2_207_028),
        ),
        (
            "me/media",
            json!({"media_type": "CAROUSEL", "children": [item, container]}),
            100,
            None,
        ),
        (
            "me/media",
            json!({"image_url": picture, "caption": "x".repeat(2_201)}),
            36_004,
            Some(2_207_010),
        ),
        ("me/media_publish", json!({}), 100, None),
        ("me/media_publish", json!({"creation_id": "7"}), 24, Some(2_207_008)),
        ("me/media_publish", json!({"creation_id": item}), 100, None),
    ] {
        let refused = graph(&house, &token, "POST", path, &body).await;
        assert_eq!(codes(&refused), (json!(code), json!(subcode)), "{path} {body}");
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
    assert_eq!(codes(&late), (json!(-2), json!(2_207_020)));
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
