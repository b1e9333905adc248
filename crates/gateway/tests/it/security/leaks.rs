//! Tokens and app secrets are in no log line, no answer, no header, no page and no file.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::accounts::{begin, come_back, signed, state_of};
use crate::business::Business;
use crate::graph::{IG_ID, MARKER};
use crate::open::{INSTAGRAM_SECRET, META_SECRET};

const MENU: &str =
    "automations:\n  - name: menu\n    when: { message: { any: [menu] } }\n    do: [ { send: { text: the menu } } ]\n";

/// Keeps every line that is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_marker_token_is_in_no_log_answer_page_or_file() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);

    // Every answer is searched for the marker by `Business::request` itself, its headers included.
    let mut business = Business::connected(MENU).await;
    for token in [
        json!({"flow": "instagram", "access_token": format!("{MARKER}DEAD")}),
        json!({"flow": "facebook", "access_token": format!("EAA{MARKER}USER")}),
        json!({"flow": "facebook", "access_token": format!("EAA{MARKER}USER"), "page_id": "9001"}),
        json!({"flow": "facebook", "access_token": format!("EAA{MARKER}PAGE1")}),
        json!({"flow": 1, "access_token": format!("{MARKER}")}),
        json!({"flow": "instagram", "access_token": [format!("{MARKER}")]}),
        json!({"flow": "instagram", "access_token": {"token": format!("{MARKER}")}}),
    ] {
        business.post("/api/v1/accounts", &token).await;
    }
    business
        .send(
            "POST",
            "/api/v1/accounts",
            "application/json",
            &format!("{{\"access_token\": \"{MARKER}"),
        )
        .await;
    for flow in ["instagram", "facebook"] {
        let (dialog, cookie) = begin(&business, flow).await;
        let query = format!("code=AQx&state={}", state_of(&dialog));
        come_back(&business, flow, &query, Some(&cookie)).await;
    }
    business.owner_writes("menu").await;
    business.sam_writes("menu").await;
    business
        .clocks
        .world
        .advance(jiff::SignedDuration::from_hours(55 * 24))
        .unwrap();
    business.gateway.app().onboarding.refresh_once().await.unwrap();
    business.restart().await;
    let account = format!("/api/v1/accounts/{IG_ID}");
    for path in [
        "/studio",
        "/connect",
        &format!("/connect/accounts/{IG_ID}"),
        "/studio/messages/e1",
        "/studio/keys",
        "/studio/deliveries",
        "/studio/signatures",
        "/api/v1/accounts",
        &account,
        &format!("{account}/health"),
        &format!("{account}/health?live=true"),
        &format!("/connect/accounts/{IG_ID}?live=true"),
        "/api/v1/checks",
        "/api/v1/messages",
        "/api/v1/status",
        "/api/v1/deliveries",
        "/api/v1/automations",
        "/api/v1/openapi.json",
        "/metrics",
    ] {
        let answer = business.get(path).await;
        for secret in [INSTAGRAM_SECRET, META_SECRET] {
            assert!(!answer.text.contains(secret), "{path} shows an app secret");
        }
    }
    business.post(&format!("{account}/webhooks"), &json!({})).await;
    let key = use_the_graph_shaped_calls(&business).await;
    business.submit("/deauthorize", &signed(INSTAGRAM_SECRET)).await;
    let disconnected = business.send("DELETE", &account, "text/plain", "").await;
    assert_eq!(disconnected.status, StatusCode::NO_CONTENT);
    business.connect().await;
    drop(logging);

    let logged = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    assert!(
        logged.contains("an account was connected"),
        "the logs were not kept: {logged}"
    );
    for secret in [MARKER, INSTAGRAM_SECRET, META_SECRET, key.as_str()] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "a log line holds a secret");
    }
    business.gateway.app().database.close().await;
    let mut files = 0;
    for entry in std::fs::read_dir(business.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for secret in [MARKER, INSTAGRAM_SECRET, META_SECRET, key.as_str()] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "a file holds {secret}"
            );
        }
    }
    assert!(files >= 3, "the folder was not looked at");
}

/// Reads, sends, uploads and fails by `/graph` while Instagram shows the token wherever it can; answers the key.
async fn use_the_graph_shaped_calls(business: &Business) -> String {
    let key = business.engine_key().await;
    for path in [
        "/me/media",
        "/me/conversations",
        "/178/comments",
        "/me/messenger_profile",
    ] {
        business.graph.tell(
            path,
            200,
            json!({"access_token": format!("IGAA{MARKER}LONG"), "paging": {
                "next": format!("http://instagram.test/v25.0{path}?access_token=IGAA{MARKER}LONG&after=x"),
                "previous": format!("http://elsewhere.test/?a=IGAA{MARKER}LONG"),
            }}),
        );
        let answer = business.get(&format!("/graph/v25.0{path}?access_token={key}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    business.graph.tell(
        "/178",
        400,
        json!({"error": {"message": format!("no IGAA{MARKER}LONG"), "type": "IGApiException", "code": 100}}),
    );
    for (path, body) in [
        ("/graph/v25.0/178", json!({"hide": true})),
        ("/graph/v25.0/178?method=delete", json!({})),
        (
            "/graph/v25.0/me/message_attachments",
            json!({"message": {"attachment": {"type": "image"}}}),
        ),
        (
            "/graph/v25.0/me/messages",
            json!({"recipient": {"comment_id": "9"}, "message": {"text": "hi"}}),
        ),
        (
            "/graph/v25.0",
            json!({"batch": [{"relative_url": "me"}, {"relative_url": "178"}]}),
        ),
        ("/graph/v25.0/me", json!({"access_token": "wrong"})),
    ] {
        business.engine_calls(path, &key, &body).await;
    }
    key
}

#[tokio::test]
async fn an_answer_that_would_show_a_token_is_noticed_by_these_tests() {
    let business = Business::open(MENU).await;
    let shown = business
        .get(&format!("/data-deletion/{}", &MARKER[..MARKER.len() - 1]))
        .await;
    assert!(
        shown.text.contains(&MARKER[..MARKER.len() - 1]),
        "the page shows what it was asked for"
    );
}
