//! Connecting accounts without the dialog.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::House;

fn account<'v>(world: &'v Value, username: &str) -> &'v Value {
    world["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|account| account["username"] == username)
        .unwrap()
}

#[tokio::test]
async fn a_grant_gives_a_token_of_the_flow_and_installs_only_when_asked() {
    let house = House::with_bot().await;
    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "@nova", "kind": "creator", "page": true}),
        )
        .await;

    for flow in ["instagram", "facebook"] {
        let granted = house
            .ok(
                "POST",
                "/_sim/grants",
                &json!({"app": "demo", "account": "@nova", "flow": flow}),
            )
            .await;
        let world = house.get("/_sim/world").await;
        let tokens = account(&world, "nova")["tokens"].as_array().unwrap();
        let token = tokens
            .iter()
            .find(|token| token["access_token"] == granted["access_token"])
            .unwrap();
        assert_eq!(token["flow"], flow);
        assert_eq!(
            token["kind"],
            if flow == "instagram" { "instagram_long" } else { "page" }
        );
        assert_eq!(token["scopes"], granted["scopes"]);
    }
    house
        .ok("POST", "/_sim/dm", &json!({"as": "@sam", "to": "@nova", "text": "hi"}))
        .await;
    let log = house.get("/_sim/deliveries?account=@nova").await;
    let statuses: Vec<&Value> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| &delivery["status"])
        .collect();
    assert_eq!(statuses, ["suppressed"], "no install yet: {log}");
    assert_eq!(log["data"][0]["reason"], "not_installed");

    house
        .ok(
            "POST",
            "/_sim/grants",
            &json!({"app": "demo", "account": "nova", "flow": "instagram", "fields": ["messages"]}),
        )
        .await;
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@nova", "text": "again"}),
        )
        .await;
    house.deliver().await;
    assert_eq!(house.bot.texts(), ["again"]);
}

#[tokio::test]
async fn a_chosen_token_and_scopes_are_taken() {
    let house = House::open().await;
    let body = json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram", "access_token": "IGAAknown",
                      "scopes": ["instagram_business_basic"]});

    let granted = house.ok("POST", "/_sim/grants", &body).await;

    assert_eq!(granted["access_token"], "IGAAknown");
    assert_eq!(granted["scopes"], json!(["instagram_business_basic"]));
    assert_eq!(granted["expires_at"], "2026-07-31T12:00:00Z");
    let again = house.call("POST", "/_sim/grants", &body).await;
    assert_eq!(
        (again.status, again.error_field().as_deref()),
        (StatusCode::CONFLICT, Some("access_token"))
    );
}

#[tokio::test]
async fn what_cannot_be_connected_is_explained() {
    let house = House::open().await;
    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "pageless", "kind": "business"}),
        )
        .await;
    for (body, status, code, field) in [
        (
            json!({"app": "demo", "account": "@sam", "flow": "instagram"}),
            400,
            "not_professional",
            "account",
        ),
        (
            json!({"app": "demo", "account": "pageless", "flow": "facebook"}),
            400,
            "no_page",
            "account",
        ),
        (
            json!({"app": "none", "account": "@luna.coffee", "flow": "facebook"}),
            404,
            "unknown_app",
            "app",
        ),
        (
            json!({"app": "demo", "account": "@nobody", "flow": "facebook"}),
            404,
            "unknown_account",
            "account",
        ),
        (
            json!({"app": "demo", "account": "@luna.coffee", "flow": "email"}),
            400,
            "invalid_value",
            "flow",
        ),
        (
            json!({"app": "demo", "account": "@luna.coffee", "flow": "facebook", "fields": ["mesages"]}),
            400,
            "invalid_value",
            "fields",
        ),
    ] {
        let refused = house.call("POST", "/_sim/grants", &body).await;
        assert_eq!(refused.status.as_u16(), status, "{body}: {:?}", refused.json());
        assert_eq!(
            (refused.error_code().as_str(), refused.error_field().as_deref()),
            (code, Some(field)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_revoked_grant_takes_tokens_and_installs_along() {
    let house = House::with_bot().await;

    house
        .ok(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee"}),
        )
        .await;

    let world = house.get("/_sim/world").await;
    assert_eq!(account(&world, "luna.coffee")["tokens"], json!([]));
    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "@sam", "to": "@luna.coffee", "text": "hi"}),
        )
        .await;
    house.deliver().await;
    assert_eq!(house.bot.told().len(), 0);
    let again = house
        .call(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee"}),
        )
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_permission_that_does_not_exist_is_not_granted() {
    let house = House::with_bot().await;
    let before = house.get("/_sim/world").await;
    let grant = json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram",
                       "scopes": ["instagram_business_basic", "instagram_business_manage_message"]});
    let refused = house.call("POST", "/_sim/grants", &grant).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.error_field().as_deref(), Some("scopes"));
    assert_eq!(house.get("/_sim/world").await, before);
}
