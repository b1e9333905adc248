//! Graph errors in the terms of the crate `facebook-graph-api-object-error`.

use facebook_graph_api_object_error::{Error, KnownErrorCase};
use serde_json::{Value, json};

use crate::house::House;

/// The error that a call is refused by.
async fn refused(house: &House, token: &str, fields: &str) -> Error {
    let path = format!("/v25.0/me?fields={fields}&access_token={token}");
    let answer = house.call("GET", &path, &Value::Null).await;
    serde_json::from_value(answer.json()["error"].clone()).unwrap_or_else(|error| panic!("{error}: {}", answer.json()))
}

async fn token(house: &House, flow: &str) -> String {
    let grant = json!({"app": "demo", "account": "@luna.coffee", "flow": flow});
    let granted = house.ok("POST", "/_sim/grants", &grant).await;
    granted["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn dead_tokens_and_limits_are_told_apart_by_a_third_party() {
    for flow in ["instagram", "facebook"] {
        let house = House::open().await;
        let old = token(&house, flow).await;

        let unknown = refused(&house, "IGAAnone", "id").await;
        assert!(is_token(&unknown) && unknown.fbtrace_id.is_some(), "{unknown}");

        for (code, is_known) in [
            (4, KnownErrorCase::is_api_too_many_calls as fn(&KnownErrorCase) -> bool),
            (17, KnownErrorCase::is_api_user_too_many_calls),
            (2, KnownErrorCase::is_retry_later),
            (200, KnownErrorCase::is_permission_not_granted_or_removed),
        ] {
            let rule = json!({"target": "graph", "fault": "graph_error", "params": {"code": code}});
            house.ok("PUT", "/_sim/chaos", &json!({"rules": [rule]})).await;
            let error = refused(&house, &old, "id").await;
            assert!(
                is_known(&error.to_known_error_case().unwrap()),
                "{flow} {code}: {error}"
            );
        }
        house.ok("PUT", "/_sim/chaos", &json!({"rules": []})).await;

        let field = refused(&house, &old, "no_such_field").await;
        assert!(field.code == 100 && field.to_known_error_case().is_none(), "{field}");

        if flow == "instagram" {
            // The Page's token never expires.
            house.ok("POST", "/_sim/clock", &json!({"advance": "1441h"})).await;
            let expired = refused(&house, &old, "id").await;
            assert!(
                is_token(&expired) && expired.is_error_validating_access_token(),
                "{expired}"
            );
            assert!(expired.is_access_token_session_has_expired(), "{expired}");
        }
        let grant = json!({"app": "demo", "account": "@luna.coffee"});
        let new = token(&house, flow).await;
        house.ok("DELETE", "/_sim/grants", &grant).await;
        let removed = refused(&house, &new, "id").await;
        assert!(is_token(&removed) && removed.error_subcode == Some(458), "{removed}");
    }
}

fn is_token(error: &Error) -> bool {
    error
        .to_known_error_case()
        .is_some_and(|case| case.is_access_token_expired_or_revoked_or_invalid())
}
