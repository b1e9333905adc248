//! The `hub.challenge` handshake: 200 and the body, repeated until the bot is up.

use axum::body::Body;
use http::Request;
use selfsame_platform::domain::app::CallbackState;
use selfsame_platform::store::apps;
use selfsame_wire::flow::LoginFlow;
use serde_json::json;

use super::house::House;

/// Status and body for a challenge.
type Answer = fn(&str) -> (u16, String);

async fn state(house: &House) -> CallbackState {
    let store = &house.platform.world().store;
    store
        .read(|connection| Ok(apps::by_name(connection, "demo")?.unwrap().subscription.unwrap().state))
        .await
        .unwrap()
}

#[tokio::test]
async fn only_200_with_the_challenge_as_body_passes() {
    let house = House::unverified(LoginFlow::Instagram).await;
    let wrong: [Answer; 4] = [
        |challenge| (403, challenge.to_owned()),
        |_| (200, "OK".to_owned()),
        |challenge| (200, format!("\"{challenge}\"")),
        |challenge| (201, challenge.to_owned()),
    ];
    for answer in wrong {
        *house.bot.handshake.lock().unwrap() = Box::new(answer);
        house.platform.shake_hands_once().await.unwrap();
        assert!(matches!(
            state(&house).await,
            CallbackState::Unverified {
                last_error: Some(_),
                ..
            }
        ));
    }
    *house.bot.handshake.lock().unwrap() = Box::new(|challenge: &str| (200, challenge.to_owned()));
    assert_eq!(house.platform.shake_hands_once().await.unwrap(), 1);
    assert_eq!(state(&house).await, CallbackState::Verified);
    assert_eq!(house.platform.shake_hands_once().await.unwrap(), 0);
}

#[tokio::test]
async fn an_unverified_callback_gets_nothing_and_the_row_says_so() {
    let house = House::unverified(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert!(house.deliver().await.is_empty());
    let view = &house.delivery_views().await[0];
    assert_eq!(
        (view.status.as_str(), view.reason.as_deref()),
        ("suppressed", Some("callback_unverified"))
    );
    assert!(view.remedy.as_deref().unwrap().contains("challenge"));
}

#[tokio::test]
async fn the_subscriptions_edge_verifies_before_it_answers() {
    let house = House::demo(LoginFlow::Instagram).await;
    let app = house
        .platform
        .world()
        .store
        .read(|connection| Ok(apps::by_name(connection, "demo")?.unwrap()))
        .await
        .unwrap();
    let token = format!("{}|{}", app.meta_app_id, app.meta_app_secret);
    let path = format!("/v25.0/{}/subscriptions", app.meta_app_id);
    let body = json!({"object": "instagram", "callback_url": "http://bot.test/other", "verify_token": "t", "fields": "messages,comments"});
    *house.bot.handshake.lock().unwrap() = Box::new(|_: &str| (200, "no".to_owned()));
    let refused = house.post(&token, &path, &body).await;
    assert_eq!(refused.refusal().1, 100);
    assert!(refused.why().contains("not the challenge"), "{}", refused.why());
    *house.bot.handshake.lock().unwrap() = Box::new(|challenge: &str| (200, challenge.to_owned()));
    assert_eq!(house.post(&token, &path, &body).await.ok(), json!({"success": true}));
    let listed = house.get(&token, &path).await.ok();
    assert_eq!(
        (&listed["data"][0]["callback_url"], &listed["data"][0]["active"]),
        (&json!("http://bot.test/other"), &json!(true))
    );
    assert_eq!(listed["data"][0]["fields"][1]["name"], json!("comments"));
    assert_eq!(house.get("wrong|token", &path).await.refusal().1, 190);
    let deleted = Request::delete(format!("{path}?object=instagram&access_token={token}").replace('|', "%7C"))
        .header("host", "localhost");
    house.call(deleted.body(Body::empty()).unwrap()).await.ok();
    assert_eq!(house.get(&token, &path).await.ok(), json!({"data": []}));
}
