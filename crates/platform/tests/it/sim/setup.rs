//! Making and changing apps, accounts and media; switches.

use std::time::Duration;

use http::StatusCode;
use selfsame_platform::actions::ChangeApp;
use serde_json::{Value, json};

use crate::house::{CALLBACK, HANGING, House};

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
        (&json!(["messages"]), &json!("verified"))
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
async fn a_bot_that_is_up_is_told_of_the_very_next_message() {
    let house = House::open().await;
    house
        .ok("POST", "/_sim/apps", &json!({"name": "mine", "callback_url": CALLBACK}))
        .await;
    house
        .ok(
            "POST",
            "/_sim/grants",
            &json!({"app": "mine", "account": "luna.coffee", "flow": "instagram", "fields": ["messages"]}),
        )
        .await;

    house
        .ok(
            "POST",
            "/_sim/dm",
            &json!({"as": "sam", "to": "luna.coffee", "text": "hi"}),
        )
        .await;

    house.platform.deliver_once().await.unwrap();
    assert_eq!(house.bot.texts(), ["hi"]);
}

#[tokio::test]
async fn a_callback_that_hangs_keeps_its_setter_two_seconds_and_holds_up_no_other() {
    let house = House::open().await;
    let hanging = json!({"name": "hanging", "callback_url": HANGING});
    let made = house.ok("POST", "/_sim/apps", &hanging);
    let two_seconds = async {
        house.bot.hangs().await;
        house.process_clock.advance(Duration::from_secs(2));
    };
    let (made, ()) = tokio::join!(made, two_seconds);
    assert_eq!(made["callback_state"], "unverified");

    let absent = json!({"name": "late", "callback_url": "http://nobody.test/webhook"});
    assert_eq!(
        house.ok("POST", "/_sim/apps", &absent).await["callback_state"],
        "unverified"
    );
    house
        .platform
        .world()
        .change_app("late".to_owned(), moved_to(CALLBACK))
        .await
        .unwrap();
    let others = async {
        house.bot.hangs().await;
        while house.bot.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        house.process_clock.advance(Duration::from_mins(1));
    };
    let (tried, ()) = tokio::join!(house.platform.shake_hands_once(), others);
    assert_eq!(tried.unwrap(), 2);
    let apps = house.get("/_sim/world").await["apps"].clone();
    let state = |name: &str| {
        let app = apps.as_array().unwrap().iter().find(|app| app["name"] == name);
        app.unwrap()["callback_state"].clone()
    };
    assert_eq!(
        (state("hanging"), state("late")),
        (json!("unverified"), json!("verified"))
    );
}

fn moved_to(callback: &str) -> ChangeApp {
    ChangeApp {
        callback_url: Some(Some(callback.to_owned())),
        ..ChangeApp::default()
    }
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
