//! Deliveries: retried by their schedule, given up, never holding back another, recorded attempt by attempt.

use http::StatusCode;
use jiff::SignedDuration;
use selfsame_platform::TransportError;
use selfsame_wire::flow::LoginFlow;
use serde_json::json;

use super::house::{House, Received};

#[tokio::test]
async fn a_failed_delivery_is_retried_with_the_same_bytes_until_it_is_acknowledged() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.bot.behave(|_| Ok(StatusCode::INTERNAL_SERVER_ERROR));
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    // The first retry follows at once, the next one after a second.
    let first = house.deliver().await;
    assert_eq!(first.len(), 2);
    let view = &house.delivery_views().await[0];
    assert_eq!((view.status.as_str(), view.attempts.len()), ("failed", 2));
    assert_eq!(view.next_attempt_at.as_deref(), Some("2026-11-22T12:00:01Z"));
    assert_eq!(view.attempts[0].status, Some(500));
    assert!(house.deliver().await.is_empty());

    house.bot.behave(|_| Ok(StatusCode::OK));
    house.advance(SignedDuration::from_secs(1));
    let retried = house.deliver().await;
    assert_eq!(retried.len(), 1);
    assert_eq!(retried[0].raw, first[0].raw);
    assert_eq!(retried[0].headers, first[0].headers);
    let view = &house.delivery_views().await[0];
    assert_eq!((view.status.as_str(), view.attempts.len()), ("delivered", 3));
    assert_eq!(view.raw.as_bytes(), first[0].raw);
    assert!(view.attempts[0].request_headers["x-hub-signature-256"].is_string());
}

#[tokio::test]
async fn a_failing_delivery_holds_back_nothing_not_even_of_its_own_account() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.bot.behave(|received| {
        let text = received.body["entry"][0]["messaging"][0]["message"]["text"]
            .as_str()
            .unwrap_or_default();
        if text == "bad" {
            Err(TransportError::TimedOut)
        } else {
            Ok(StatusCode::OK)
        }
    });
    house.dm("luna.coffee", "luna.coffee", "bad").await;
    house.dm("luna.coffee", "luna.coffee", "good").await;
    house.deliver().await;
    let statuses: Vec<String> = house
        .delivery_views()
        .await
        .into_iter()
        .map(|view| view.status)
        .collect();
    assert_eq!(statuses, ["failed", "delivered"]);
}

/// The owner says 0, 1, … to herself.
async fn count_to(house: &House, count: usize) -> Vec<String> {
    let said: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    for text in &said {
        house.dm("luna.coffee", "luna.coffee", text).await;
    }
    said
}

fn text_of(received: &Received) -> String {
    let text = &received.body["entry"][0]["messaging"][0]["message"]["text"];
    text.as_str().unwrap().to_owned()
}

fn texts_of(received: &[Received]) -> Vec<String> {
    received.iter().map(text_of).collect()
}

#[tokio::test]
async fn first_attempts_of_a_thread_keep_their_order() {
    let house = House::demo(LoginFlow::Instagram).await;
    // More than are taken along at one time.
    let said = count_to(&house, 150).await;
    assert_eq!(texts_of(&house.deliver().await), said);
}

#[tokio::test]
async fn a_failed_attempt_keeps_its_place_in_the_order_of_first_attempts() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.bot.behave(|received| {
        let fails = text_of(received) == "2";
        Ok(if fails { StatusCode::BAD_GATEWAY } else { StatusCode::OK })
    });
    let said = count_to(&house, 6).await;
    let received = texts_of(&house.deliver().await);
    let n_failed = received.iter().filter(|text| *text == "2").count();
    let mut first_attempts = received;
    let mut seen = std::collections::HashSet::new();
    first_attempts.retain(|text| seen.insert(text.clone()));
    assert_eq!(first_attempts, said);
    let views = house.delivery_views().await;
    let statuses: Vec<&str> = views.iter().map(|view| view.status.as_str()).collect();
    assert_eq!(
        statuses,
        [
            "delivered",
            "delivered",
            "failed",
            "delivered",
            "delivered",
            "delivered"
        ]
    );
    let recorded: Vec<usize> = views.iter().map(|view| view.attempts.len()).collect();
    assert_eq!(recorded, [1, 1, n_failed, 1, 1, 1]);
}

#[tokio::test]
async fn many_deliveries_share_a_commit() {
    let house = House::demo(LoginFlow::Instagram).await;
    count_to(&house, 40).await;
    let commits = || house.platform.world().store.database().stats().commits;
    let before = commits();
    house.platform.deliver_once().await.unwrap();
    let views = house.delivery_views().await;
    assert!(views.iter().all(|view| view.status == "delivered"));
    // One leases them, one settles them.
    assert_eq!(commits() - before, 2);
}

#[tokio::test]
async fn deliveries_that_cannot_be_settled_together_are_settled_one_by_one() {
    let house = House::demo(LoginFlow::Instagram).await;
    let said = count_to(&house, 10).await;
    // After the commit that leases them.
    house
        .platform
        .world()
        .store
        .database()
        .faults()
        .fail_commits_after(1, 1);
    assert_eq!(texts_of(&house.deliver().await), said);
    let views = house.delivery_views().await;
    assert!(
        views
            .iter()
            .all(|view| view.status == "delivered" && view.attempts.len() == 1)
    );
}

#[tokio::test]
async fn deliveries_that_were_not_settled_come_again_in_their_order() {
    let house = House::demo(LoginFlow::Instagram).await;
    let said = count_to(&house, 10).await;
    house
        .platform
        .world()
        .store
        .database()
        .faults()
        .fail_commits_after(1, 2);
    house.platform.deliver_once().await.unwrap_err();
    assert_eq!(texts_of(&house.bot.take()), said);
    let house = house.restart(LoginFlow::Instagram).await;
    assert_eq!(texts_of(&house.deliver().await), said);
    let views = house.delivery_views().await;
    assert!(views.iter().all(|view| view.status == "delivered"));
}

#[tokio::test]
async fn messaging_is_given_up_after_an_hour_and_the_install_is_disabled_until_installed_again() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.bot.behave(|_| Err(TransportError::Refused("nobody".to_owned())));
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.deliver().await;
    for _ in 0..12 {
        house.advance(SignedDuration::from_mins(10));
        house.deliver().await;
    }
    let view = &house.delivery_views().await[0];
    assert_eq!(
        (view.status.as_str(), view.reason.as_deref()),
        ("dead", Some("retries_exhausted"))
    );
    house.bot.behave(|_| Ok(StatusCode::OK));
    house.dm("luna.coffee", "luna.coffee", "again").await;
    assert!(house.deliver().await.is_empty());
    assert_eq!(
        house.delivery_views().await[1].reason.as_deref(),
        Some("install_disabled")
    );
    house
        .post(&token, "/me/subscribed_apps?subscribed_fields=messages", &json!({}))
        .await
        .ok();
    house.dm("luna.coffee", "luna.coffee", "back").await;
    assert_eq!(house.deliver().await.len(), 1);
}

#[tokio::test]
async fn only_status_200_acknowledges() {
    let house = House::demo(LoginFlow::Instagram).await;
    for status in [201, 204, 302, 404, 500] {
        house.bot.behave(move |_| Ok(StatusCode::from_u16(status).unwrap()));
        house.dm("luna.coffee", "luna.coffee", "hi").await;
        house.deliver().await;
        assert_eq!(
            house.delivery_views().await.last().unwrap().status,
            "failed",
            "{status}"
        );
    }
}
