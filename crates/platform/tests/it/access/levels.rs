//! Modes, levels of access and roles (contract: ids-and-objects "Access levels").

use http::Request;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::with_bot::house::House;

fn to(id: &str) -> Value {
    json!({"recipient": {"id": id}, "message": {"text": "x"}})
}

async fn patch(house: &House, change: Value) {
    house.sim("PATCH", "/_sim/apps/demo", &change).await.ok();
}

async fn switch(house: &House, switches: Value) {
    house.sim("PUT", "/_sim/switches", &switches).await.ok();
}

async fn takes_the_role_of(house: &House, account: &str) {
    let role = json!({"app": "demo", "account": account});
    house.sim("DELETE", "/_sim/roles", &role).await.ok();
}

/// A demo world with a token of the Instagram login.
async fn demo() -> (House, String) {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    (house, token)
}

/// `told`, or the reasons of what was made since the last look and not sent.
async fn outcome(house: &House, made_before: usize) -> Vec<String> {
    house.deliver().await;
    let views = house.delivery_views().await;
    let of = |view: &selfsame_platform::domain::view::DeliveryView| {
        if view.status == "suppressed" {
            assert!(view.remedy.as_ref().is_some_and(|remedy| remedy.len() > 30));
        }
        view.reason.clone().unwrap_or_else(|| "told".to_owned())
    };
    views.iter().skip(made_before).map(of).collect()
}

async fn made(house: &House) -> usize {
    house.delivery_views().await.len()
}

#[tokio::test]
async fn the_demo_app_has_advanced_access_and_the_owner_a_role_so_everything_works_untouched() {
    let house = House::demo(LoginFlow::Instagram).await;
    let world = house.get("x", "/_sim/world").await.ok();
    assert_eq!(
        world["apps"][0]["access"]["instagram_business_manage_messages"],
        json!("advanced")
    );
    assert_eq!(world["apps"][0]["human_agent"], json!(true));
    assert_eq!(world["accounts"][0]["roles"]["demo"], json!("administrator"));
    house.dm("sam", "luna.coffee", "hi").await;
    house.comment("sam", "price?").await;
    assert_eq!(outcome(&house, 0).await, ["told", "told"]);
    let token = house.token(LoginFlow::Instagram).await;
    house
        .post(&token, "/me/messages", &to(&house.igsid("sam").await))
        .await
        .ok();
}

#[tokio::test]
async fn under_standard_access_an_app_writes_to_people_with_a_role_only() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.dm("sam", "luna.coffee", "hi").await;
    let comment = house.comment("sam", "price?").await;
    let sam = house.igsid("sam").await;
    patch(&house, json!({"access": {"*": "standard"}})).await;
    let reply = json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}});
    let typing = json!({"recipient": {"id": sam}, "sender_action": "typing_on"});
    for flow in LoginFlow::ALL {
        let token = house.token(flow).await;
        for body in [to(&sam), reply.clone(), typing.clone()] {
            let refused = house.post(&token, "/me/messages", &body).await;
            assert_eq!(refused.refusal(), (400, 200, 2_018_028), "{body}");
            assert!(refused.why().contains("@sam holds none"), "{}", refused.why());
        }
    }
    let token = house.token(LoginFlow::Instagram).await;
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    house.post(&token, "/me/messages", &to(&self_igsid)).await.ok();
    // An invitation is no role; an accepted one is.
    let role = json!({"app": "demo", "account": "@sam", "role": "instagram_tester"});
    let roles = house.sim("POST", "/_sim/roles", &role).await.ok();
    assert_eq!(
        roles["data"][1],
        json!({"app": "demo", "account": "@sam", "role": "instagram_tester", "accepted": false})
    );
    assert_eq!(
        house.post(&token, "/me/messages", &to(&sam)).await.refusal(),
        (400, 200, 2_018_028)
    );
    let world = house.get("x", "/_sim/world").await.ok();
    assert_eq!(world["accounts"][1]["invitations"], json!({"demo": "instagram_tester"}));
    house
        .sim("POST", "/_sim/roles/accept", &json!({"app": "demo", "account": "sam"}))
        .await
        .ok();
    for body in [to(&sam), reply, typing] {
        house.post(&token, "/me/messages", &body).await.ok();
    }
    takes_the_role_of(&house, "sam").await;
    assert_eq!(
        house.post(&token, "/me/messages", &to(&sam)).await.refusal(),
        (400, 200, 2_018_028)
    );
}

#[tokio::test]
async fn standard_access_cuts_off_an_account_without_a_role_and_tells_a_role_holder() {
    let (house, token) = demo().await;
    patch(
        &house,
        json!({"access": {"instagram_business_manage_messages": "standard"}}),
    )
    .await;
    let before = made(&house).await;
    house.dm("sam", "luna.coffee", "with a role").await;
    assert_eq!(outcome(&house, before).await, ["told"]);
    house.get(&token, "/me/conversations").await.ok();
    takes_the_role_of(&house, "@luna.coffee").await;
    let before = made(&house).await;
    house.dm("sam", "luna.coffee", "without").await;
    house.comment("sam", "comments are at advanced access").await;
    assert_eq!(outcome(&house, before).await, ["standard_access_without_role", "told"]);
    let refused = house.get(&token, "/me/conversations").await;
    assert_eq!(refused.refusal(), (403, 10, 0));
    assert!(refused.why().contains("Standard Access only"), "{}", refused.why());
    // Another permission stands where it stood.
    house.get(&token, "/me").await.ok();
}

#[tokio::test]
async fn comment_webhooks_need_advanced_access_even_of_role_holders() {
    let house = House::demo(LoginFlow::Instagram).await;
    patch(&house, json!({"access": {"*": "standard"}})).await;
    let before = made(&house).await;
    house.comment("luna.coffee", "mine").await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(outcome(&house, before).await, ["advanced_access_missing", "told"]);
    switch(&house, json!({"webhooks.comments_need_advanced_access": false})).await;
    let before = made(&house).await;
    house.comment("luna.coffee", "mine").await;
    assert_eq!(outcome(&house, before).await, ["told"]);
}

#[tokio::test]
async fn an_app_in_development_is_told_nothing_and_works_for_its_own_people() {
    let (house, token) = demo().await;
    house.dm("sam", "luna.coffee", "hi").await;
    let sam = house.igsid("sam").await;
    patch(&house, json!({"mode": "development"})).await;
    let before = made(&house).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(outcome(&house, before).await, ["app_not_live"]);
    assert_eq!(
        house.post(&token, "/me/messages", &to(&sam)).await.refusal(),
        (400, 200, 2_018_028)
    );
    switch(&house, json!({"webhooks.development_delivers_to_roles": true})).await;
    let before = made(&house).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(outcome(&house, before).await, ["told"]);
    takes_the_role_of(&house, "@luna.coffee").await;
    let before = made(&house).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(outcome(&house, before).await, ["app_not_live"]);
    assert_eq!(house.get(&token, "/me").await.refusal(), (403, 10, 0));
}

#[tokio::test]
async fn a_dialog_of_an_app_in_development_refuses_accounts_without_a_role() {
    let house = House::demo(LoginFlow::Instagram).await;
    let redirect = "http://localhost:3000/callback";
    patch(&house, json!({"mode": "development", "redirect_uris": [redirect]})).await;
    switch(&house, json!({"login.auto_consent": "@luna.coffee"})).await;
    let world = house.get("x", "/_sim/world").await.ok();
    let client = world["apps"][0]["instagram_app_id"].as_str().unwrap();
    let dialog = format!(
        "/oauth/authorize?client_id={client}&redirect_uri={redirect}&response_type=code&scope=instagram_business_basic"
    );
    let ask = || {
        Request::get(&dialog)
            .header("host", "localhost:7353")
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(house.call(ask()).await.status, 302);
    takes_the_role_of(&house, "@luna.coffee").await;
    let refused = house.call(ask()).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body.as_str().unwrap().contains("Insufficient Developer Role"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn the_human_agent_feature_is_the_apps() {
    let (house, token) = demo().await;
    house.dm("sam", "luna.coffee", "hi").await;
    let mut body = to(&house.igsid("sam").await);
    body["tag"] = json!("HUMAN_AGENT");
    house.advance(jiff::SignedDuration::from_hours(25));
    house.post(&token, "/me/messages", &body).await.ok();
    patch(&house, json!({"human_agent": false})).await;
    assert_eq!(house.post(&token, "/me/messages", &body).await.refusal(), (403, 10, 0));
}

#[tokio::test]
async fn levels_and_roles_that_do_not_exist_are_refused_and_change_nothing() {
    let house = House::demo(LoginFlow::Instagram).await;
    let before = house.get("x", "/_sim/world").await.ok();
    for (method, path, body, field) in [
        (
            "PATCH",
            "/_sim/apps/demo",
            json!({"access": {"pages_own_the_world": "standard"}}),
            "access",
        ),
        (
            "POST",
            "/_sim/roles",
            json!({"app": "demo", "account": "sam", "role": "owner"}),
            "role",
        ),
        (
            "POST",
            "/_sim/roles",
            json!({"app": "demo", "account": "nobody", "role": "tester"}),
            "account",
        ),
        (
            "POST",
            "/_sim/roles",
            json!({"app": "none", "account": "sam", "role": "tester"}),
            "app",
        ),
        (
            "POST",
            "/_sim/roles/accept",
            json!({"app": "demo", "account": "sam"}),
            "account",
        ),
        (
            "DELETE",
            "/_sim/roles",
            json!({"app": "demo", "account": "sam"}),
            "account",
        ),
        ("POST", "/_sim/blocks", json!({"as": "sam", "who": "sam"}), "who"),
        (
            "POST",
            "/_sim/blocks",
            json!({"as": "sam", "who": "luna.coffee", "kind": "hated"}),
            "kind",
        ),
    ] {
        let refused = house.sim(method, path, &body).await;
        assert!((400..500).contains(&refused.status), "{body}");
        assert_eq!(refused.body["error"]["field"], json!(field), "{body}");
    }
    assert_eq!(house.get("x", "/_sim/world").await.ok(), before);
}
