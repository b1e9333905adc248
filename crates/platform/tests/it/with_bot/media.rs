//! Media of messages: fetched within limits, uploaded, served at addresses that expire.

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use selfsame_platform::{FetchError, Fetched, MediaFetcher};
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use super::house::House;

/// A net with three files in it.
fn net() -> MediaFetcher {
    MediaFetcher::new(|url, size_bytes_max| async move {
        let file = |content_type: &str, size: usize| {
            Ok(Fetched {
                content_type: content_type.to_owned(),
                body: Bytes::from(vec![7; size]),
            })
        };
        match url.as_str() {
            "https://x.test/a.png" => file("image/png", 100),
            "https://x.test/page" => file("text/html", 100),
            "https://x.test/huge.png" => Err(FetchError::TooLarge(size_bytes_max)),
            "https://x.test/slow.mp4" => Err(FetchError::TimedOut),
            _ => Err(FetchError::Status(404)),
        }
    })
}

async fn house() -> (House, String, String) {
    let mut house = House::demo(LoginFlow::Instagram).await;
    house.platform = house.platform.clone().with_media_fetcher(net());
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.deliver().await;
    let path = format!("/{}/messages", house.account("luna.coffee").await.self_igsid.unwrap());
    (house, token, path)
}

fn message(kind: &str, payload: &Value) -> Value {
    json!({"message": {"attachment": {"type": kind, "payload": payload}}})
}

async fn status(house: &House, url: &str) -> u16 {
    let path = url.strip_prefix("http://localhost:7353").unwrap();
    house
        .call(
            Request::get(path)
                .header("host", "localhost:7353")
                .body(Body::empty())
                .unwrap(),
        )
        .await
        .status
}

#[tokio::test]
async fn an_image_is_fetched_once_and_served_by_us_until_it_expires() {
    let (house, token, path) = house().await;
    house
        .post(
            &token,
            &path,
            &message("image", &json!({"url": "https://x.test/a.png"})),
        )
        .await
        .ok();
    let echo = house.deliver().await[0].body["entry"][0]["messaging"][0]["message"]["attachments"].clone();
    assert_eq!(echo[0]["type"], json!("image"));
    let url = echo[0]["payload"]["url"].as_str().unwrap();
    assert_eq!(status(&house, url).await, 200);
    assert_eq!(status(&house, &format!("{url}0")).await, 403);
    house.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(status(&house, url).await, 403);
}

#[tokio::test]
async fn what_cannot_be_fetched_is_refused_by_its_reason_and_nothing_is_sent() {
    let (house, token, path) = house().await;
    let cases = [
        ("image", "https://x.test/none.png", 2_018_008),
        ("image", "https://x.test/page", 2_018_047),
        ("image", "https://x.test/huge.png", 2_018_109),
        ("video", "https://x.test/slow.mp4", 2_018_294),
        ("audio", "https://x.test/a.png", 2_018_047),
    ];
    for (kind, url, subcode) in cases {
        let refused = house.post(&token, &path, &message(kind, &json!({"url": url}))).await;
        assert_eq!(refused.refusal(), (400, 100, subcode), "{url}");
    }
    assert!(house.deliver().await.is_empty());
}

#[tokio::test]
async fn uploads_are_reusable_by_their_account_only() {
    let (house, token, path) = house().await;
    let body = json!({"message": {"attachment": {"type": "image", "payload": {"url": "https://x.test/a.png", "is_reusable": true}}}});
    let by_url = house.post(&token, "/me/message_attachments", &body).await.ok()["attachment_id"].clone();
    let multipart = "--B\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"attachment\":{\"type\":\"image\",\"payload\":{\"is_reusable\":true}}}\r\n\
                     --B\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--B--\r\n";
    let request = Request::post(format!("/me/messageattachments?access_token={token}"))
        .header("host", "localhost")
        .header("content-type", "multipart/form-data; boundary=B");
    let by_file = house.call(request.body(Body::from(multipart)).unwrap()).await.ok()["attachment_id"].clone();
    for id in [by_url.clone(), by_file] {
        for _ in 0..2 {
            house
                .post(&token, &path, &message("image", &json!({"attachment_id": id})))
                .await
                .ok();
        }
    }
    let wrong_kind = house
        .post(&token, &path, &message("video", &json!({"attachment_id": by_url})))
        .await;
    assert_eq!(wrong_kind.refusal(), (400, 100, 2_018_047));
    let unknown = house
        .post(&token, &path, &message("image", &json!({"attachment_id": "1"})))
        .await;
    assert_eq!(unknown.refusal(), (400, 100, 2_018_074));
}

#[tokio::test]
async fn a_file_in_a_form_may_be_as_large_as_one_by_its_address() {
    let (house, token, _path) = house().await;
    let head = "--B\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"attachment\":{\"type\":\"image\",\"payload\":{}}}\r\n\
                --B\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
    let multipart = |bytes: usize| format!("{head}{}\r\n--B--\r\n", "x".repeat(bytes));
    let upload = async |bytes: usize| {
        let request = Request::post(format!("/me/message_attachments?access_token={token}"))
            .header("host", "localhost")
            .header("content-type", "multipart/form-data; boundary=B");
        house.call(request.body(Body::from(multipart(bytes))).unwrap()).await
    };
    upload(3 * 1024 * 1024).await.ok();
    assert_eq!(
        upload(9 * 1024 * 1024).await.refusal(),
        (400, 100, 2_018_109),
        "an image has 8 MB at most"
    );
}

#[tokio::test]
async fn a_file_that_comes_with_its_message_is_sent_and_one_that_does_not_come_is_missed() {
    let (house, token, path) = house().await;
    let multipart = |boundary: &str| {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{{\"attachment\":{{\"type\":\"image\",\"payload\":{{}}}}}}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n--{boundary}--\r\n"
        )
    };
    let request = Request::post(format!("{path}?access_token={token}"))
        .header("host", "localhost:7353")
        .header("content-type", "multipart/form-data; boundary=B");
    house.call(request.body(Body::from(multipart("B"))).unwrap()).await.ok();
    let echo = house.deliver().await[0].body["entry"][0]["messaging"][0]["message"]["attachments"].clone();
    let url = echo[0]["payload"]["url"].as_str().unwrap();
    assert_eq!(status(&house, url).await, 200);

    let without = house.post(&token, &path, &message("image", &json!({}))).await;
    assert_eq!(without.refusal(), (400, 100, 0));
    assert!(house.deliver().await.is_empty());
}

#[tokio::test]
async fn an_upload_may_have_every_size_that_its_kind_may_have() {
    const SEVEN_MEBIBYTES: usize = 7 * 1024 * 1024;
    let (house, token, _) = house().await;
    let head = "--B\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{\"attachment\":{\"type\":\"image\",\"payload\":{}}}\r\n\
                --B\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n";
    let body = [head.as_bytes(), &vec![7; SEVEN_MEBIBYTES], b"\r\n--B--\r\n"].concat();
    let request = Request::post(format!("/me/message_attachments?access_token={token}"))
        .header("host", "localhost")
        .header("content-type", "multipart/form-data; boundary=B");
    let uploaded = house.call(request.body(Body::from(body)).unwrap()).await.ok();
    assert!(uploaded["attachment_id"].is_string(), "{uploaded}");
}

#[tokio::test]
async fn several_images_travel_in_one_message() {
    let (house, token, path) = house().await;
    let image = json!({"type": "image", "payload": {"url": "https://x.test/a.png"}});
    house
        .post(&token, &path, &json!({"message": {"attachments": [image, image]}}))
        .await
        .ok();
    let echo = house.deliver().await[0].body["entry"][0]["messaging"][0]["message"]["attachments"].clone();
    assert_eq!(echo.as_array().unwrap().len(), 2);
    let many: Vec<&Value> = std::iter::repeat_n(&image, 11).collect();
    assert_eq!(
        house
            .post(&token, &path, &json!({"message": {"attachments": many}}))
            .await
            .refusal(),
        (400, 100, 2_534_015)
    );
}
