//! Blocked and restricted people, and owners who keep apps from their messages (contract: send-api §5.6, other-apis §6.3, §6.6,
//! errors §7.3 rows 551, 2, 200/2534041).

use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use crate::with_bot::house::House;

fn to(id: &str) -> Value {
    json!({"recipient": {"id": id}, "message": {"text": "x"}})
}

async fn block(house: &House, by: &str, who: &str, kind: &str) {
    house
        .sim("POST", "/_sim/blocks", &json!({"as": by, "who": who, "kind": kind}))
        .await
        .ok();
}

#[tokio::test]
async fn a_person_who_blocked_the_account_gets_nothing_and_shows_nothing() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("sam", "luna.coffee", "hi").await;
    let comment = house.comment("sam", "price?").await;
    let sam = house.igsid("sam").await;
    house.get(&token, &format!("/{sam}?fields=username")).await.ok();
    block(&house, "@sam", "@luna.coffee", "blocked").await;
    let typing = json!({"recipient": {"id": sam}, "sender_action": "typing_on"});
    let reply = json!({"recipient": {"comment_id": comment}, "message": {"text": "x"}});
    for body in [to(&sam), typing, reply] {
        let refused = house.post(&token, "/me/messages", &body).await;
        assert_eq!(refused.refusal(), (400, 551, 1_545_041), "{body}");
        assert!(refused.why().contains("has blocked the account"), "{}", refused.why());
    }
    let profile = house.get(&token, &format!("/{sam}?fields=username,name")).await.ok();
    assert_eq!(profile, json!({"id": sam}));
    for (answer, expected) in [("temporary", (503, 2, 0)), ("cannot_receive", (403, 10, 2_018_108))] {
        house
            .sim("PUT", "/_sim/switches", &json!({"errors.blocked": answer}))
            .await
            .ok();
        assert_eq!(house.post(&token, "/me/messages", &to(&sam)).await.refusal(), expected);
    }
    let dm = json!({"as": "@luna.coffee", "to": "@sam", "text": "please"});
    assert_eq!(
        house.sim("POST", "/_sim/dm", &dm).await.body["error"]["code"],
        json!("blocked")
    );
    let blocks = house
        .sim("DELETE", "/_sim/blocks", &json!({"as": "sam", "who": "luna.coffee"}))
        .await
        .ok();
    assert_eq!(blocks, json!({"data": []}));
    house.post(&token, "/me/messages", &to(&sam)).await.ok();
}

#[tokio::test]
async fn a_person_whom_the_account_blocked_can_neither_write_nor_comment() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("sam", "luna.coffee", "hi").await;
    let sam = house.igsid("sam").await;
    block(&house, "luna.coffee", "sam", "blocked").await;
    for (path, body) in [
        (
            "/_sim/dm",
            json!({"as": "@sam", "to": "@luna.coffee", "text": "hello?"}),
        ),
        (
            "/_sim/comment",
            json!({"as": "@sam", "media": "latest", "text": "hello?"}),
        ),
    ] {
        let refused = house.sim("POST", path, &body).await;
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (400, &json!("blocked")),
            "{path}"
        );
    }
    let refused = house.post(&token, "/me/messages", &to(&sam)).await;
    assert_eq!(refused.refusal(), (400, 551, 1_545_041));
    assert!(refused.why().contains("unblock her"), "{}", refused.why());
}

#[tokio::test]
async fn comments_of_restricted_people_are_not_returned() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    let comment = house.comment("sam", "price?").await;
    let media = house.get("x", "/_sim/world").await.ok()["media"][1]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let listed = || async { house.get(&token, &format!("/{media}/comments")).await.ok()["data"].clone() };
    assert_eq!(listed().await[0]["id"], json!(comment));
    block(&house, "luna.coffee", "sam", "restricted").await;
    assert_eq!(listed().await, json!([]));
    // She may still write.
    house.dm("sam", "luna.coffee", "hi").await;
    house
        .sim("DELETE", "/_sim/blocks", &json!({"as": "luna.coffee", "who": "sam"}))
        .await
        .ok();
    assert_eq!(listed().await[0]["id"], json!(comment));
}

#[tokio::test]
async fn an_owner_who_switched_off_message_access_shuts_out_messaging_and_nothing_else() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.dm("sam", "luna.coffee", "hi").await;
    house.deliver().await;
    let sam = house.igsid("sam").await;
    house
        .sim("PATCH", "/_sim/accounts/luna.coffee", &json!({"message_access": false}))
        .await
        .ok();
    for flow in LoginFlow::ALL {
        let token = house.token(flow).await;
        let typing = json!({"recipient": {"id": sam}, "sender_action": "typing_on"});
        for body in [to(&sam), typing] {
            assert_eq!(
                house.post(&token, "/me/messages", &body).await.refusal(),
                (400, 200, 2_534_041),
                "{body}"
            );
        }
        for path in ["/me/conversations?platform=instagram".to_owned(), format!("/{sam}")] {
            assert_eq!(
                house.get(&token, &path).await.refusal(),
                (400, 200, 2_534_041),
                "{path}"
            );
        }
        house.get(&token, "/me").await.ok();
    }
    house.dm("sam", "luna.coffee", "unheard").await;
    house.comment("sam", "heard").await;
    assert_eq!(house.deliver().await.len(), 1);
    let reasons: Vec<_> = house
        .delivery_views()
        .await
        .into_iter()
        .filter_map(|view| view.reason)
        .collect();
    assert_eq!(reasons, ["message_access_disabled"]);
}
