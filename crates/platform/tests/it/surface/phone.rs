//! Gestures of the phone's page that need more than a text.

use axum::body::Body;
use serde_json::{Value, json};

use crate::house::{Answer, House};

async fn post(house: &House, form: &str) -> Answer {
    let request = http::Request::builder()
        .method("POST")
        .uri("/phone/@sam/t/@luna.coffee/send")
        .header("host", "localhost:7353")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    house.send(request).await
}

#[tokio::test]
async fn the_phone_shares_answers_stories_and_sends_what_disappears() {
    let house = House::with_bot().await;
    let caption = "<b>new & \"old\"</b>";
    let post_id = house
        .ok(
            "POST",
            "/_sim/media",
            &json!({"account": "@luna.coffee", "caption": caption}),
        )
        .await["id"]
        .clone();
    let story = json!({"account": "@luna.coffee", "media_product_type": "STORY"});
    let story = house.ok("POST", "/_sim/media", &story).await["id"].clone();
    let page = house.call("GET", "/phone/@sam/t/@luna.coffee", &Value::Null).await;
    let page = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(page.contains("Send a file, a post, and more"));
    assert!(
        page.contains("&lt;b&gt;new &amp; &quot;old&quot;"),
        "captions are text, never markup"
    );
    assert!(!page.contains("<b>new"));

    let (post_id, story) = (post_id.as_str().unwrap(), story.as_str().unwrap());
    for (form, pointer, expected) in [
        (
            format!("attachment_type=share&attachment_media={post_id}"),
            "/message/attachments/0/payload/ig_post_media_id",
            post_id,
        ),
        (format!("story={story}&text=nice"), "/message/reply_to/story/id", story),
        (
            "attachment_type=ephemeral".to_owned(),
            "/message/attachments/0/type",
            "ephemeral",
        ),
    ] {
        assert!(post(&house, &form).await.status.is_redirection(), "{form}");
        house.deliver().await;
        let told: Value = serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap();
        assert_eq!(
            told["entry"][0]["messaging"][0].pointer(pointer),
            Some(&json!(expected)),
            "{form}"
        );
    }
    assert!(
        post(&house, "attachment_type=unsupported")
            .await
            .status
            .is_redirection()
    );
    house.deliver().await;
    let told: Value = serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap();
    assert_eq!(told["entry"][0]["messaging"][0]["message"]["is_unsupported"], true);
    let page = house.call("GET", "/phone/@sam/t/@luna.coffee", &Value::Null).await;
    assert_eq!(page.status, http::StatusCode::OK);
}

/// A form with files, as a browser writes it.
async fn post_files(house: &House, files: &[(&str, &str, usize)]) -> Answer {
    let mut body = Vec::new();
    for (name, content_type, size_bytes) in files {
        let head = format!(
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(vec![b'x'; *size_bytes]);
        body.extend(b"\r\n");
    }
    body.extend(b"--B--\r\n");
    let request = http::Request::builder()
        .method("POST")
        .uri("/phone/@sam/t/@luna.coffee/send")
        .header("host", "localhost:7353")
        .header("accept", "application/json")
        .header("content-type", "multipart/form-data; boundary=B")
        .body(Body::from(body))
        .unwrap();
    house.send(request).await
}

/// The addresses in the last webhook.
fn told_urls(house: &House) -> Vec<String> {
    let told: Value = serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap();
    let attachments = told["entry"][0]["messaging"][0]["message"]["attachments"].clone();
    let url = |one: &Value| one["payload"]["url"].as_str().unwrap().to_owned();
    attachments.as_array().unwrap().iter().map(url).collect()
}

async fn status(house: &House, url: &str) -> u16 {
    let path = url.strip_prefix("http://localhost:7353").unwrap();
    house.call("GET", path, &Value::Null).await.status.as_u16()
}

#[tokio::test]
async fn files_of_a_person_are_served_by_us_until_they_expire_or_are_unsent() {
    const MEBIBYTE: usize = 1024 * 1024;
    let house = House::with_bot().await;
    let pictures = [("a.png", "image/png", 3 * MEBIBYTE), ("b.jpg", "image/jpeg", 10)];
    assert_eq!(post_files(&house, &pictures).await.status, 204);
    house.deliver().await;
    let urls = told_urls(&house);
    assert_eq!(urls.len(), 2, "both in one message");
    for (url, (_, content_type, size_bytes)) in urls.iter().zip(pictures) {
        let path = url.strip_prefix("http://localhost:7353").unwrap();
        let served = house.call("GET", path, &Value::Null).await;
        assert_eq!(served.body.len(), size_bytes);
        assert_eq!(served.headers["content-type"], content_type);
    }
    let threads = house.get("/_sim/threads?a=sam&b=luna.coffee").await;
    let mid = threads["data"][0]["messages"][0]["mid"].clone();
    house
        .ok("POST", "/_sim/unsend", &json!({"as": "@sam", "mid": mid}))
        .await;
    assert_eq!(status(&house, &urls[0]).await, 404, "unsent");

    for (name, content_type) in [
        ("v.mp4", "video/mp4"),
        ("r.m4a", "audio/x-m4a"),
        ("d.pdf", "application/pdf"),
    ] {
        assert_eq!(
            post_files(&house, &[(name, content_type, 5)]).await.status,
            204,
            "{name}"
        );
    }
    house.deliver().await;
    let url = told_urls(&house).remove(0);
    assert_eq!(status(&house, &url).await, 200);
    house.ok("POST", "/_sim/clock", &json!({"advance": "7d"})).await;
    assert_eq!(status(&house, &url).await, 403, "expired");
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_refused_with_its_name_and_the_reason() {
    const MEBIBYTE: usize = 1024 * 1024;
    let house = House::with_bot().await;
    let eleven = [("a.png", "image/png", 1); 11];
    for (files, words) in [
        (
            &[("a.webp", "image/webp", 9)][..],
            "\"a.webp\" cannot be sent: it is image/webp; a phone sends PNG",
        ),
        (
            &[("a.png", "image/png", 8 * MEBIBYTE + 1)],
            "more than 8 MB, the most that a picture may have",
        ),
        (
            &[("a.pdf", "application/pdf", 0)],
            "\"a.pdf\" cannot be sent: it is empty",
        ),
        (
            &[("a.png", "image/png", 1), ("a.pdf", "application/pdf", 1)],
            "only when all are pictures",
        ),
        (&eleven, "at most 10"),
        (&[("a.mp4", "video/mp4", 32 * MEBIBYTE)], "too large"),
    ] {
        let refused = post_files(&house, files).await;
        let body: Value = serde_json::from_slice(&refused.body).unwrap();
        assert_eq!(refused.status, 422, "{body}");
        assert!(body["error"]["message"].as_str().unwrap().contains(words), "{body}");
    }
    assert_eq!(house.get("/_sim/threads").await, json!({"data": []}));
}
