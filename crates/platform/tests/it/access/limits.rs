//! Rate limits and usage headers (contract: send-api §5.8, errors §7.4 "rate").

use jiff::SignedDuration;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::with_bot::house::{Answer, House};

const LIMITED: (u16, i64, i64) = (400, 613, 2_534_040);

async fn house(switches: Value) -> House {
    let house = House::demo(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.dm("sam", "luna.coffee", "hi").await;
    limits(&house, switches).await;
    house
}

async fn limits(house: &House, switches: Value) {
    let mut all = json!({"limits.enforced": true});
    all.as_object_mut()
        .unwrap()
        .extend(switches.as_object().unwrap().clone());
    house.sim("PUT", "/_sim/switches", &all).await.ok();
}

fn usage(answer: &Answer, header: &str) -> Value {
    serde_json::from_str(answer.headers[header].to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn sends_beyond_the_limit_are_refused_by_613_until_world_time_has_passed_for_that_account_and_app_only() {
    let house = house(json!({"limits.instagram_messages_per_second": 3})).await;
    let (instagram, facebook) = (
        house.token(LoginFlow::Instagram).await,
        house.token(LoginFlow::Facebook).await,
    );
    let sam = house.igsid("sam").await;
    let send = json!({"recipient": {"id": sam}, "message": {"text": "x"}});
    let typing = json!({"recipient": {"id": sam}, "sender_action": "typing_on"});
    for body in [&send, &typing, &send] {
        house.post(&instagram, "/me/messages", body).await.ok();
    }
    for body in [&send, &typing] {
        let refused = house.post(&instagram, "/me/messages", body).await;
        assert_eq!(refused.refusal(), LIMITED);
        let message = &refused.body["error"]["message"];
        assert_eq!(message, &json!("Calls to this api have exceeded the rate limit."));
        assert!(
            refused.why().contains("limits.instagram_messages_per_second"),
            "{}",
            refused.why()
        );
        let ig_id = house.account("luna.coffee").await.ig_id.unwrap().into_string();
        let business = usage(&refused, "x-business-use-case-usage");
        assert_eq!(business[&ig_id][0]["call_count"], json!(99));
    }
    // Reading is another class.
    house.get(&instagram, "/me").await.ok();
    limits(&house, json!({"limits.facebook_messages_per_second": 300})).await;
    house.advance(SignedDuration::from_millis(334));
    house.post(&instagram, "/me/messages", &send).await.ok();
    assert_eq!(house.post(&instagram, "/me/messages", &send).await.refusal(), LIMITED);
    house.advance(SignedDuration::from_secs(1));
    house.post(&facebook, "/me/messages", &send).await.ok();
}

#[tokio::test]
async fn conversations_are_read_twice_a_second() {
    let house = house(json!({})).await;
    let token = house.token(LoginFlow::Instagram).await;
    let list = house.get(&token, "/me/conversations").await.ok();
    let conversation = list["data"][0]["id"].as_str().unwrap();
    house
        .get(&token, &format!("/{conversation}?fields=messages"))
        .await
        .ok();
    assert_eq!(house.get(&token, "/me/conversations").await.refusal(), LIMITED);
    house.advance(SignedDuration::from_millis(500));
    house.get(&token, "/me/conversations").await.ok();
}

#[tokio::test]
async fn private_replies_have_an_hour_that_a_restart_does_not_renew() {
    let house = house(json!({"limits.private_replies_per_hour": 2})).await;
    let token = house.token(LoginFlow::Instagram).await;
    let reply = |comment: String| json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}});
    for _ in 0..2 {
        let body = reply(house.comment("sam", "price?").await);
        house.post(&token, "/me/messages", &body).await.ok();
    }
    let third = reply(house.comment("sam", "price?").await);
    let refused = house.post(&token, "/me/messages", &third).await;
    assert_eq!(refused.refusal(), LIMITED);
    house.platform.save_rates_once().await.unwrap();
    let house = house.restart(LoginFlow::Instagram).await;
    limits(&house, json!({})).await;
    assert_eq!(house.post(&token, "/me/messages", &third).await.refusal(), LIMITED);
    house.advance(SignedDuration::from_mins(30));
    house.post(&token, "/me/messages", &third).await.ok();
}

/// The limits of the platform and of use cases, by the calls that they belong to.
#[tokio::test]
async fn other_calls_are_limited_by_the_code_of_their_kind() {
    let house = house(json!({})).await;
    let world = house.get("x", "/_sim/world").await.ok();
    let tokens = world["accounts"][0]["tokens"].as_array().unwrap().clone();
    let of = |kind: &str| {
        let found = tokens.iter().find(|token| token["kind"] == kind).unwrap();
        found["access_token"].as_str().unwrap().to_owned()
    };
    let profile = "/me/messenger_profile?fields=ice_breakers&platform=instagram";
    for (switch, kind, path, code) in [
        ("limits.user_calls_per_hour", "facebook_user_long", "/me/accounts", 17),
        ("limits.page_calls_per_hour", "page", "/me?fields=id", 32),
        ("limits.messenger_calls_per_day", "page", profile, 80_006),
        (
            "limits.instagram_calls_per_day",
            "instagram_long",
            "/me?fields=username",
            80_002,
        ),
        ("limits.app_calls_per_hour", "instagram_long", "/me/media", 4),
    ] {
        limits(&house, json!({ switch: 1 })).await;
        let token = of(kind);
        house.get(&token, path).await.ok();
        let refused = house.get(&token, path).await;
        assert_eq!(refused.refusal(), (400, code, 0), "{path}");
        assert_eq!(refused.body["error"]["is_transient"], json!(true));
        limits(&house, json!({ switch: 0 })).await;
        house.get(&token, path).await.ok();
    }
}

#[tokio::test]
async fn each_answer_tells_what_was_used_in_the_dialect_of_its_host() {
    let house = house(json!({"limits.app_calls_per_hour": 4, "limits.conversations_per_second": 2})).await;
    let luna = house.account("luna.coffee").await;
    let (ig_id, page_id) = (
        luna.ig_id.unwrap().into_string(),
        luna.page.unwrap().page_id.into_string(),
    );
    let instagram = house.token(LoginFlow::Instagram).await;
    let answer = house.get(&instagram, "/me/conversations").await;
    assert_eq!(usage(&answer, "x-app-usage"), json!({"call_volume": 25, "cpu_time": 0}));
    let row = |kind: &str, percent: i64| json!([{"type": kind, "call_count": percent, "total_cputime": 0, "total_time": 0, "estimated_time_to_regain_access": 0}]);
    assert_eq!(
        usage(&answer, "x-business-use-case-usage"),
        json!({ &ig_id: row("instagram", 50) })
    );
    house.advance(SignedDuration::from_hours(1));
    let facebook = house.token(LoginFlow::Facebook).await;
    let answer = house.get(&facebook, "/me/conversations?platform=instagram").await;
    assert_eq!(
        usage(&answer, "x-app-usage"),
        json!({"call_count": 25, "total_time": 0, "total_cputime": 0})
    );
    assert_eq!(
        usage(&answer, "x-business-use-case-usage"),
        json!({ &ig_id: row("instagram", 0), &page_id: row("messenger", 50) })
    );
    let refused = house.get("IGAAnobody", "/me").await;
    assert!(!refused.headers.contains_key("x-app-usage"));
}
