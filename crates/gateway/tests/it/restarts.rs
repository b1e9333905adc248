//! The gateway stops and starts again between any two of its steps, in the middle of every kind of step of an
//! automation: what was to be said is said once.

use jiff::SignedDuration;
use serde_json::json;

use crate::business::Business;
use crate::graph::{IG_ID, SAM};

/// An automation that does this when somebody writes "go".
fn automation(steps: &str) -> String {
    format!("automations:\n  - name: go\n    when: {{ message: {{ any: [go] }} }}\n    do:\n{steps}")
}

/// Sam writes, and the gateway stops after each thing that any of its workers does.
async fn says_go(steps: &str) -> Business {
    let mut business = Business::connected(&automation(steps)).await;
    business.sam_sends("go").await;
    business.settle_with_restarts().await;
    business
}

async fn time_passes(business: &mut Business, hours: i64) {
    business
        .clocks
        .world
        .advance(SignedDuration::from_hours(hours))
        .unwrap();
    business.settle_with_restarts().await;
}

#[tokio::test]
async fn a_send_is_made_once_over_restarts() {
    let business = says_go("      - send: { text: one }\n      - send: { text: two }\n").await;
    assert_eq!(business.graph.texts(), ["one", "two"]);
}

#[tokio::test]
async fn a_typing_sign_holds_back_what_follows_over_restarts() {
    let mut business = says_go("      - typing: 2s\n      - send: { text: one }\n").await;
    assert!(business.graph.texts().is_empty(), "the sign is shown for a while");
    time_passes(&mut business, 1).await;
    assert_eq!(business.graph.texts(), ["one"]);
}

#[tokio::test]
async fn a_public_reply_is_made_once_over_restarts() {
    let automations = "automations:\n  - name: go\n    when: { comment: { contains: [price] } }\n    do:\n      - reply: { text: see your messages }\n      - send: { text: the price }\n";
    let mut business = Business::connected(automations).await;
    business.owner_writes("hi").await;
    business.owner_sends_comment("price?").await;
    business.settle_with_restarts().await;
    assert_eq!(business.graph.texts(), ["see your messages", "the price"]);
}

#[tokio::test]
async fn a_question_waits_for_its_answer_over_restarts() {
    let steps = "      - ask: { text: \"how many?\", keep_as: n, answer: number, again: \"a number\", timeout: 1d, otherwise: [ { send: { text: late } } ] }\n      - send: { text: \"{{ n }} then\" }\n";
    let mut business = says_go(steps).await;
    business.sam_sends("some").await;
    business.settle_with_restarts().await;
    business.sam_sends("4").await;
    business.settle_with_restarts().await;
    assert_eq!(business.graph.texts(), ["how many?", "a number", "4 then"]);
    let mut unanswered = says_go(steps).await;
    time_passes(&mut unanswered, 25).await;
    assert_eq!(unanswered.graph.texts(), ["how many?", "late"]);
    time_passes(&mut unanswered, 25).await;
    assert_eq!(unanswered.graph.texts().len(), 2, "once");
}

#[tokio::test]
async fn a_choice_is_made_once_over_restarts() {
    let steps = "      - if: { condition: \"message.text == 'go'\", then: [ { send: { text: yes } } ], else: [ { send: { text: no } } ] }\n      - send: { text: after }\n";
    let steps = steps
        .replace("text: yes", "text: \"yes\"")
        .replace("text: no", "text: \"no\"");
    let business = says_go(&steps).await;
    assert_eq!(business.graph.texts(), ["yes", "after"]);
}

#[tokio::test]
async fn a_value_is_kept_over_restarts() {
    let steps = "      - set: { size: large }\n      - wait: 1d\n      - send: { text: \"a {{ size }} one\" }\n";
    let mut business = says_go(steps).await;
    time_passes(&mut business, 25).await;
    assert_eq!(business.graph.texts(), ["a large one"]);
}

#[tokio::test]
async fn a_wait_of_days_ends_once_over_restarts_and_its_trace_says_so() {
    let mut business = says_go("      - send: { text: now }\n      - wait: 3d\n      - send: { text: later }\n").await;
    time_passes(&mut business, 71).await;
    assert_eq!(business.graph.texts(), ["now"]);
    time_passes(&mut business, 2).await;
    assert_eq!(business.graph.texts(), ["now", "later"]);
    time_passes(&mut business, 100).await;
    assert_eq!(business.graph.texts().len(), 2, "once");
    let detail = business.get("/api/v1/messages/e1").await.json();
    let notes = detail["trace"]["notes"].to_string();
    assert!(
        notes.contains("goes on at") && notes.contains("`go` goes on"),
        "{notes}"
    );
}

#[tokio::test]
async fn a_reaction_is_made_over_restarts() {
    let business = says_go("      - react: love\n      - send: { text: one }\n").await;
    assert_eq!(business.graph.texts(), ["one"]);
    let rows = business.get("/api/v1/messages").await.json();
    let kinds: Vec<_> = rows["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].clone())
        .collect();
    assert_eq!(kinds, [json!("react"), json!("text")]);
    assert_eq!(rows["data"][0]["state"], "sent");
}

#[tokio::test]
async fn a_call_that_fails_goes_on_with_the_other_way_over_restarts() {
    // Nobody listens on this port: the call fails, is made again, and is given up.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let steps = format!(
        "      - http: {{ url: \"http://{address}/\", otherwise: [ {{ send: {{ text: closed }} }} ] }}\n      - send: {{ text: open }}\n"
    );
    let mut business = says_go(&steps).await;
    for _ in 0..3 {
        business.clocks.process.advance(std::time::Duration::from_secs(16));
        business.settle_with_restarts().await;
    }
    assert_eq!(business.graph.texts(), ["closed"]);
}

#[tokio::test]
async fn a_hand_over_lasts_over_restarts_until_the_studio_hands_the_thread_back() {
    let mut business = says_go("      - send: { text: one moment }\n      - hand_over: { note: help }\n").await;
    business.sam_sends("go").await;
    business.settle_with_restarts().await;
    assert_eq!(business.graph.texts(), ["one moment"]);
    let page = business.get("/studio").await.text;
    assert!(page.contains("Hand back to the automations"), "{page}");
    let thread = format!("account={IG_ID}&person={SAM}");
    business.submit("/studio/threads/hand-back", &thread).await;
    business.sam_sends("go").await;
    business.settle_with_restarts().await;
    assert_eq!(business.graph.texts().len(), 2);
    business.submit("/studio/threads/hand-back", &thread).await;
    business.submit("/studio/threads/take-over", &thread).await;
    business.sam_sends("go").await;
    business.settle_with_restarts().await;
    assert_eq!(business.graph.texts().len(), 2, "taken over in the studio");
}

#[tokio::test]
async fn the_studio_saves_a_draft_and_refuses_one_with_errors() {
    let mut business = Business::connected(&automation("      - send: { text: old }\n")).await;
    let page = business.get("/studio/draft").await;
    assert!(page.text.contains("text: old"), "{}", page.text);
    let form = |text: &str| {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("text", text)
            .finish()
    };
    let refused = business
        .submit("/studio/draft", &form("automations:\n  - nam: x\n"))
        .await;
    assert_eq!(refused.status.as_u16(), 422);
    assert!(refused.text.contains("Line 2, column 5") && refused.text.contains("nam: x"));
    business.owner_writes("go").await;
    let saved = automation("      - send: { text: new }\n").replace('\n', "\r\n");
    let answer = business.submit("/studio/draft", &form(&saved)).await;
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    business.owner_writes("go").await;
    assert_eq!(business.graph.texts(), ["old", "new"]);
    let made = business
        .submit("/studio/previews", &format!("account={IG_ID}&mode=simulate"))
        .await;
    let page = business.get(&made.header("location")).await;
    assert!(page.text.contains("Meet your automation"), "{}", page.text);
}

/// The version that the editor of a page holds.
fn edited(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"edited\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_draft_that_somebody_else_has_saved_meanwhile_is_overwritten_only_knowingly() {
    let mut business = Business::connected(&automation("      - send: { text: old }\n")).await;
    for path in ["/studio/draft".to_owned(), format!("/studio/accounts/{IG_ID}/draft")] {
        let form = |text: &str, edited: &str| {
            form_urlencoded::Serializer::new(String::new())
                .append_pair("text", &automation(&format!("      - send: {{ text: {text} }}\n")))
                .append_pair("edited", edited)
                .finish()
        };
        let before = edited(&business.get(&path).await.text);
        let saved = business.submit(&path, &form("theirs", &before)).await;
        assert_eq!(saved.status.as_u16(), 303, "{}", saved.text);

        let conflict = business.submit(&path, &form("mine", &before)).await;
        assert_eq!(conflict.status.as_u16(), 409);
        assert!(conflict.text.contains("text: mine") && conflict.text.contains("text: theirs"));
        business.owner_writes("go").await;
        assert_eq!(business.graph.texts().last().unwrap(), "theirs", "{path}");

        let saved = business.submit(&path, &form("mine", &edited(&conflict.text))).await;
        assert_eq!(saved.status.as_u16(), 303, "{}", saved.text);
        business.owner_writes("go").await;
        assert_eq!(business.graph.texts().last().unwrap(), "mine", "{path}");
    }
}

#[tokio::test]
async fn an_account_publishes_its_own_draft_and_goes_back_in_the_studio() {
    let mut business = Business::connected(&automation("      - send: { text: for all }\n")).await;
    let path = format!("/studio/accounts/{IG_ID}");
    let text = |words: &str| {
        let text = automation(&format!("      - send: {{ text: {words} }}\n"));
        form_urlencoded::Serializer::new(String::new())
            .append_pair("text", &text)
            .finish()
    };
    for words in ["first", "second"] {
        business.submit(&format!("{path}/draft"), &text(words)).await;
        business.submit(&format!("{path}/publish"), "").await;
        business.sam_sends("go").await;
        business.settle().await;
        assert_eq!(business.graph.texts().last().unwrap(), words);
    }
    let page = business.get(&format!("{path}/draft")).await.text;
    assert!(
        page.contains("the draft is published") && page.contains("<ins>+       - send: { text: first }"),
        "{page}"
    );
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    business.submit(&format!("{path}/roll-back"), &format!("id={id}")).await;
    business.sam_sends("go").await;
    business.settle().await;
    assert_eq!(business.graph.texts().last().unwrap(), "first");
    let lint = business.submit("/studio/lint", "text=automations:%0A  - nam: x").await;
    assert!(lint.text.contains("data-line=\"2\" data-column=\"5\""), "{}", lint.text);
}
