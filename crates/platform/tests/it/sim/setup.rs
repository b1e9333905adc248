//! Making and changing apps, accounts and media; switches.

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::{CALLBACK, House};

#[tokio::test]
async fn an_app_is_made_with_chosen_and_given_values() {
    let house = House::open().await;

    let app = house
        .ok(
            "POST",
            "/_sim/apps",
            &json!({"name": "mine", "mode": "development", "callback_url": CALLBACK, "fields": ["messages"],
                    "meta_app_id": "42", "meta_app_secret": "s3cret", "redirect_uris": ["https://mine.test/cb"]}),
        )
        .await;

    assert_eq!(
        (&app["meta_app_id"], &app["meta_app_secret"], &app["mode"]),
        (&json!("42"), &json!("s3cret"), &json!("development"))
    );
    assert_eq!(app["instagram_app_secret"].as_str().unwrap().len(), 32);
    assert_eq!(
        (&app["fields"], &app["callback_state"]),
        (&json!(["messages"]), &json!("unverified"))
    );
    assert!(!app["verify_token"].as_str().unwrap().is_empty());

    let again = house.call("POST", "/_sim/apps", &json!({"name": "mine"})).await;
    assert_eq!(
        (again.status, again.error_field().as_deref()),
        (StatusCode::CONFLICT, Some("name"))
    );
    let same_id = house
        .call("POST", "/_sim/apps", &json!({"name": "other", "meta_app_id": "42"}))
        .await;
    assert_eq!(
        (same_id.status, same_id.error_field().as_deref()),
        (StatusCode::CONFLICT, Some("meta_app_id"))
    );
}

#[tokio::test]
async fn another_callback_has_to_pass_the_handshake_and_null_removes_it() {
    let house = House::with_bot().await;
    let world = house.get("/_sim/world").await;
    assert_eq!(world["apps"][0]["callback_state"], "verified");

    let fields = house
        .ok("PATCH", "/_sim/apps/demo", &json!({"fields": ["messages"]}))
        .await;
    assert_eq!(
        (&fields["callback_state"], &fields["fields"]),
        (&json!("verified"), &json!(["messages"]))
    );
    let moved = house
        .ok(
            "PATCH",
            "/_sim/apps/demo",
            &json!({"callback_url": "http://elsewhere.test/"}),
        )
        .await;
    assert_eq!(
        (&moved["callback_state"], &moved["fields"]),
        (&json!("unverified"), &json!(["messages"]))
    );
    let removed = house
        .ok("PATCH", "/_sim/apps/demo", &json!({"callback_url": null}))
        .await;
    assert_eq!(
        (&removed["callback_url"], &removed["fields"]),
        (&Value::Null, &json!([]))
    );
    let orphan = house
        .call("PATCH", "/_sim/apps/demo", &json!({"fields": ["messages"]}))
        .await;
    assert_eq!(orphan.error_code(), "no_callback");
}

#[tokio::test]
async fn accounts_become_professional_and_keep_their_ids() {
    let house = House::open().await;
    let made = house.ok("POST", "/_sim/accounts", &json!({"username": "kim"})).await;
    assert_eq!(
        (&made["kind"], &made["ig_id"], &made["self_igsid"]),
        (&json!("personal"), &Value::Null, &Value::Null)
    );

    let professional = house
        .ok(
            "PATCH",
            "/_sim/accounts/@kim",
            &json!({"kind": "creator", "page": true}),
        )
        .await;
    assert!(
        professional["ig_id"].is_string() && professional["page_id"].is_string(),
        "{professional}"
    );
    assert_ne!(professional["ig_id"], professional["self_igsid"]);
    let personal = house
        .ok("PATCH", "/_sim/accounts/kim", &json!({"kind": "personal"}))
        .await;
    assert_eq!(personal["ig_id"], Value::Null);
    let back = house
        .ok("PATCH", "/_sim/accounts/kim", &json!({"kind": "business"}))
        .await;
    assert_eq!(
        (&back["ig_id"], &back["self_igsid"]),
        (&professional["ig_id"], &professional["self_igsid"])
    );

    for (body, field) in [
        (json!({"username": "Kim!"}), "username"),
        (json!({"username": "x", "roles": {"nope": "tester"}}), "app"),
        (json!({"username": "y", "roles": {"demo": "boss"}}), "roles"),
    ] {
        assert_eq!(
            house
                .call("POST", "/_sim/accounts", &body)
                .await
                .error_field()
                .as_deref(),
            Some(field),
            "{body}"
        );
    }
    let taken = house.call("POST", "/_sim/accounts", &json!({"username": "@kim"})).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_broadcast_runs_until_it_is_ended() {
    let house = House::open().await;
    let live = house
        .ok(
            "POST",
            "/_sim/media",
            &json!({"account": "@luna.coffee", "caption": "live!", "live": true}),
        )
        .await;
    assert_eq!(live["live"], true);
    let id = live["id"].as_str().unwrap();

    let ended = house
        .ok("POST", &format!("/_sim/media/{id}/end_live"), &Value::Null)
        .await;

    assert_eq!(ended["live"], false);
    let again = house
        .call("POST", &format!("/_sim/media/{id}/end_live"), &Value::Null)
        .await;
    assert_eq!(again.error_code(), "not_live");
}

#[tokio::test]
async fn switches_change_by_name_and_survive() {
    let house = House::open().await;
    let before = house.get("/_sim/switches").await;
    assert_eq!(before["self.api_echo"], "echo_and_self");

    let after = house
        .ok(
            "PUT",
            "/_sim/switches",
            &json!({"self.api_echo": "none", "login.auto_consent": "@luna.coffee"}),
        )
        .await;
    assert_eq!(
        (&after["self.api_echo"], &after["login.auto_consent"]),
        (&json!("none"), &json!("@luna.coffee"))
    );
    assert_eq!(after["self.second_event"], before["self.second_event"]);
    assert_eq!(house.get("/_sim/switches").await, after);

    let unknown = house
        .call("PUT", "/_sim/switches", &json!({"self.api_ehco": "none"}))
        .await;
    assert_eq!(
        (unknown.error_code().as_str(), unknown.error_field().as_deref()),
        ("unknown_field", Some("self.api_ehco"))
    );
    let nobody = house
        .call("PUT", "/_sim/switches", &json!({"login.auto_consent": "@nobody"}))
        .await;
    assert_eq!(nobody.error_field().as_deref(), Some("login.auto_consent"));
    assert_eq!(
        house.get("/_sim/switches").await,
        after,
        "a refused change changes nothing"
    );
}
