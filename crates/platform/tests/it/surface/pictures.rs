//! Every picture that the API names can be fetched.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::graph::{graph_ok, igsid, token};
use crate::house::{Answer, House};

/// Fetches an absolute URL as any program would.
async fn fetch(house: &House, url: &Value) -> Answer {
    let url: http::Uri = url.as_str().unwrap_or_else(|| panic!("{url}")).parse().unwrap();
    let request = Request::get(url.path()).header("host", url.authority().unwrap().as_str());
    house.send(request.body(Body::empty()).unwrap()).await
}

fn assert_jpeg(answer: &Answer, url: &Value) {
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (StatusCode::OK, &"image/jpeg".parse().unwrap()),
        "{url}"
    );
    assert_eq!(
        (answer.body.first_chunk(), answer.body.last_chunk()),
        (Some(&[0xff, 0xd8]), Some(&[0xff, 0xd9])),
        "{url}"
    );
}

#[tokio::test]
async fn pictures_of_accounts_people_and_posts_can_be_fetched() {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "sam", "to": "luna.coffee", "text": "hi"}),
        )
        .await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let me = graph_ok(&house, &token, "GET", "me?fields=profile_picture_url", &Value::Null).await;
    let sam = igsid(&house, "luna.coffee", "sam").await;
    let sam = graph_ok(
        &house,
        &token,
        "GET",
        &format!("{sam}?fields=profile_pic"),
        &Value::Null,
    )
    .await;
    let posts = graph_ok(&house, &token, "GET", "me/media?fields=media_url", &Value::Null).await;
    let urls = [
        &me["profile_picture_url"],
        &sam["profile_pic"],
        &posts["data"][0]["media_url"],
        &posts["data"][1]["media_url"],
    ];
    let mut seen = Vec::new();
    for url in urls {
        let picture = fetch(&house, url).await;
        assert_jpeg(&picture, url);
        assert!(!seen.contains(&picture.body), "{url} is a picture of its own");
        seen.push(picture.body);
    }
}

#[tokio::test]
async fn a_file_that_was_given_is_the_one_that_is_named_and_a_reel_without_one_has_a_thumbnail_only() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let given = json!({"account": "luna.coffee", "media_url": "https://example.com/a.jpg"});
    let given = house.ok("POST", "/_sim/media", &given).await["id"].clone();
    let reel = json!({"account": "luna.coffee", "media_product_type": "REELS"});
    let reel = house.ok("POST", "/_sim/media", &reel).await["id"].clone();
    let read = async |id: &Value| {
        let path = format!("{}?fields=media_url,thumbnail_url", id.as_str().unwrap());
        graph_ok(&house, &token, "GET", &path, &Value::Null).await
    };

    assert_eq!(
        read(&given).await,
        json!({"media_url": "https://example.com/a.jpg", "id": given})
    );
    let reel = read(&reel).await;
    assert_eq!(reel.get("media_url"), None);
    assert_jpeg(&fetch(&house, &reel["thumbnail_url"]).await, &reel["thumbnail_url"]);
}

#[tokio::test]
async fn files_are_served_under_metas_names_and_unknown_ones_are_not_found() {
    let house = House::open().await;
    let found = json!("https://graph.instagram.com/assets/profile/luna.coffee.jpg");
    assert_jpeg(&fetch(&house, &found).await, &found);
    for missing in [
        "profile/nobody.jpg",
        "profile/luna.coffee.png",
        "post/1.jpg",
        "post/.jpg",
    ] {
        let url = json!(format!("http://localhost:7353/assets/{missing}"));
        assert_eq!(fetch(&house, &url).await.status, StatusCode::NOT_FOUND, "{url}");
    }
    let media = json!("https://graph.facebook.com/assets/media/1");
    assert_eq!(
        fetch(&house, &media).await.status,
        StatusCode::FORBIDDEN,
        "the signature is the wall"
    );
}
