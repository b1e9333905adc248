//! What was lost between the halves: found on the Graph API, told, and brought in once.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use selfsame_e2e::House;
use serde_json::{Value, json};

const LUNA: &str = "@luna.coffee";
const SAM: &str = "@sam";
const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu] } }
    do: [ { send: { text: "the menu" } } ]
  - name: price
    when: { comment: { contains: [price] } }
    do: [ { reply: { text: "3.50" } } ]
"#;
/// Longest that a comparison may take, in real time.
const COMPARED_WITHIN: Duration = Duration::from_mins(1);

/// Loses every webhook, or none any more.
async fn lose_webhooks(house: &House, lose: bool) {
    let rules = if lose {
        json!([{"target": "delivery", "fault": "drop"}])
    } else {
        json!([])
    };
    house.sim_put("chaos", &json!({"rules": rules})).await;
}

/// Compares the account with Instagram; the report.
async fn compared(house: &House) -> Value {
    let path = "accounts/luna.coffee/reconciliation";
    house.gateway_post(path, &json!({})).await;
    let over = async {
        loop {
            let report = house.gateway_get(path).await;
            if report["state"] != "waiting" && report["state"] != "running" {
                return report;
            }
        }
    };
    let report = tokio::time::timeout(COMPARED_WITHIN, over).await;
    report.expect("the comparison ends")
}

/// The gaps that say this.
fn gaps_of<'a>(report: &'a Value, text: &str) -> Vec<&'a Value> {
    let gaps = report["gaps"].as_array().into_iter().flatten();
    gaps.filter(|gap| gap["text"] == text).collect()
}

async fn replay(house: &House, ids: &[&Value]) {
    let path = "accounts/luna.coffee/reconciliation/replay";
    let replayed = house.gateway_post(path, &json!({"ids": ids})).await;
    assert_eq!(
        replayed["queued"].as_array().map(Vec::len),
        Some(ids.len()),
        "{replayed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_on_the_way_is_found_and_answered_once() {
    let house = House::start(AUTOMATIONS).await;
    house.dm(SAM, LUNA, "hello").await;
    let comment = json!({"as": SAM, "media": "latest", "text": "nice"});
    let nice = house.sim_post("comment", &comment).await["comment_id"].clone();
    house.settled().await;
    lose_webhooks(&house, true).await;
    house.dm(SAM, LUNA, "menu").await;
    house.dm(LUNA, SAM, "I am on it").await;
    let reply = json!({"as": SAM, "media": "latest", "text": "the price?", "parent": nice});
    house.sim_post("comment", &reply).await;
    house.settled().await;
    lose_webhooks(&house, false).await;
    let report = compared(&house).await;
    assert_eq!(report["state"], "done", "{report}");
    assert_eq!(report["gaps"].as_array().map(Vec::len), Some(3), "{report}");
    let (menu, price) = (gaps_of(&report, "menu"), gaps_of(&report, "the price?"));
    assert_eq!(gaps_of(&report, "I am on it")[0]["own"], true);
    assert_eq!(price[0]["parent"], nice);
    replay(&house, &[&menu[0]["id"], &price[0]["id"]]).await;
    house.answer(SAM, LUNA, "the menu").await;
    house.settled().await;
    let again = compared(&house).await;
    assert_eq!(
        again["gaps"].as_array().map(Vec::len),
        Some(1),
        "only what was left out: {again}"
    );
    let thread = house.thread(SAM, LUNA).await;
    let answers = thread["messages"].as_array().into_iter().flatten();
    assert_eq!(answers.filter(|message| message["text"] == "the menu").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_own_words_are_found_where_instagram_lists_her_self_thread() {
    let house = House::start(AUTOMATIONS).await;
    house.open_self_thread().await;
    lose_webhooks(&house, true).await;
    house.dm(LUNA, LUNA, "menu").await;
    house.settled().await;
    lose_webhooks(&house, false).await;
    let unlisted = compared(&house).await;
    assert_eq!(unlisted["gaps"], json!([]));
    assert!(unlisted["notes"].to_string().contains("self thread was not compared"));
    house
        .sim_put("switches", &json!({"self.listed_in_conversations": true}))
        .await;
    let listed = compared(&house).await;
    let menu = gaps_of(&listed, "menu");
    assert_eq!(menu.len(), 1, "{listed}");
    replay(&house, &[&menu[0]["id"]]).await;
    house.answer(LUNA, LUNA, "the menu").await;
    house.settled().await;
    assert_eq!(house.count(LUNA, "the menu").await, 1);
}
