//! Each rule of contract errors §7.4 with the error it answers, and each wrong id with its explanation.

use axum::body::Body;
use http::Request;
use jiff::SignedDuration;
use selfsame_platform::actions::ChangeApp;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use super::house::House;

async fn open_self_thread() -> (House, String, String) {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    (house, token, self_igsid)
}

fn text(text: &str) -> Value {
    json!({"message": {"text": text}})
}

fn to(id: &str) -> Value {
    json!({"recipient": {"id": id}, "message": {"text": "x"}})
}

#[tokio::test]
async fn before_the_first_self_dm_on_the_phone_the_api_may_not_write_to_oneself() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    for (path, body) in [
        (format!("/v24.0/{self_igsid}/messages"), text("x")),
        ("/me/messages".to_owned(), to(&self_igsid)),
    ] {
        let refused = house.post(&token, &path, &body).await;
        assert_eq!(refused.refusal(), (400, 100, 2_534_014));
        assert!(refused.why().contains("not open yet"), "{}", refused.why());
    }
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house
        .post(&token, &format!("/v24.0/{self_igsid}/messages"), &text("x"))
        .await
        .ok();
}

#[tokio::test]
async fn a_wrong_recipient_id_says_which_id_was_used() {
    let (house, token, self_igsid) = open_self_thread().await;
    let luna = house.account("luna.coffee").await;
    let me = house.get(&token, "/me").await.ok();
    let cases = [
        (luna.ig_id.unwrap().into_string(), "own IG id"),
        (me["id"].as_str().unwrap().to_owned(), "app-scoped id"),
        (luna.page.unwrap().page_id.into_string(), "Page id"),
        ("123".to_owned(), "nobody has the id"),
    ];
    for (id, expected) in cases {
        let refused = house.post(&token, "/me/messages", &to(&id)).await;
        assert_eq!(refused.refusal(), (400, 100, 2_534_014), "{id}");
        assert!(refused.why().contains(expected), "{}", refused.why());
        if expected != "nobody has the id" {
            assert!(refused.why().contains(&self_igsid), "{}", refused.why());
        }
    }
}

#[tokio::test]
async fn the_path_form_serves_the_self_igsid_only() {
    let (house, token, self_igsid) = open_self_thread().await;
    house.dm("sam", "luna.coffee", "hi").await;
    let sam = house.igsid("sam").await;
    let refused = house.post(&token, &format!("/{sam}/messages"), &text("x")).await;
    assert_eq!(refused.refusal(), (400, 100, 2_534_014));
    let refused = house.post(&token, &format!("/{self_igsid}/messages"), &to(&sam)).await;
    assert_eq!(refused.refusal(), (400, 100, 0));
    let same = house
        .post(&token, &format!("/{self_igsid}/messages"), &to(&self_igsid))
        .await
        .ok();
    assert!(same["id"].is_string() && same.as_object().unwrap().len() == 1);
}

#[tokio::test]
async fn quick_replies_to_oneself_are_refused_or_dropped_by_switch() {
    let (house, token, self_igsid) = open_self_thread().await;
    let body =
        json!({"message": {"text": "x", "quick_replies": [{"content_type": "text", "title": "A", "payload": "A"}]}});
    let path = format!("/{self_igsid}/messages");
    assert_eq!(house.post(&token, &path, &body).await.refusal(), (400, 100, 2_534_015));
    let mut switches = (*house.platform.world().switches.current()).clone();
    switches.self_quick_replies = selfsame_platform::switches::SelfQuickReplies::Drop;
    house.platform.world().switches.replace(switches);
    house.post(&token, &path, &body).await.ok();
}

#[tokio::test]
async fn the_window_closes_for_others_and_never_for_oneself() {
    let (house, token, self_igsid) = open_self_thread().await;
    let facebook = house.token(LoginFlow::Facebook).await;
    house.dm("sam", "luna.coffee", "hi").await;
    let sam = house.igsid("sam").await;
    house.advance(SignedDuration::from_hours(24));
    house.post(&token, "/me/messages", &to(&sam)).await.ok();
    house.advance(SignedDuration::from_secs(1));
    let refused = house.post(&token, "/me/messages", &to(&sam)).await;
    assert_eq!(refused.refusal(), (403, 10, 2_534_022));
    assert_eq!(
        refused.body["error"]["message"],
        json!("This message is sent outside of allowed window.")
    );
    let refused = house.post(&facebook, "/me/messages", &to(&sam)).await;
    assert_eq!(refused.refusal(), (400, 10, 2_534_022));
    assert!(refused.body["error"]["message"].as_str().unwrap().starts_with("(#10) "));
    house
        .post(&token, &format!("/{self_igsid}/messages"), &text("still open"))
        .await
        .ok();
    let tagged = json!({"recipient": {"id": sam}, "message": {"text": "x"}, "messaging_type": "MESSAGE_TAG", "tag": "human_agent"});
    house.post(&token, "/me/messages", &tagged).await.ok();
    house.advance(SignedDuration::from_hours(24 * 7));
    assert_eq!(
        house.post(&token, "/me/messages", &tagged).await.refusal(),
        (403, 10, 2_534_022)
    );
}

#[tokio::test]
async fn texts_are_limited_in_bytes() {
    let (house, token, self_igsid) = open_self_thread().await;
    let path = format!("/{self_igsid}/messages");
    house.post(&token, &path, &text(&"ü".repeat(500))).await.ok();
    assert_eq!(
        house
            .post(&token, &path, &text(&format!("{}a", "ü".repeat(500))))
            .await
            .refusal(),
        (400, 100, 2_534_015)
    );
    assert_eq!(
        house.post(&token, &path, &json!({"message": {}})).await.refusal().1,
        100
    );
    assert_eq!(house.post(&token, &path, &json!({})).await.refusal().1, 100);
    let both = json!({"message": {"text": "x"}, "sender_action": "typing_on"});
    assert_eq!(house.post(&token, &path, &both).await.refusal(), (400, 100, 2_018_014));
}

#[tokio::test]
async fn private_replies_are_one_per_comment_for_seven_days_and_not_to_oneself() {
    let (house, token, _) = open_self_thread().await;
    let reply = |comment: &str| json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}});
    let own = house.comment("luna.coffee", "mine").await;
    let refused = house.post(&token, "/me/messages", &reply(&own)).await;
    assert_eq!(refused.refusal(), (400, 100, 2_534_025));
    assert!(refused.why().contains("self_ig_scoped_id"));
    let other = house.comment("sam", "hers").await;
    house.post(&token, "/me/messages", &reply(&other)).await.ok();
    assert_eq!(
        house.post(&token, "/me/messages", &reply(&other)).await.refusal(),
        (400, 100, 2_534_025)
    );
    let old = house.comment("sam", "old").await;
    house.advance(SignedDuration::from_hours(24 * 7 + 1));
    assert_eq!(
        house.post(&token, "/me/messages", &reply(&old)).await.refusal(),
        (400, 100, 2_534_025)
    );
    assert_eq!(
        house.post(&token, "/me/messages", &reply("404")).await.refusal(),
        (400, 100, 2_534_025)
    );
}

#[tokio::test]
async fn tokens_belong_to_their_host() {
    let (house, instagram, self_igsid) = open_self_thread().await;
    let facebook = house.token(LoginFlow::Facebook).await;
    let path = format!("/v24.0/{self_igsid}/messages");
    let refused = house.post_on("graph.facebook.com", &instagram, &path, &text("x")).await;
    assert_eq!(refused.refusal(), (401, 190, 0));
    assert!(refused.why().contains("graph.instagram.com"), "{}", refused.why());
    assert_eq!(refused.headers["facebook-api-version"], "v24.0");
    let refused = house.post_on("graph.instagram.com", &facebook, &path, &text("x")).await;
    assert_eq!(refused.refusal(), (400, 190, 0));
    house
        .post_on("graph.instagram.com", &instagram, &path, &text("x"))
        .await
        .ok();
    let answered = house
        .post_on("graph.facebook.localhost:7353", &facebook, &path, &text("x"))
        .await;
    assert_eq!(answered.headers["facebook-api-version"], "v24.0");
    answered.ok();
}

#[tokio::test]
async fn tokens_that_are_missing_unknown_expired_or_revoked() {
    let (house, token, _) = open_self_thread().await;
    let none = house
        .call(
            Request::get("/me")
                .header("host", "localhost")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(none.refusal(), (400, 190, 0));
    assert_eq!(none.body["error"]["type"], json!("IGApiException"));
    assert_eq!(house.get("IGAAnever", "/me").await.refusal(), (400, 190, 0));
    assert_eq!(house.get("EAAnever", "/me").await.refusal(), (401, 190, 0));
    house.advance(SignedDuration::from_hours(24 * 61));
    assert_eq!(house.get(&token, "/me").await.refusal(), (400, 190, 463));
    let world = house.platform.world();
    world
        .revoke_access("demo".to_owned(), "luna.coffee".to_owned(), None)
        .await
        .unwrap();
    assert_eq!(house.get(&token, "/me").await.refusal(), (400, 190, 458));
}

#[tokio::test]
async fn permissions_are_required_per_call_in_both_columns() {
    let (house, _, self_igsid) = open_self_thread().await;
    let comment = house.comment("sam", "x").await;
    let send = format!("/{self_igsid}/messages");
    let reply = format!("/{comment}/replies");
    // (flow, scopes, may send, may reply)
    let rows: &[(LoginFlow, &[&str], bool, bool)] = &[
        (LoginFlow::Instagram, &["instagram_business_basic"], false, false),
        (
            LoginFlow::Instagram,
            &["instagram_business_basic", "instagram_business_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Instagram,
            &["instagram_business_basic", "instagram_business_manage_comments"],
            false,
            true,
        ),
        (
            LoginFlow::Instagram,
            &["instagram_business_manage_messages"],
            false,
            false,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_basic", "instagram_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_business_basic", "instagram_business_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_basic", "instagram_manage_comments", "pages_read_engagement"],
            false,
            true,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_basic", "instagram_manage_comments"],
            false,
            false,
        ),
        (LoginFlow::Facebook, &["instagram_basic"], false, false),
    ];
    for (flow, scopes, may_send, may_reply) in rows {
        let token = house.grant("luna.coffee", *flow, Some(scopes), None).await;
        let denied = match flow {
            LoginFlow::Instagram => (403, 10, 0),
            LoginFlow::Facebook => (400, 200, 0),
        };
        for (path, body, may) in [
            (&send, text("x"), may_send),
            (&reply, json!({"message": "x"}), may_reply),
        ] {
            let answer = house.post(&token, path, &body).await;
            if *may {
                answer.ok();
            } else {
                assert_eq!(answer.refusal(), denied, "{flow:?} {scopes:?} {path}");
            }
        }
    }
}

#[tokio::test]
async fn unknown_objects_operations_and_paths() {
    let (house, token, _) = open_self_thread().await;
    assert_eq!(house.get(&token, "/17999999999999999").await.refusal(), (400, 100, 33));
    assert_eq!(
        house.post(&token, "/v24.0/999/messages", &text("x")).await.refusal(),
        (400, 100, 33)
    );
    assert_eq!(house.get(&token, "/me/nothing").await.refusal(), (400, 100, 33));
    assert_eq!(house.get(&token, "/me/a/b").await.refusal(), (400, 2500, 0));
    let refused = house.get(&token, "/me?fields=id,nope").await;
    assert_eq!(refused.refusal(), (400, 100, 0));
    assert_eq!(
        refused.body["error"]["message"],
        json!("Tried accessing nonexisting field (nope)")
    );
}

#[tokio::test]
async fn the_owner_can_switch_off_access_to_messages() {
    let (house, token, self_igsid) = open_self_thread().await;
    let change = selfsame_platform::actions::ChangeAccount {
        message_access: Some(false),
        ..Default::default()
    };
    house
        .platform
        .world()
        .change_account("luna.coffee".to_owned(), change)
        .await
        .unwrap();
    assert_eq!(
        house
            .post(&token, &format!("/{self_igsid}/messages"), &text("x"))
            .await
            .refusal(),
        (400, 200, 2_534_041)
    );
}

#[tokio::test]
async fn an_app_that_requires_its_secret_is_refused_without_appsecret_proof() {
    let (house, token, _) = open_self_thread().await;
    let name = "demo".to_owned();
    let require = |required| ChangeApp {
        require_appsecret_proof: Some(required),
        ..ChangeApp::default()
    };
    let world = house.platform.world();
    house.get(&token, "/me").await.ok();
    world.change_app(name.clone(), require(true)).await.unwrap();
    let refused = house.get(&token, "/me").await;
    assert_eq!(refused.refusal(), (400, 100, 0));
    assert_eq!(
        refused.body["error"]["message"],
        json!("API calls from the server require an appsecret_proof argument")
    );
    let app = world
        .store
        .read(|connection| Ok(selfsame_platform::store::apps::by_name(connection, "demo")?.unwrap()))
        .await
        .unwrap();
    let secret = selfsame_wire::secret::AppSecret::new(app.instagram_app_secret);
    let proof = selfsame_wire::signature::appsecret_proof(&secret, &token);
    house.get(&token, &format!("/me?appsecret_proof={proof}")).await.ok();
    let batch = json!({"batch": [{"method": "GET", "relative_url": "me"}], "appsecret_proof": proof});
    let answers = house.post(&token, "/", &batch).await.ok();
    assert_eq!(
        answers[0]["code"],
        json!(200),
        "the proof of a batch counts for its items"
    );
    world.change_app(name, require(false)).await.unwrap();
    house.get(&token, "/me").await.ok();
}

#[tokio::test]
async fn appsecret_proof_is_verified_when_present() {
    let (house, token, _) = open_self_thread().await;
    let refused = house.get(&token, "/me?appsecret_proof=00").await;
    assert_eq!(refused.refusal(), (400, 100, 0));
    assert_eq!(refused.body["error"]["type"], json!("GraphMethodException"));
    let app = house
        .platform
        .world()
        .store
        .read(|connection| Ok(selfsame_platform::store::apps::by_name(connection, "demo")?.unwrap()))
        .await
        .unwrap();
    let secret = selfsame_wire::secret::AppSecret::new(app.instagram_app_secret);
    let proof = selfsame_wire::signature::appsecret_proof(&secret, &token);
    house.get(&token, &format!("/me?appsecret_proof={proof}")).await.ok();
}
