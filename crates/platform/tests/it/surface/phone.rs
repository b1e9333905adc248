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
    assert!(page.contains("Share a post, answer a story, and more"));
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
