//! Every error that messaging meets, on demand and by its rule (contract: errors §7.3, §7.4).

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::{GraphError, RECORDED};
use serde_json::{Value, json};

use crate::with_bot::house::House;

fn to(id: &str) -> Value {
    json!({"recipient": {"id": id}, "message": {"text": "x"}})
}

/// contract/errors §7.3, every row.
#[tokio::test]
async fn each_row_of_the_table_of_errors_comes_on_demand_as_recorded() {
    let house = House::demo(LoginFlow::Instagram).await;
    for flow in LoginFlow::ALL {
        let token = house.token(flow).await;
        for row in RECORDED {
            let params = json!({"code": row.code, "subcode": row.subcode});
            let rule = json!({"target": "graph", "fault": "graph_error", "params": params});
            house.sim("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await.ok();
            let refused = house.get(&token, "/v25.0/me").await;
            let expected = GraphError::recorded(flow, row.code, row.subcode);
            assert_eq!(
                refused.refusal(),
                (expected.http_status, row.code, row.subcode.unwrap_or_default()),
                "{row:?}"
            );
            let error = &refused.body["error"];
            assert_eq!(error["message"], json!(expected.message));
            assert_eq!(error["type"], json!(expected.kind));
            assert_eq!(error["is_transient"].as_bool(), expected.is_transient);
            let version = match flow {
                LoginFlow::Instagram => "instagram-api-version",
                LoginFlow::Facebook => "facebook-api-version",
            };
            assert_eq!(refused.headers[version], "v25.0");
        }
    }
}

/// contract/errors §7.4 "unknown/foreign IGSID, or `IG_ID` as recipient".
#[tokio::test]
async fn each_kind_of_wrong_id_says_which_id_was_used() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house
        .sim(
            "POST",
            "/_sim/accounts",
            &json!({"username": "nova.tea", "kind": "business", "page": true}),
        )
        .await
        .ok();
    let mid = house.dm("sam", "luna.coffee", "hi").await;
    house.dm("sam", "nova.tea", "hi").await;
    let comment = house.comment("sam", "hers").await;
    let world = house.get(&token, "/_sim/world").await.ok();
    let account = |name: &str| {
        let accounts = world["accounts"].as_array().unwrap();
        accounts
            .iter()
            .find(|account| account["username"] == name)
            .unwrap()
            .clone()
    };
    let (luna, sam, nova) = (account("luna.coffee"), account("sam"), account("nova.tea"));
    let conversations = house.get(&token, "/me/conversations").await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sams_id = text(&sam["scoped_ids"]["@luna.coffee"]);
    let rows = [
        (text(&luna["app_scoped_ids"]["demo"]), "you used the app-scoped id"),
        (text(&luna["facebook_user_ids"]["demo"]), "you used the app-scoped id"),
        (text(&luna["ig_id"]), "you used the account's own IG id"),
        (text(&nova["ig_id"]), "you used the IG id of @nova.tea"),
        (text(&luna["page_id"]), "you used a Page id"),
        (text(&sam["scoped_ids"]["@nova.tea"]), sams_id.as_str()),
        (mid, "you used a message id (mid)"),
        (comment, "you used a comment id"),
        (text(&world["media"][0]["id"]), "you used a media id"),
        (text(&world["apps"][0]["instagram_app_id"]), "you used an app id"),
        (text(&conversations["data"][0]["id"]), "you used a conversation id"),
        ("1".to_owned(), "nobody has the id"),
    ];
    for (id, cause) in rows {
        let refused = house.post(&token, "/me/messages", &to(&id)).await;
        assert_eq!(refused.refusal(), (400, 100, 2_534_014), "{id}");
        assert!(refused.why().contains(cause), "{cause}: {}", refused.why());
        assert!(refused.why().contains("IGSID"), "{}", refused.why());
    }
    house.post(&token, "/me/messages", &to(&sams_id)).await.ok();
}

/// contract/errors §7.2 "wrong path", other-apis §6.1 "unknown object".
#[tokio::test]
async fn an_unknown_path_is_answered_as_graph_does_and_says_what_was_meant() {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    for (path, expected, meant) in [
        ("/v24.0/me/mesages", (400, 100, 33), "did you mean /me/messages"),
        ("/me/conversation", (400, 100, 33), "did you mean /me/conversations"),
        ("/me/messages", (400, 100, 33), "takes POST"),
        ("/messages", (400, 100, 33), "did you mean /me/messages"),
        ("/v24/me", (400, 100, 33), "did you mean /v24.0/me"),
        ("/v24/me/messages", (400, 2500, 0), "did you mean /v24.0/me/messages"),
        (
            "/graph.instagram.com/v24.0/me",
            (400, 2500, 0),
            "The host is no part of the path",
        ),
        ("/me/messages/now", (400, 2500, 0), "at most one edge"),
    ] {
        let refused = house.get(&token, path).await;
        assert_eq!(refused.refusal(), expected, "{path}");
        assert!(refused.why().contains(meant), "{path}: {}", refused.why());
    }
}
