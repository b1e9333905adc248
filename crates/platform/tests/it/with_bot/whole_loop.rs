//! DM, tap, comment and send, for accounts onboarded by Instagram login only, by Facebook login only, and by both.

use selfsame_platform::actions::{Tap, TapTarget};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::Unverified;
use serde_json::{Value, json};

use super::house::{House, Received};

async fn secrets(house: &House) -> [AppSecret; 2] {
    let store = &house.platform.world().store;
    let app = store
        .read(|connection| Ok(selfsame_platform::store::apps::by_name(connection, "demo")?.unwrap()))
        .await
        .unwrap();
    [
        AppSecret::new(app.instagram_app_secret),
        AppSecret::new(app.meta_app_secret),
    ]
}

/// Which flow's secret signed it; both headers must agree.
fn signed_by(received: &Received, secrets: &[AppSecret]) -> LoginFlow {
    let header = |name: &str| {
        received
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let by_256 = Unverified::new(received.raw.clone(), header("x-hub-signature-256").as_deref(), None)
        .verify(secrets)
        .unwrap();
    let by_1 = Unverified::new(received.raw.clone(), None, header("x-hub-signature").as_deref())
        .verify(secrets)
        .unwrap();
    assert_eq!(by_256.secret_index(), by_1.secret_index());
    [LoginFlow::Instagram, LoginFlow::Facebook][by_256.secret_index()]
}

fn messaging(received: &Received) -> &Value {
    &received.body["entry"][0]["messaging"][0]
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
async fn self_loop(house: &House, token: &str, expected: &[LoginFlow]) {
    let secrets = secrets(house).await;
    let luna = house.account("luna.coffee").await;
    let (ig_id, self_igsid) = (
        luna.ig_id.unwrap().into_string(),
        luna.self_igsid.unwrap().into_string(),
    );
    let check_signers = |received: &[Received]| {
        let mut signers: Vec<LoginFlow> = received.iter().map(|one| signed_by(one, &secrets)).collect();
        signers.sort();
        assert_eq!(signers, expected);
    };

    // The owner writes to herself: only as an echo.
    let mid = house.dm("@luna.coffee", "luna.coffee", "menü 🎉").await;
    let got = house.deliver().await;
    check_signers(&got);
    for one in &got {
        assert_eq!(
            one.body,
            json!({"object": "instagram", "entry": [{"id": ig_id, "time": 1_795_348_800_000_i64, "messaging": [{
                "sender": {"id": ig_id}, "recipient": {"id": self_igsid}, "timestamp": 1_795_348_800_000_i64,
                "message": {"mid": mid, "text": "menü 🎉", "is_echo": true, "is_self": true}}]}]})
        );
        assert!(
            String::from_utf8(one.raw.to_vec())
                .unwrap()
                .contains(r"men\u00fc \ud83c\udf89")
        );
    }

    // The app answers by the documented form; its echo has the same mid and the same flags.
    let body = json!({"message": {"attachment": {"type": "template", "payload": {
        "template_type": "button", "text": "What would you like?",
        "buttons": [{"type": "postback", "title": "Coffee", "payload": "COFFEE"}]}}}});
    let answer = house
        .post(token, &format!("/v24.0/{self_igsid}/messages"), &body)
        .await
        .ok();
    let sent = answer["id"].as_str().unwrap().to_owned();
    assert_eq!(answer, json!({"id": sent}));
    let got = house.deliver().await;
    check_signers(&got);
    for one in &got {
        let event = messaging(one);
        assert_eq!(
            (&event["sender"]["id"], &event["recipient"]["id"]),
            (&json!(ig_id), &json!(self_igsid))
        );
        assert_eq!(event["message"]["mid"], json!(sent));
        assert_eq!(
            (&event["message"]["is_echo"], &event["message"]["is_self"]),
            (&json!(true), &json!(true))
        );
    }

    // She taps: `is_self` beside `postback`, no `is_echo`.
    let target = TapTarget::Button {
        mid: sent,
        button: "coffee".to_owned(),
    };
    house
        .platform
        .world()
        .tap(Tap {
            person: "luna.coffee".to_owned(),
            target,
        })
        .await
        .unwrap();
    let got = house.deliver().await;
    check_signers(&got);
    for one in &got {
        let event = messaging(one);
        let keys: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["sender", "recipient", "timestamp", "is_self", "postback"]);
        assert_eq!(event["is_self"], json!(true));
        let postback = event["postback"].as_object().unwrap();
        assert_eq!(postback.keys().collect::<Vec<_>>(), ["title", "payload", "mid"]);
        assert_eq!(
            (&postback["title"], &postback["payload"]),
            (&json!("Coffee"), &json!("COFFEE"))
        );
    }

    // She comments on her own post.
    let comment = house.comment("luna.coffee", "price?").await;
    let got = house.deliver().await;
    check_signers(&got);
    for one in &got {
        assert_eq!(one.body["entry"][0]["time"], json!(1_795_348_800));
        let change = &one.body["entry"][0]["changes"][0];
        assert_eq!(change["field"], json!("comments"));
        let value = &change["value"];
        assert_eq!(
            value["from"],
            json!({"id": ig_id, "username": "luna.coffee", "self_ig_scoped_id": self_igsid})
        );
        assert_eq!((&value["id"], &value["text"]), (&json!(comment), &json!("price?")));
        assert_eq!(
            value.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["from", "id", "text", "media"]
        );
    }

    // The app replies in public; that reply comes back as a comment of the owner.
    let reply = house
        .post(
            token,
            &format!("/v24.0/{comment}/replies"),
            &json!({"message": "I sent you a message"}),
        )
        .await
        .ok();
    let got = house.deliver().await;
    check_signers(&got);
    for one in &got {
        let value = &one.body["entry"][0]["changes"][0]["value"];
        assert_eq!((&value["id"], &value["parent_id"]), (&reply["id"], &json!(comment)));
        assert_eq!(value["from"]["self_ig_scoped_id"], json!(self_igsid));
    }
}

#[tokio::test]
async fn an_account_onboarded_by_instagram_login() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    self_loop(&house, &token, &[LoginFlow::Instagram]).await;
}

#[tokio::test]
async fn an_account_onboarded_by_facebook_login() {
    let house = House::demo(LoginFlow::Facebook).await;
    let token = house.token(LoginFlow::Facebook).await;
    self_loop(&house, &token, &[LoginFlow::Facebook]).await;
}

#[tokio::test]
async fn an_account_onboarded_by_both_is_told_twice_each_signed_by_its_flow() {
    let house = House::demo(LoginFlow::Instagram).await;
    house
        .grant(
            "luna.coffee",
            LoginFlow::Facebook,
            None,
            Some(&["messages", "messaging_postbacks", "comments"]),
        )
        .await;
    let token = house.token(LoginFlow::Facebook).await;
    self_loop(&house, &token, &[LoginFlow::Instagram, LoginFlow::Facebook]).await;
}

#[tokio::test]
async fn an_ordinary_person_is_told_as_inbound_and_answered_in_the_standard_form() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let ig_id = house.account("luna.coffee").await.ig_id.unwrap().into_string();
    let mid = house.dm("sam", "luna.coffee", "hello").await;
    let sam = house.igsid("sam").await;
    let got = house.deliver().await;
    assert_eq!(got.len(), 1);
    assert_eq!(
        messaging(&got[0]),
        &json!({"sender": {"id": sam}, "recipient": {"id": ig_id}, "timestamp": 1_795_348_800_000_i64, "message": {"mid": mid, "text": "hello"}})
    );
    let body = json!({"recipient": {"id": sam}, "message": {"text": "hi Sam", "quick_replies": [
        {"content_type": "text", "title": "Yes", "payload": "YES"}]}});
    let answer = house.post(&token, "/v24.0/me/messages", &body).await.ok();
    assert_eq!(
        answer.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["recipient_id", "message_id"]
    );
    assert_eq!(answer["recipient_id"], json!(sam));
    let echo = &house.deliver().await[0];
    assert_eq!(
        messaging(echo)["message"],
        json!({"mid": answer["message_id"], "text": "hi Sam", "is_echo": true})
    );
    assert_eq!(messaging(echo)["recipient"]["id"], json!(sam));

    let comment = house.comment("sam", "nice").await;
    let got = house.deliver().await;
    let value = &got[0].body["entry"][0]["changes"][0]["value"];
    assert_eq!(value["from"], json!({"id": sam, "username": "sam"}));
    let body = json!({"recipient": {"comment_id": comment}, "message": {"text": "thanks"}});
    let reply = house.post(&token, "/me/messages", &body).await.ok();
    assert_eq!(reply["recipient_id"], json!(sam));
    assert_eq!(
        house.texts("luna.coffee", "sam").await,
        [("person", "hello"), ("business", "hi Sam"), ("business", "thanks")]
            .map(|(side, text)| (side.to_owned(), text.to_owned()))
    );
}
