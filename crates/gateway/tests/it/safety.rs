//! Whom an account answers: every combination of its two modes.

use axum::http::StatusCode;
use serde_json::json;

use crate::business::Business;
use crate::graph::IG_ID;

const MENU: &str =
    "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n";

#[tokio::test]
async fn each_pair_of_modes_answers_exactly_whom_it_says() {
    // mode, self_mode, whether a preview is open; whether the owner and whether a customer is answered.
    for (mode, self_mode, preview, owner, customer) in [
        ("live", "always", false, true, true),
        ("live", "session", false, false, true),
        ("live", "session", true, true, true),
        ("live", "off", false, false, true),
        ("preview_only", "always", false, true, false),
        ("preview_only", "session", false, false, false),
        ("preview_only", "session", true, true, false),
        ("preview_only", "off", false, false, false),
    ] {
        let case = format!("{mode}, {self_mode}, preview {preview}");
        let mut business = Business::connected(MENU).await;
        let path = format!("/api/v1/accounts/{IG_ID}");
        let modes = json!({"mode": mode, "self_mode": self_mode}).to_string();
        business.send("PATCH", &path, "application/json", &modes).await;
        if preview {
            let made = business
                .post("/api/v1/previews", &json!({"account": IG_ID, "mode": "send"}))
                .await;
            assert_eq!(made.status, StatusCode::CREATED, "{case}: {}", made.text);
        }
        business.owner_writes("menu").await;
        assert_eq!(business.graph.texts().len(), usize::from(owner), "the owner: {case}");
        business.sam_writes("menu").await;
        assert_eq!(
            business.graph.texts().len(),
            usize::from(owner) + usize::from(customer),
            "a customer: {case}"
        );
        let rows = business.get("/api/v1/messages?state=no_rule").await.json();
        let unanswered = usize::from(!owner) + usize::from(!customer);
        assert_eq!(rows["data"].as_array().unwrap().len(), unanswered, "{case}: {rows}");
        for row in rows["data"].as_array().unwrap() {
            assert!(row["reason"].as_str().unwrap().len() > 20, "{case}: {row}");
        }
    }
}

#[tokio::test]
async fn a_real_account_begins_with_nobody_answered_and_its_owner_only_in_previews() {
    let mut business = Business::connected_for_real(MENU).await;
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["mode"], "preview_only");
    assert_eq!(account["self_mode"], "session");
    business.sam_writes("menu").await;
    business.owner_writes("menu").await;
    assert!(business.graph.texts().is_empty());
    let rows = business.get("/api/v1/messages").await.json();
    let reason = rows["data"][1]["reason"].as_str().unwrap();
    assert!(reason.contains("no preview is open"), "{reason}");
    let local = Business::connected(MENU).await;
    let account = local.get(&format!("/api/v1/accounts/{IG_ID}")).await.json();
    assert_eq!(account["mode"], "live");
    assert_eq!(account["self_mode"], "always");
}

#[tokio::test]
async fn the_owner_is_answered_until_her_preview_ends_or_expires() {
    let mut business = Business::connected_for_real(MENU).await;
    let made = business
        .post(
            "/api/v1/previews",
            &json!({"account": IG_ID, "mode": "send", "expires_in_s": 600}),
        )
        .await
        .json();
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 1);
    business.clocks.process.advance(std::time::Duration::from_secs(601));
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 1, "it has expired");
    let another = business
        .post("/api/v1/previews", &json!({"account": IG_ID, "mode": "send"}))
        .await
        .json();
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 2);
    for preview in [&made, &another] {
        let path = format!("/api/v1/previews/{}/end", preview["id"].as_str().unwrap());
        let ended = business.post(&path, &json!({})).await.json();
        assert_eq!(ended["state"], "done");
        assert_eq!(ended["is_open"], false);
    }
    business.owner_writes("menu").await;
    assert_eq!(business.graph.texts().len(), 2, "it was ended");
}
