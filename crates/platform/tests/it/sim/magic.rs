//! Faults that a person asks for in what she types, and several updates in one POST.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::house::{Answer, House};

async fn say(house: &House, from: &str, text: &str) {
    let dm = json!({"as": from, "to": "@luna.coffee", "text": text});
    house.ok("POST", "/_sim/dm", &dm).await;
}

/// Sends to @sam as the business, the token in the JSON body.
async fn answer(house: &House, message: Value) -> Answer {
    let world = house.get("/_sim/world").await;
    let account = world["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["username"] == "sam")
        .unwrap();
    let owner = world["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["username"] == "luna.coffee")
        .unwrap();
    let token = owner["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["flow"] == "instagram")
        .unwrap();
    let mut body = json!({
        "recipient": {"id": account["scoped_ids"]["@luna.coffee"]},
        "access_token": token["access_token"],
    });
    body.as_object_mut()
        .unwrap()
        .extend(message.as_object().unwrap().clone());
    house.call("POST", "/v25.0/me/messages", &body).await
}

#[tokio::test]
async fn a_text_asks_for_the_same_webhook_twice_and_is_delivered_as_it_is() {
    let house = House::with_bot().await;
    say(&house, "@sam", "menu\n#dup 2").await;
    say(&house, "@sam", "#dup please").await;
    house.deliver().await;
    assert_eq!(
        house.bot.texts(),
        ["menu\n#dup 2", "menu\n#dup 2", "menu\n#dup 2", "#dup please"]
    );
}

#[tokio::test]
async fn a_self_message_asks_for_faults_too() {
    let house = House::with_bot().await;
    say(&house, "@luna.coffee", "#dup").await;
    house.deliver().await;
    assert_eq!(house.bot.texts(), ["#dup", "#dup"]);
}

#[tokio::test]
async fn a_text_makes_its_webhook_late_in_real_time() {
    let house = House::with_bot().await;
    say(&house, "@sam", "#late 10s").await;
    let mut delivery = std::pin::pin!(house.deliver());
    let waits = tokio::select! {
        biased;
        () = &mut delivery => false,
        () = house.process_clock.sleep(Duration::ZERO) => true,
    };
    assert!(waits && house.bot.told().is_empty());
    while house.bot.told().is_empty() {
        house.real_time_passes(Duration::from_secs(10));
        tokio::select! {
            biased;
            () = &mut delivery => {}
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(house.bot.texts(), ["#late 10s"]);
}

#[tokio::test]
async fn a_status_asked_for_is_retried_and_then_struck_no_more() {
    let house = House::with_bot().await;
    say(&house, "@sam", "#status 503").await;
    house.deliver().await;
    let log = house.get("/_sim/deliveries").await;
    let delivery = &log["data"][0];
    assert_eq!(delivery["status"], "delivered");
    let statuses: Vec<_> = delivery["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(statuses, [json!(503), json!(200)]);
}

#[tokio::test]
async fn a_text_makes_the_next_answer_fail_but_neither_typing_nor_the_one_after() {
    let house = House::with_bot().await;
    say(&house, "@sam", "#fail 613/2534040").await;
    house.deliver().await;
    assert_eq!(house.bot.texts(), ["#fail 613/2534040"], "the text is delivered");

    let typing = answer(&house, json!({"sender_action": "typing_on"})).await;
    assert_eq!(typing.status, StatusCode::OK, "{}", typing.json());
    let refused = answer(&house, json!({"message": {"text": "one"}})).await.json();
    assert_eq!(
        (&refused["error"]["code"], &refused["error"]["error_subcode"]),
        (&json!(613), &json!(2_534_040))
    );
    let sent = answer(&house, json!({"message": {"text": "two"}})).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.json());
}

#[tokio::test]
async fn what_an_app_sends_asks_for_nothing() {
    let house = House::with_bot().await;
    say(&house, "@sam", "hello").await;
    house.deliver().await;
    assert_eq!(
        answer(&house, json!({"message": {"text": "#dup"}})).await.status,
        StatusCode::OK
    );
    assert_eq!(
        answer(&house, json!({"message": {"text": "#fail 613"}})).await.status,
        StatusCode::OK
    );
    assert_eq!(
        answer(&house, json!({"message": {"text": "fine"}})).await.status,
        StatusCode::OK
    );
    house.deliver().await;
    assert_eq!(house.bot.texts(), ["hello", "#dup", "#fail 613", "fine"]);
}

#[tokio::test]
async fn magic_text_can_be_switched_off() {
    let house = House::with_bot().await;
    house
        .ok("PUT", "/_sim/switches", &json!({"chaos.magic_text": false}))
        .await;
    say(&house, "@sam", "#dup\n#fail 613").await;
    house.deliver().await;
    assert_eq!(house.bot.texts().len(), 1);
    assert_eq!(
        answer(&house, json!({"message": {"text": "one"}})).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn used_up_faults_of_texts_do_not_pile_up() {
    let house = House::with_bot().await;
    for _ in 0..3 {
        say(&house, "@sam", "#fail 2").await;
        answer(&house, json!({"message": {"text": "one"}})).await;
    }
    assert_eq!(house.get("/_sim/chaos").await["rules"].as_array().unwrap().len(), 1);
}

fn entries(house: &House) -> Vec<Vec<String>> {
    let kinds = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        let entries = body["entry"].as_array().unwrap().clone();
        entries
            .iter()
            .map(|entry| {
                if entry.get("changes").is_some() {
                    "changes"
                } else {
                    "messaging"
                }
                .to_owned()
            })
            .collect()
    };
    house.bot.told().iter().map(|told| kinds(&told.body)).collect()
}

async fn three_kinds_held(house: &House) {
    house.ok("POST", "/_sim/deliveries/hold", &json!({})).await;
    say(house, "@sam", "one").await;
    let comment = json!({"as": "@sam", "media": "latest", "text": "price?"});
    house.ok("POST", "/_sim/comment", &comment).await;
    say(house, "@sam", "two").await;
    house.ok("POST", "/_sim/comment", &comment).await;
    say(house, "@sam", "three").await;
    house.ok("POST", "/_sim/deliveries/release", &json!({})).await;
}

#[tokio::test]
async fn a_batch_carries_several_entries_and_never_mixes_messaging_and_changes() {
    let house = House::with_bot().await;
    let rule = json!({"rules": [{"target": "delivery", "fault": "batch", "params": {"by": "0s"}}]});
    house.ok("PUT", "/_sim/chaos", &rule).await;
    three_kinds_held(&house).await;
    house.deliver().await;

    assert_eq!(entries(&house), [vec!["messaging"; 3], vec!["changes"; 2]]);
    let log = house.get("/_sim/deliveries").await;
    let rows = log["data"].as_array().unwrap();
    let batches: Vec<_> = rows.iter().map(|row| row["batch"].as_i64().unwrap()).collect();
    assert_eq!(
        (batches[0], batches[2], batches[4]),
        (batches[0], batches[0], batches[0])
    );
    assert_eq!(batches[1], batches[3]);
    assert_ne!(batches[0], batches[1]);
    assert!(
        rows.iter()
            .all(|row| row["status"] == "delivered" && row["attempts"].as_array().unwrap().len() == 1)
    );
}

#[tokio::test]
async fn a_batch_is_signed_as_a_whole_and_holds_each_entry_byte_for_byte() {
    let house = House::with_bot().await;
    house
        .ok("PUT", "/_sim/switches", &json!({"webhooks.batching": true}))
        .await;
    house.ok("POST", "/_sim/deliveries/hold", &json!({})).await;
    say(&house, "@sam", "ü <1> \\ /").await;
    say(&house, "@sam", "two").await;
    house.ok("POST", "/_sim/deliveries/release", &json!({})).await;
    house.deliver().await;
    let told = house.bot.told();
    assert_eq!(told.len(), 1);
    let text = String::from_utf8(told[0].body.to_vec()).unwrap();
    let log = house.get("/_sim/deliveries").await;
    for row in log["data"].as_array().unwrap() {
        let raw = row["raw"].as_str().unwrap();
        let entry = &raw[raw.find('[').unwrap() + 1..raw.rfind(']').unwrap()];
        assert!(text.contains(entry), "{text}\n{entry}");
    }
    let world = house.get("/_sim/world").await;
    let secret = world["apps"][0]["instagram_app_secret"].as_str().unwrap().to_owned();
    let signatures = selfsame_wire::signature::sign(&selfsame_wire::secret::AppSecret::new(secret), &told[0].body);
    assert_eq!(told[0].headers["x-hub-signature-256"], signatures.sha256.as_str());
}

#[tokio::test]
async fn a_batch_that_fails_stays_together() {
    let house = House::with_bot().await;
    let rules = json!({"rules": [
        {"target": "delivery", "fault": "batch", "params": {"by": "0s", "count": 2}, "times": 1},
        {"target": "delivery", "fault": "status", "times": 1},
    ]});
    house.ok("PUT", "/_sim/chaos", &rules).await;
    three_kinds_held(&house).await;
    house.deliver().await;
    let told = entries(&house);
    let twos = told.iter().filter(|kinds| kinds.len() == 2).count();
    let ones = told.iter().filter(|kinds| kinds.len() == 1).count();
    assert_eq!((twos, ones), (2, 3), "{told:?}");
    let log = house.get("/_sim/deliveries").await;
    assert!(
        log["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["status"] == "delivered"),
        "{log:#}"
    );
}

#[tokio::test]
async fn the_same_seed_and_the_same_gestures_give_the_same_faults() {
    async fn run(seed: u64) -> Vec<String> {
        let house = House::with_bot().await;
        let rules = json!({"seed": seed, "rules": [
            {"target": "delivery", "fault": "duplicate", "probability": 0.4},
            {"target": "delivery", "fault": "drop", "probability": 0.3},
            {"target": "delivery", "fault": "status", "probability": 0.2},
        ]});
        house.ok("PUT", "/_sim/chaos", &rules).await;
        for number in 0..12 {
            say(&house, "@sam", &format!("message {number}")).await;
            house.deliver().await;
        }
        house.bot.texts()
    }
    assert_eq!(run(5).await, run(5).await);
    assert_ne!(run(5).await, run(6).await);
}
