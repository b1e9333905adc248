//! What people write is shown as what they wrote, on every page.

use axum::http::StatusCode;
use serde_json::json;

use crate::business::Business;
use crate::graph::{IG_ID, SAM};
use crate::open::{deliver, post};

const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>";

#[tokio::test]
async fn stored_markup_stays_text_on_every_page() {
    let automations = format!(
        "automations:\n  - name: {name}\n    when: {{ message: {{ everything: true }} }}\n    do: [ {{ send: {{ text: \"you said {{{{ message.text }}}}\" }} }} ]\n",
        name = json!(MARKUP)
    );
    let mut business = Business::connected(&automations).await;
    business.sam_writes(MARKUP).await;
    business.owner_writes(MARKUP).await;
    let comment = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "changes": [{"field": "comments",
        "value": {"id": "c1", "text": MARKUP, "from": {"id": SAM, "username": MARKUP}, "media": {"id": "m1"}}}]}]});
    deliver(&business.gateway, comment.to_string().as_bytes()).await;
    let stranger = json!({"object": "instagram", "entry": [{"id": "99", "messaging": [
        {"sender": {"id": MARKUP}, "recipient": {"id": "99"}, "message": {"mid": "m9", "text": MARKUP}}]}]});
    deliver(&business.gateway, stranger.to_string().as_bytes()).await;
    post(&business.gateway, MARKUP.as_bytes(), Some(MARKUP)).await;
    business
        .post("/api/v1/keys", &json!({"name": MARKUP, "scopes": ["read"]}))
        .await;
    business.settle().await;
    rename(&business).await;
    let preview = business
        .post("/api/v1/previews", &json!({"account": IG_ID, "mode": "simulate"}))
        .await;
    assert_eq!(preview.status, StatusCode::CREATED, "{}", preview.text);
    let link = url::Url::parse(preview.json()["link"].as_str().unwrap()).unwrap();
    let talk = business
        .submit(&format!("{}/send", link.path()), &format!("text={}", percent(MARKUP)))
        .await;
    assert!(
        talk.status.is_success() || talk.status.is_redirection(),
        "{}",
        talk.text
    );
    let mut pages = vec![
        "/studio".to_owned(),
        "/studio/keys".to_owned(),
        "/studio/deliveries".to_owned(),
        "/studio/signatures".to_owned(),
        "/studio/draft".to_owned(),
        "/connect".to_owned(),
        format!("/connect/accounts/{IG_ID}"),
        format!("/data-deletion/{}", percent(MARKUP)),
        link.path().to_owned(),
    ];
    pages.extend((1..=4).map(|event| format!("/studio/messages/e{event}")));
    let mut shown = 0;
    for page in &pages {
        let answer = business.get(page).await;
        assert!(
            answer.status.is_success()
                || answer.status == StatusCode::NOT_FOUND
                || answer.status == StatusCode::BAD_REQUEST,
            "{page}: {}",
            answer.status
        );
        for element in ["<script>alert", "<img src=x", "<svg onload"] {
            assert!(!answer.text.contains(element), "{page} lets {element} through");
        }
        shown += usize::from(answer.text.contains("&lt;script&gt;alert(1)"));
    }
    assert!(
        shown >= 8,
        "only {shown} pages showed the text at all: the test looks at nothing"
    );
}

/// An account whose names are markup, as Instagram might hand them out.
async fn rename(business: &Business) {
    let renamed = business
        .gateway
        .app()
        .database
        .write(selfsame_runtime::db::Durability::Relaxed, |tx| {
            tx.execute("UPDATE accounts SET username = ?1, name = ?1", [MARKUP])?;
            Ok::<_, selfsame_gateway::store::StoreError>(())
        })
        .await;
    assert!(renamed.is_ok());
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}
