//! A deletion leaves nothing of what was said: not in rows, not in queues, not in the files.

use axum::http::StatusCode;
use serde_json::json;

use crate::accounts::signed;
use crate::business::Business;
use crate::forward::{Engine, with_engine};
use crate::graph::{IG_ID, SELF_IGSID};
use crate::open::{INSTAGRAM_SECRET, deliver, post};

const WISHES: &str = "SECRETWISHES";

#[tokio::test]
async fn a_deletion_leaves_nothing_in_rows_queues_or_files() {
    let answers = "automations:\n  - name: echo\n    when: { message: { everything: true } }\n    do: [ { send: { text: \"you said {{ message.text }}\" } }, { wait: 1h }, { send: { text: \"again {{ message.text }}\" } } ]\n";
    let mut business = Business::connected(answers).await;
    business.owner_writes(&format!("{WISHES} one")).await;
    // The second one is only split, the third only stored, the fourth was refused, a send waits.
    let body = |mid: &str| {
        json!({"object": "instagram", "entry": [{"id": IG_ID, "messaging": [{"sender": {"id": IG_ID},
            "recipient": {"id": SELF_IGSID}, "message": {"mid": mid, "text": WISHES, "is_echo": true, "is_self": true}}]}]})
        .to_string()
        .into_bytes()
    };
    business.gateway.inbox_once().await.unwrap();
    deliver(&business.gateway, &body("m2")).await;
    business.gateway.split_once().await.unwrap();
    business.gateway.inbox_once().await.unwrap();
    deliver(&business.gateway, &body("m3")).await;
    business.gateway.split_once().await.unwrap();
    deliver(&business.gateway, &body("m4")).await;
    post(&business.gateway, &body("m5"), Some("sha256=00")).await;
    nothing_is_left(business).await;
}

#[tokio::test]
async fn what_waits_for_an_engine_is_erased_in_a_thread_or_in_none() {
    let engine = Engine::default();
    engine.answer(std::iter::repeat_n(StatusCode::BAD_GATEWAY, 10));
    let mut business = with_engine(&engine, "meta").await;
    business.sam_writes(WISHES).await;
    let mention = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": 1, "changes": [
        {"field": "mentions", "value": {"media_id": "m1", "comment_id": "c1", "note": WISHES}}]}]});
    business.webhook(&mention).await;
    assert_eq!(engine.events().len(), 2, "both were offered and wait");
    nothing_is_left(business).await;
}

/// Has everything of the account deleted and looks for its words in every row and in the file.
async fn nothing_is_left(business: Business) {
    let answer = business.submit("/data-deletion", &signed(INSTAGRAM_SECRET)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    business.settle().await;
    let folder = business.folder.path().join("gateway.db");
    business.gateway.app().database.close().await;
    drop(business.gateway);
    let connection = rusqlite::Connection::open(&folder).unwrap();
    let checkpoint: i64 = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(checkpoint, 0);
    for table in [
        "previews",
        "raw_deliveries",
        "events",
        "sends",
        "jobs",
        "failed_signatures",
        "runs",
        "threads",
    ] {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let bytes = value.as_bytes().unwrap_or_default();
                assert!(!contains(bytes, WISHES), "{table}, column {column}");
            }
        }
    }
    drop(connection);
    let file = std::fs::read(&folder).unwrap();
    assert!(!contains(&file, WISHES), "the words are still in the file");
}

fn contains(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}
