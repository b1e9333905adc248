//! The receiver of the crate `facebook-webhook`: handshake, signature, and the payload of comments.

use facebook_webhook::event_notifications::{Payload, SIGNATURE_HEADER_NAME, VerifyPayloadError, verify_payload};
use facebook_webhook::topics::instagram::Instagram;
use facebook_webhook::verification_requests::pass_back;
use serde_json::json;

use crate::house::House;
use crate::oauth::login::{app, text};

#[tokio::test]
async fn the_handshake_is_one_that_a_third_party_passes() {
    let house = House::with_bot().await;
    let app = app(&house).await;
    let (query, answer) = house.bot.asked().remove(0);

    let passed = pass_back(&query, text(&app, "verify_token"));

    assert_eq!((passed.status_code.as_u16(), passed.body), (200, answer));
    assert_ne!(pass_back(&query, "another token").status_code.as_u16(), 200);
}

#[tokio::test]
async fn signatures_and_comments_are_read_by_a_third_party() {
    let house = House::with_bot().await;
    let app = app(&house).await;
    let said = "<b>ünï</b> 👩🏽‍🍳 a/b";
    let comment = json!({"as": "@luna.coffee", "media": "latest", "text": said});
    let made = house.ok("POST", "/_sim/comment", &comment).await;
    let dm = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": said});
    house.ok("POST", "/_sim/dm", &dm).await;
    house.deliver().await;

    let secret = text(&app, "instagram_app_secret");
    let told = house.bot.told();
    assert_eq!(told.len(), 2);
    for told in &told {
        let signature = told.headers[SIGNATURE_HEADER_NAME].as_bytes();
        verify_payload(signature, &told.body, secret).unwrap();
        let forged = verify_payload(signature, &told.body, text(&app, "meta_app_secret"));
        assert!(matches!(forged, Err(VerifyPayloadError::SignatureMismatch)));
    }
    let Payload::Instagram(entries) = serde_json::from_slice(&told[0].body).unwrap() else {
        panic!("not of the object instagram");
    };
    assert!(!entries[0].is_test());
    assert_eq!(
        entries[0].time.timestamp(),
        house.platform.world().clock.now().as_second(),
        "seconds"
    );
    let Instagram::Comments(value) = &entries[0].changes[0] else {
        panic!("no comment: {entries:?}");
    };
    assert_eq!(
        (value.id.to_string().as_str(), value.text.as_str()),
        (text(&made, "comment_id"), said)
    );
}
