//! The contract's minimal conformance sequence (self messaging §8.6), one test per step, named by its number: both
//! halves on free ports, wired over HTTP.

use selfsame_e2e::House;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use serde_json::{Value, json};

const OWNER: &str = "@luna.coffee";

/// Answers everything, so that one answer too many shows.
const EVERYTHING: &str = r#"
automations:
  - name: sizes
    when: { message: { exact: sizes } }
    do:
      - send:
          text: "Which size?"
          quick_replies: [ { title: Small, payload: SMALL }, { title: Large, payload: LARGE } ]
  - name: menu
    when: { message: { exact: menu } }
    do: [ { send: { text: "Our menu", buttons: [ { title: Coffee, payload: COFFEE } ] } } ]
  - name: coffee
    when: { postback: COFFEE }
    do: [ { send: { text: "Flat white" } } ]
  - name: everything
    when: { message: { everything: true } }
    do: [ { send: { text: "You said: {{ message.text }}" } } ]
  - name: comment
    when: { comment: { everything: true } }
    do: [ { reply: { text: "Thank you" } }, { send: { text: "About your comment" } } ]
"#;

async fn house() -> House {
    House::start(EVERYTHING).await
}

/// What the business has said in the self thread, in order.
async fn said(house: &House) -> Vec<String> {
    house.settled().await;
    let thread = house.thread(OWNER, OWNER).await;
    thread["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|message| message["side"] == "business")
        .map(|message| message["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The deliveries whose payload holds this message or comment.
async fn deliveries_of(house: &House, id: &Value) -> Vec<Value> {
    let listed = house.sim_get("deliveries?limit=10000").await;
    let all = listed["data"].as_array().cloned().unwrap_or_default();
    let id = id.as_str().unwrap_or_default();
    all.into_iter()
        .filter(|delivery| {
            let message = delivery["payload"].pointer("/entry/0/messaging/0/message/mid");
            let comment = delivery["payload"].pointer("/entry/0/changes/0/value/id");
            message.or(comment).and_then(Value::as_str) == Some(id)
        })
        .collect()
}

async fn self_igsid_known_to_gateway(house: &House) -> Value {
    house.gateway_get("accounts").await["data"][0]["self_igsid"].clone()
}

/// Sends to the owner through the Graph API.
async fn send(house: &House, message: &Value) -> (u16, Value) {
    let token = house.token("luna.coffee", "instagram").await;
    let luna = house.account("luna.coffee").await;
    let path = format!("/v24.0/{}/messages", luna["self_igsid"].as_str().unwrap_or_default());
    house.graph_post(&path, &token, &json!({ "message": message })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn step_1_onboarding_subscribes_and_is_told_so() {
    let house = house().await;
    let token = house.token("luna.coffee", "instagram").await;
    let path = "/v24.0/me/subscribed_apps?subscribed_fields=messages,messaging_postbacks,comments";
    let (status, answer) = house.graph_post(path, &token, &json!({})).await;
    assert_eq!((status, answer), (200, json!({"success": true})));
}

#[tokio::test(flavor = "multi_thread")]
async fn step_2_a_self_send_before_any_message_in_the_app_is_refused() {
    let house = house().await;
    let (status, refusal) = send(&house, &json!({"text": "too early"})).await;
    assert_eq!(status, 400, "{refusal}");
    assert_eq!(refusal["error"]["error_subcode"], 2_534_014);
    assert_eq!(said(&house).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn step_3_the_owners_first_message_is_one_webhook_teaches_her_id_and_is_answered_once() {
    let house = house().await;
    assert_eq!(self_igsid_known_to_gateway(&house).await, Value::Null);
    let written = house.dm(OWNER, OWNER, "hi").await;
    assert_eq!(said(&house).await, ["You said: hi"]);
    let deliveries = deliveries_of(&house, &written["mid"]).await;
    assert_eq!(deliveries.len(), 1, "{deliveries:?}");
    let luna = house.account("luna.coffee").await;
    let event = &deliveries[0]["payload"]["entry"][0]["messaging"][0];
    assert_eq!(event["sender"]["id"], luna["ig_id"]);
    assert_eq!(event["recipient"]["id"], luna["self_igsid"]);
    assert_eq!(event["message"]["is_echo"], true);
    assert_eq!(event["message"]["is_self"], true);
    assert_eq!(self_igsid_known_to_gateway(&house).await, luna["self_igsid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn step_4_the_apps_answer_has_one_echo_with_its_mid_and_starts_nothing() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    assert_eq!(said(&house).await, ["You said: hi"]);
    let thread = house.thread(OWNER, OWNER).await;
    let answer = &thread["messages"][1];
    let echoes = deliveries_of(&house, &answer["mid"]).await;
    assert_eq!(echoes.len(), 1, "{echoes:?}");
    let echo = &echoes[0]["payload"]["entry"][0]["messaging"][0]["message"];
    assert_eq!((&echo["is_echo"], &echo["is_self"]), (&json!(true), &json!(true)));
    let rows = house.gateway_get("messages").await;
    assert_eq!(rows["data"].as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows["data"][0]["mid"], answer["mid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn step_5_more_than_a_day_later_she_is_still_answered() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    house.settled().await;
    house.sim_post("clock", &json!({"advance": "25h"})).await;
    house.dm(OWNER, OWNER, "again").await;
    assert_eq!(said(&house).await, ["You said: hi", "You said: again"]);
    house.sim_post("clock", &json!({"advance": "25h"})).await;
    let (status, answer) = send(&house, &json!({"text": "and unasked"})).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn step_6_a_tap_in_her_thread_is_a_self_postback_and_runs_its_automation_once() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    house.settled().await;
    let generic = json!({"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": [
        {"title": "Coffee", "buttons": [{"type": "postback", "title": "Order", "payload": "COFFEE"}]}]}}});
    let (status, sent) = send(&house, &generic).await;
    assert_eq!(status, 200, "{sent}");
    let tapped = house
        .sim_post("tap", &json!({"as": OWNER, "mid": sent["id"], "button": "Order"}))
        .await;
    let delivery = house.delivered(&tapped["notifications"], "messaging_postbacks").await;
    let event = &delivery["payload"]["entry"][0]["messaging"][0];
    assert_eq!(event["is_self"], true);
    assert!(
        event.get("message").is_none() && event["postback"].get("is_echo").is_none(),
        "{event}"
    );
    house.answer(OWNER, OWNER, "Flat white").await;
    house.settled().await;
    assert_eq!(house.count(OWNER, "Flat white").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn step_7_quick_replies_are_refused_or_left_out_as_the_switch_says() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    house.settled().await;
    let chips =
        json!({"text": "Which size?", "quick_replies": [{"content_type": "text", "title": "Small", "payload": "S"}]});
    let (status, refusal) = send(&house, &chips).await;
    assert_eq!((status, &refusal["error"]["error_subcode"]), (400, &json!(2_534_015)));
    house.sim_put("switches", &json!({"self.quick_replies": "drop"})).await;
    let (status, sent) = send(&house, &chips).await;
    assert_eq!(status, 200, "{sent}");
    let thread = house.thread(OWNER, OWNER).await;
    let shown = thread["messages"]
        .as_array()
        .and_then(|messages| messages.last())
        .cloned();
    assert_eq!(shown.unwrap_or_default()["quick_replies"], json!([]));
    // The gateway never sends any to her: they come as buttons under either setting.
    house.dm(OWNER, OWNER, "sizes").await;
    let asked = house.answer(OWNER, OWNER, "Which size?").await;
    assert_eq!(asked["quick_replies"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn step_8_her_own_comment_is_answered_without_a_loop_and_its_replys_echo_ignored() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    house.settled().await;
    let made = house
        .sim_post("comment", &json!({"as": OWNER, "media": "latest", "text": "nice"}))
        .await;
    house.answer(OWNER, OWNER, "About your comment").await;
    assert_eq!(said(&house).await, ["You said: hi", "About your comment"]);
    let deliveries = deliveries_of(&house, &made["comment_id"]).await;
    let from = &deliveries[0]["payload"]["entry"][0]["changes"][0]["value"]["from"];
    let luna = house.account("luna.coffee").await;
    assert_eq!(from["id"], luna["ig_id"]);
    assert_eq!(from["self_ig_scoped_id"], luna["self_igsid"]);
    // The public reply came back as a comment of the account's own.
    let rows = house.gateway_get("messages").await;
    let rows = rows["data"].as_array().cloned().unwrap_or_default();
    let reply = rows
        .iter()
        .find(|row| row["text"] == "Thank you")
        .cloned()
        .unwrap_or_default();
    assert_eq!(deliveries_of(&house, &reply["mid"]).await.len(), 1, "{rows:?}");
    let caused: Vec<&Value> = rows.iter().filter(|row| row["cause_mid"] == reply["mid"]).collect();
    assert!(caused.is_empty(), "{caused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn step_9_anything_delivered_again_or_in_reverse_order_has_no_second_effect() {
    let house = house().await;
    house.dm(OWNER, OWNER, "hi").await;
    house.settled().await;
    house.sim_post("deliveries/hold", &json!({})).await;
    house.dm(OWNER, OWNER, "menu").await;
    house.dm(OWNER, OWNER, "two").await;
    house
        .sim_post("comment", &json!({"as": OWNER, "media": "latest", "text": "nice"}))
        .await;
    house.sim_post("deliveries/release", &json!({"order": "reverse"})).await;
    house.answer(OWNER, OWNER, "About your comment").await;
    house.answer(OWNER, OWNER, "Our menu").await;
    house.answer(OWNER, OWNER, "You said: two").await;
    let mut before = said(&house).await;
    before.sort();
    assert_eq!(
        before,
        ["About your comment", "Our menu", "You said: hi", "You said: two"]
    );
    let listed = house.sim_get("deliveries?limit=10000").await;
    for delivery in listed["data"].as_array().into_iter().flatten().rev() {
        house
            .sim_post(&format!("deliveries/{}/resend", delivery["id"]), &json!({}))
            .await;
    }
    let mut after = said(&house).await;
    after.sort();
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn step_10_other_scripts_are_escaped_and_signed_over_the_raw_bytes_with_the_right_secret_only() {
    let house = house().await;
    let words = "caf\u{e9} \u{1f600} a/b";
    let written = house.dm(OWNER, OWNER, words).await;
    house.answer(OWNER, OWNER, &format!("You said: {words}")).await;
    house.settled().await;
    let deliveries = deliveries_of(&house, &written["mid"]).await;
    let raw = deliveries[0]["raw"].as_str().unwrap_or_default();
    assert!(raw.is_ascii() && raw.contains(r"caf\u00e9 \ud83d\ude00 a\/b"), "{raw}");
    let signature = deliveries[0]["attempts"][0]["request_headers"]["x-hub-signature-256"].clone();
    let app = house.world().await["apps"][0].clone();
    let signed_with = |secret: &str| {
        let secret = app[secret].as_str().unwrap_or_default().to_owned();
        json!(sign(&AppSecret::new(secret), raw.as_bytes()).sha256)
    };
    assert_eq!(signature, signed_with("instagram_app_secret"));
    assert_ne!(signature, signed_with("meta_app_secret"));
    let reserialised = deliveries[0]["payload"].to_string();
    let secret = app["instagram_app_secret"].as_str().unwrap_or_default();
    assert_ne!(
        signature,
        json!(sign(&AppSecret::new(secret), reserialised.as_bytes()).sha256)
    );
}
