//! What survives a restart: the world with its ids, jobs due and jobs to retry, windows, switches.

use http::StatusCode;
use jiff::SignedDuration;
use selfsame_wire::flow::LoginFlow;
use serde_json::json;

use super::house::House;

#[tokio::test]
async fn jobs_survive_a_restart() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "due").await;
    let house = house.restart(LoginFlow::Instagram).await;
    assert_eq!(house.deliver().await.len(), 1);

    house.bot.behave(|_| Ok(StatusCode::SERVICE_UNAVAILABLE));
    house.dm("luna.coffee", "luna.coffee", "failing").await;
    house.deliver().await;
    let house = house.restart(LoginFlow::Instagram).await;
    house.bot.behave(|_| Ok(StatusCode::OK));
    house.advance(SignedDuration::from_secs(1));
    assert_eq!(house.deliver().await.len(), 1);
    assert!(
        house
            .delivery_views()
            .await
            .iter()
            .all(|view| view.status == "delivered")
    );
}

#[tokio::test]
async fn the_demo_world_is_made_once_with_stable_ids_tokens_and_a_verified_callback() {
    let house = House::demo(LoginFlow::Instagram).await;
    let before = (
        house.account("luna.coffee").await,
        house.token(LoginFlow::Instagram).await,
        house.token(LoginFlow::Facebook).await,
    );
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    let house = house.restart(LoginFlow::Instagram).await;
    let after = (
        house.account("luna.coffee").await,
        house.token(LoginFlow::Instagram).await,
        house.token(LoginFlow::Facebook).await,
    );
    assert_eq!(before, after);
    assert_eq!(house.platform.shake_hands_once().await.unwrap(), 0);
    let self_igsid = before.0.self_igsid.unwrap().into_string();
    house
        .post(
            &after.1,
            &format!("/{self_igsid}/messages"),
            &json!({"message": {"text": "still open"}}),
        )
        .await
        .ok();
}

#[tokio::test]
async fn the_demo_world_has_what_the_design_says() {
    let house = House::demo(LoginFlow::Instagram).await;
    let luna = house.account("luna.coffee").await;
    assert!(luna.page.is_some() && luna.ig_id.is_some() && luna.self_igsid.is_some());
    assert_ne!(
        luna.ig_id.as_ref().unwrap().as_str(),
        luna.self_igsid.as_ref().unwrap().as_str()
    );
    let sam = house.account("sam").await;
    assert!(sam.ig_id.is_none() && sam.page.is_none());
    let token = house.token(LoginFlow::Instagram).await;
    assert_eq!(
        house.get(&token, "/me/media").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let installed = house.get(&token, "/me/subscribed_apps").await.ok();
    assert_eq!(installed["data"].as_array().unwrap().len(), 1);
    let facebook = house.token(LoginFlow::Facebook).await;
    assert_eq!(
        house.get(&facebook, "/me/subscribed_apps").await.ok(),
        json!({"data": []})
    );
}
