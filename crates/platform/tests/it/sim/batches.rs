//! Updates of many threads and accounts in one POST, as Meta may send them (contract: webhooks §4.2).

use selfsame_queue::StepOutcome;
use serde_json::{Value, json};

use crate::house::{House, Mood};

const LUNA: &str = "@luna.coffee";

/// A house in which two accounts are connected to the demo app.
async fn house() -> House {
    let house = House::with_bot().await;
    let nova = json!({"username": "nova", "kind": "business"});
    house.ok("POST", "/_sim/accounts", &nova).await;
    let grant = json!({"app": "demo", "account": "nova", "flow": "instagram", "fields": ["messages", "comments"]});
    house.ok("POST", "/_sim/grants", &grant).await;
    house
}

async fn batching(house: &House) {
    let switch = json!({"webhooks.batching": true});
    house.ok("PUT", "/_sim/switches", &switch).await;
}

async fn says(house: &House, from: &str, to: &str, text: &str) {
    let dm = json!({"as": from, "to": to, "text": text});
    house.ok("POST", "/_sim/dm", &dm).await;
}

/// Messages in three threads of two accounts, and two comments under one post.
async fn much_happens(house: &House) {
    for (from, to, text) in [
        ("@sam", LUNA, "a1"),
        (LUNA, LUNA, "b1"),
        ("@sam", "@nova", "c1"),
        ("@sam", LUNA, "a2"),
        (LUNA, LUNA, "b2"),
        ("@sam", LUNA, "a3"),
    ] {
        says(house, from, to, text).await;
    }
    for text in ["d1", "d2"] {
        let comment = json!({"as": "@sam", "media": "latest", "text": text});
        house.ok("POST", "/_sim/comment", &comment).await;
    }
}

/// The texts of each POST, in order.
fn posts(house: &House) -> Vec<Vec<String>> {
    let told = house.bot.told();
    let posts = told
        .iter()
        .map(|told| serde_json::from_slice::<Value>(&told.body).unwrap());
    posts.map(|body| texts(&body)).collect()
}

fn texts(body: &Value) -> Vec<String> {
    let entries = body["entry"].as_array().unwrap().iter();
    let text = |entry: &Value| {
        let said = entry.pointer("/messaging/0/message/text");
        said.or_else(|| entry.pointer("/changes/0/value/text"))
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    entries.map(text).collect()
}

/// That everything was told once, each thread in its order.
fn check_order(posts: &[Vec<String>]) {
    let all: Vec<&String> = posts.iter().flatten().collect();
    for thread in ["a", "b", "c", "d"] {
        let of_thread: Vec<&&String> = all.iter().filter(|text| text.starts_with(thread)).collect();
        assert!(!of_thread.is_empty() && of_thread.is_sorted(), "{posts:?}");
    }
    assert_eq!(all.len(), 8, "{posts:?}");
}

#[tokio::test]
async fn a_post_holds_the_updates_of_many_threads_and_accounts_each_thread_in_its_order() {
    let house = house().await;
    batching(&house).await;
    much_happens(&house).await;
    house.deliver().await;

    let posts = posts(&house);
    assert_eq!(posts.len(), 2, "messaging and changes: {posts:?}");
    check_order(&posts);
    let body: Value = serde_json::from_slice(&house.bot.told()[0].body).unwrap();
    let mut accounts: Vec<&str> = body["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    assert_eq!(accounts.len(), 2, "{body}");
    let rows = house.get("/_sim/deliveries").await["data"].clone();
    for row in rows.as_array().unwrap() {
        assert_eq!(
            (&row["status"], row["attempts"].as_array().unwrap().len()),
            (&json!("delivered"), 1),
            "{row}"
        );
        assert!(row["batch"].is_i64(), "{row}");
    }
}

#[tokio::test]
async fn a_batch_of_many_threads_that_fails_is_sent_again_as_it_was() {
    let house = house().await;
    batching(&house).await;
    house.bot.is(Mood::Fails);
    much_happens(&house).await;
    house.platform.deliver_once().await.unwrap();
    let first = house.bot.told();
    assert_eq!(first.len(), 2, "{:?}", posts(&house));
    house.bot.is(Mood::Answers);
    house.deliver().await;
    let told = house.bot.told();
    assert_eq!(told.len(), 4, "{:?}", posts(&house));
    for post in &first {
        assert_eq!(told.iter().filter(|again| again.body == post.body).count(), 2);
    }
    let rows = house.get("/_sim/deliveries?status=delivered").await["data"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn a_delivery_with_a_fault_of_its_own_suffers_it_and_joins_nobody() {
    let house = house().await;
    batching(&house).await;
    let of_nova = json!({"account": "@nova"});
    let drop = json!({"rules": [{"target": "delivery", "fault": "drop", "match": of_nova}]});
    house.ok("PUT", "/_sim/chaos", &drop).await;
    much_happens(&house).await;
    house.deliver().await;
    let all: Vec<String> = posts(&house).concat();
    assert!(all.len() == 7 && !all.contains(&"c1".to_owned()), "{all:?}");
}

#[tokio::test]
async fn the_number_of_updates_in_a_post_has_a_limit_and_nothing_is_lost_beyond_it() {
    let house = house().await;
    let most = json!({"rules": [{"target": "delivery", "fault": "batch", "params": {"by": "1s", "count": 3}}]});
    house.ok("PUT", "/_sim/chaos", &most).await;
    much_happens(&house).await;
    house.in_real_time(house.deliver()).await;
    let posts = posts(&house);
    assert!(
        posts.iter().all(|post| post.len() <= 3) && posts.iter().any(|post| post.len() == 3),
        "{posts:?}"
    );
    check_order(&posts);
}

#[tokio::test]
async fn nothing_of_a_thread_overtakes_what_is_in_a_batch_under_way() {
    let house = house().await;
    batching(&house).await;
    house.bot.is(Mood::Thinks);
    says(&house, "@sam", LUNA, "a1").await;
    says(&house, LUNA, LUNA, "b1").await;
    let mut delivering = std::pin::pin!(house.deliver());
    let meanwhile = async {
        while house.bot.told().is_empty() {
            tokio::task::yield_now().await;
        }
        says(&house, LUNA, LUNA, "b2").await;
        house.platform.deliver_once().await.unwrap()
    };
    let outcome = tokio::select! {
        biased;
        () = &mut delivering => panic!("the bot has not answered"),
        outcome = meanwhile => outcome,
    };
    assert!(matches!(outcome, StepOutcome::Idle { .. }), "{outcome:?}");
    assert_eq!(posts(&house), [["a1", "b1"]]);
    house.bot.is(Mood::Answers);
    delivering.await;
    assert_eq!(posts(&house), [vec!["a1", "b1"], vec!["b2"]]);
}
