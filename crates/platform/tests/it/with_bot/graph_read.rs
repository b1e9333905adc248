//! Reading: profile, Page, people, conversations, messages, media, comments, subscriptions, messenger profile.

use axum::body::Body;
use http::Request;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use super::house::House;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn me_is_the_account_flat_and_id_is_always_answered() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let me = house
        .get(&token, "/v25.0/me?fields=user_id,username,account_type")
        .await
        .ok();
    assert_eq!(keys(&me), ["user_id", "username", "account_type", "id"]);
    assert_eq!(
        (&me["username"], &me["account_type"]),
        (&json!("luna.coffee"), &json!("BUSINESS"))
    );
    assert_ne!(me["id"], me["user_id"]);
    assert_eq!(keys(&house.get(&token, "/me").await.ok()), ["id"]);
    let answer = house.get(&token, "/v23.0/me").await;
    assert_eq!(answer.headers["instagram-api-version"], "v23.0");
    assert!(answer.headers["content-type"].to_str().unwrap().contains("json"));
}

#[tokio::test]
async fn me_with_a_page_token_is_the_page() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Facebook).await;
    let luna = house.account("luna.coffee").await;
    let page = luna.page.unwrap().page_id.into_string();
    assert_eq!(house.get(&token, "/me").await.ok()["id"], json!(page));
    let body = house
        .get(
            &token,
            &format!("/{page}?fields=instagram_business_account{{id,username}},name"),
        )
        .await
        .ok();
    assert_eq!(
        body["instagram_business_account"],
        json!({"id": luna.ig_id.unwrap().as_str(), "username": "luna.coffee"})
    );
}

#[tokio::test]
async fn the_self_thread_is_not_listed_unless_switched_on() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.dm("sam", "luna.coffee", "hello").await;
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    let sam = house.igsid("sam").await;
    let listed = house.get(&token, "/me/conversations").await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(keys(&listed["data"][0]), ["id", "updated_time"]);
    let by_user = |id: &str| format!("/me/conversations?platform=instagram&user_id={id}");
    assert_eq!(house.get(&token, &by_user(&self_igsid)).await.ok(), json!({"data": []}));
    assert_eq!(
        house.get(&token, &by_user(&sam)).await.ok()["data"][0]["id"],
        listed["data"][0]["id"]
    );
    let listed_too = selfsame_platform::switches::Switches {
        self_listed_in_conversations: true,
        limits_enforced: false, // time stands still, and three reads follow
        ..Default::default()
    };
    house.platform.world().switches.replace(listed_too);
    assert_eq!(
        house.get(&token, "/me/conversations").await.ok()["data"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let facebook = house.token(LoginFlow::Facebook).await;
    assert_eq!(house.get(&facebook, "/me/conversations").await.refusal().1, 100);
    house.get(&facebook, "/me/conversations?platform=instagram").await.ok();
}

#[tokio::test]
async fn only_the_twenty_newest_messages_have_details() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let mut mids = Vec::new();
    for number in 0..21 {
        mids.push(house.dm("sam", "luna.coffee", &format!("n{number}")).await);
    }
    assert_eq!(
        house.get(&token, &format!("/{}", mids[0])).await.refusal(),
        (400, 9_000_001, 0)
    );
    let body = house
        .get(&token, &format!("/{}?fields=id,created_time,from,to,message", mids[1]))
        .await
        .ok();
    assert_eq!(
        (&body["message"], &body["created_time"]),
        (&json!("n1"), &json!("2026-11-22T12:00:00+0000"))
    );
    assert_eq!(body["from"]["username"], json!("sam"));
    assert_eq!(body["to"]["data"][0]["username"], json!("luna.coffee"));
    let conversation = house
        .get(
            &token,
            "/me/conversations?fields=messages.limit(3){message},participants",
        )
        .await
        .ok();
    let messages = &conversation["data"][0]["messages"];
    let texts: Vec<&Value> = messages["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["message"])
        .collect();
    assert_eq!(texts, [&json!("n20"), &json!("n19"), &json!("n18")]);
    // Following `next` verbatim ends by its absence.
    let mut next = messages["paging"]["next"].as_str().map(str::to_owned);
    let mut seen = 3;
    while let Some(url) = next {
        let path = url.strip_prefix("http://localhost:7353").unwrap().to_owned();
        let page = house
            .call(
                Request::get(path)
                    .header("host", "localhost:7353")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await
            .ok();
        seen += page["data"].as_array().unwrap().len();
        next = page["paging"]["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 21);
}

#[tokio::test]
async fn a_profile_needs_the_persons_consent() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.comment("sam", "a comment is not enough").await;
    let sam = house.igsid("sam").await;
    assert_eq!(house.get(&token, &format!("/{sam}")).await.refusal().1, 230);
    house.dm("sam", "luna.coffee", "hi").await;
    let profile = house
        .get(&token, &format!("/{sam}?fields=name,username,profile_pic"))
        .await
        .ok();
    assert_eq!(
        profile,
        json!({"name": "Sam", "username": "sam", "profile_pic": "http://localhost:7353/assets/profile/sam.jpg", "id": sam})
    );
    assert_eq!(
        house.get(&token, &format!("/{sam}?fields=biography")).await.refusal().1,
        100
    );
}

#[tokio::test]
async fn media_and_comments_are_read_with_own_comments_marked() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let own = house.comment("luna.coffee", "mine").await;
    let media = house
        .get(&token, "/me/media?fields=id,caption,comments_count,media_product_type")
        .await
        .ok();
    let newest = &media["data"][0];
    assert_eq!(
        (&newest["comments_count"], &newest["media_product_type"]),
        (&json!(1), &json!("FEED"))
    );
    let comments = house
        .get(
            &token,
            &format!("/{}/comments?fields=id,from,text", newest["id"].as_str().unwrap()),
        )
        .await
        .ok();
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    assert_eq!(comments["data"][0]["id"], json!(own));
    assert_eq!(comments["data"][0]["from"]["self_ig_scoped_id"], json!(self_igsid));
    let reply = house
        .post(&token, &format!("/{own}/replies"), &json!({"message": "r"}))
        .await
        .ok();
    let replies = house.get(&token, &format!("/{own}/replies")).await.ok();
    assert_eq!(replies["data"][0]["id"], reply["id"]);
    assert_eq!(keys(&replies["data"][0]), ["timestamp", "text", "id"]);
    let deleted = Request::delete(format!("/{own}?access_token={token}"))
        .header("host", "localhost")
        .body(Body::empty())
        .unwrap();
    assert_eq!(house.call(deleted).await.ok(), json!({"success": true}));
    assert_eq!(house.get(&token, &format!("/{own}")).await.refusal(), (400, 100, 33));
}

#[tokio::test]
async fn subscribed_apps_replaces_reads_and_removes() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let fields = |body: &Value| body["data"][0]["subscribed_fields"].clone();
    house
        .post(
            &token,
            "/me/subscribed_apps?subscribed_fields=comments,messages",
            &json!({}),
        )
        .await
        .ok();
    assert_eq!(
        fields(&house.get(&token, "/me/subscribed_apps").await.ok()),
        json!(["comments", "messages"])
    );
    house
        .post(
            &token,
            "/me/subscribed_apps",
            &json!({"subscribed_fields": ["messages"]}),
        )
        .await
        .ok();
    assert_eq!(
        fields(&house.get(&token, "/me/subscribed_apps").await.ok()),
        json!(["messages"])
    );
    let refused = house
        .post(&token, "/me/subscribed_apps?subscribed_fields=nope", &json!({}))
        .await;
    assert_eq!(refused.refusal(), (400, 100, 0));
    assert!(
        refused.body["error"]["message"]
            .as_str()
            .unwrap()
            .ends_with("- got \"nope\"")
    );
    let deleted = Request::delete(format!("/me/subscribed_apps?access_token={token}")).header("host", "localhost");
    house.call(deleted.body(Body::empty()).unwrap()).await.ok();
    assert_eq!(house.get(&token, "/me/subscribed_apps").await.ok(), json!({"data": []}));
    let page = house.token(LoginFlow::Facebook).await;
    house
        .post(&page, "/me/subscribed_apps", &json!({"subscribed_fields": "feed"}))
        .await
        .ok();
    let listed = house.get(&page, "/me/subscribed_apps").await.ok();
    assert_eq!(
        keys(&listed["data"][0]),
        ["category", "link", "name", "id", "subscribed_fields"]
    );
}

#[tokio::test]
async fn the_messenger_profile_is_set_read_and_tapped() {
    use selfsame_platform::actions::{Tap, TapTarget};
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let ice_breakers =
        json!({"platform": "instagram", "ice_breakers": [{"question": "Opening hours?", "payload": "HOURS"}]});
    assert_eq!(
        house.post(&token, "/me/messenger_profile", &ice_breakers).await.ok(),
        json!({"result": "success"})
    );
    let read = house
        .get(&token, "/me/messenger_profile?fields=ice_breakers")
        .await
        .ok();
    assert_eq!(read["data"][0]["call_to_actions"], ice_breakers["ice_breakers"]);
    for (person, is_self) in [("sam", false), ("luna.coffee", true)] {
        let target = TapTarget::IceBreaker {
            to: "luna.coffee".to_owned(),
            title: "Opening hours?".to_owned(),
        };
        house
            .platform
            .world()
            .tap(Tap {
                person: person.to_owned(),
                target,
            })
            .await
            .unwrap();
        let event = house.deliver().await[0].body["entry"][0]["messaging"][0].clone();
        assert_eq!(event["postback"]["payload"], json!("HOURS"));
        assert_eq!(event.get("is_self").is_some(), is_self, "{person}");
    }
    let deleted = Request::delete(format!(
        "/me/messenger_profile?fields=['ice_breakers']&access_token={token}"
    ))
    .header("host", "localhost");
    assert_eq!(
        house.call(deleted.body(Body::empty()).unwrap()).await.ok(),
        json!({"result": "success"})
    );
}

#[tokio::test]
async fn permissions_are_listed_and_taken_back_one_by_one_or_all() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let listed = house.get(&token, "/me/permissions").await.ok();
    assert!(
        listed["data"]
            .as_array()
            .unwrap()
            .contains(&json!({"permission": "instagram_business_basic", "status": "granted"}))
    );
    let delete = |path: &str| {
        Request::delete(format!("{path}?access_token={token}"))
            .header("host", "localhost")
            .body(Body::empty())
            .unwrap()
    };
    house
        .call(delete("/me/permissions/instagram_business_manage_comments"))
        .await
        .ok();
    let listed = house.get(&token, "/me/permissions").await.ok();
    assert!(
        listed["data"]
            .as_array()
            .unwrap()
            .contains(&json!({"permission": "instagram_business_manage_comments", "status": "declined"}))
    );
    let comment = house.comment("sam", "x").await;
    assert_eq!(
        house
            .post(&token, &format!("/{comment}/replies"), &json!({"message": "x"}))
            .await
            .refusal(),
        (403, 10, 0)
    );
    house.call(delete("/me/permissions")).await.ok();
    assert_eq!(house.get(&token, "/me").await.refusal(), (400, 190, 458));
}
