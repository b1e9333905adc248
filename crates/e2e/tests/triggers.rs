//! Each trigger of an automation, from the gesture on the phone to the answer on the phone: for a customer, and
//! for the owner herself where Instagram has the gesture in her own thread.

use selfsame_e2e::House;
use serde_json::{Value, json};

const LUNA: &str = "@luna.coffee";
const SAM: &str = "@sam";

/// A house with one automation, which answers what `when` says with this text.
async fn house_that_answers(when: &str, text: &str) -> House {
    let automations =
        format!("automations:\n  - name: it\n    when: {{ {when} }}\n    do: [ {{ send: {{ text: \"{text}\" }} }} ]\n");
    House::start(&automations).await
}

/// How often the business said this to a person.
async fn said_to(house: &House, person: &str, text: &str) -> usize {
    let thread = house.thread(person, LUNA).await;
    let messages = thread["messages"].as_array().into_iter().flatten();
    messages
        .filter(|message| message["side"] == "business" && message["text"] == text)
        .count()
}

/// Whether both were answered, once each.
async fn answered_once(house: &House, people: &[&str], text: &str) {
    for person in people {
        house.answer(person, LUNA, text).await;
    }
    house.settled().await;
    for person in people {
        assert_eq!(said_to(house, person, text).await, 1, "{person}");
    }
}

/// Publishes something of an account; its media id.
async fn publish(house: &House, account: &str, kind: &str) -> Value {
    let media = json!({"account": account, "media_product_type": kind, "caption": "today"});
    house.sim_post("media", &media).await["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_story_is_answered() {
    let house = house_that_answers("story_reply: { any: [wow] }", "thank you").await;
    let story = publish(&house, LUNA, "STORY").await;
    for person in [SAM, LUNA] {
        house.dm(person, LUNA, "wow").await;
        let reply = json!({"as": person, "to": LUNA, "text": "wow", "story": story});
        house.sim_post("dm", &reply).await;
    }
    answered_once(&house, &[SAM, LUNA], "thank you").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_in_a_story_is_answered() {
    let house = house_that_answers("story_mention: { everything: true }", "thanks for the mention").await;
    for person in [SAM, LUNA] {
        let story = publish(&house, person, "STORY").await;
        house.dm(person, LUNA, "I will tell my friends").await;
        let mention = json!({"as": person, "to": LUNA, "attachment": {"type": "story_mention", "media": story}});
        house.sim_post("dm", &mention).await;
    }
    answered_once(&house, &[SAM, LUNA], "thanks for the mention").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_an_ice_breaker_is_answered() {
    let house = house_that_answers("ice_breaker: OPENING", "we open at nine").await;
    let token = house.token("luna.coffee", "instagram").await;
    let profile = json!({"platform": "instagram", "ice_breakers": [
        {"question": "When do you open?", "payload": "OPENING"}, {"question": "Where are you?", "payload": "WHERE"}]});
    let (status, told) = house.graph_post("/v25.0/me/messenger_profile", &token, &profile).await;
    assert_eq!(status, 200, "{told}");
    for person in [SAM, LUNA] {
        for question in ["Where are you?", "When do you open?"] {
            let tap = json!({"as": person, "to": LUNA, "ice_breaker": question});
            house.sim_post("tap", &tap).await;
        }
    }
    answered_once(&house, &[SAM, LUNA], "we open at nine").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_under_a_live_broadcast_is_answered() {
    let house = house_that_answers("live_comment: { contains: [price] }", "3.50, only now").await;
    house.open_self_thread().await;
    let live = house
        .sim_post("media", &json!({"account": LUNA, "caption": "tasting", "live": true}))
        .await;
    let post = publish(&house, LUNA, "FEED").await;
    for person in [SAM, LUNA] {
        for media in [&post, &live["id"]] {
            let comment = json!({"as": person, "media": media, "text": "the price?"});
            house.sim_post("comment", &comment).await;
        }
    }
    answered_once(&house, &[SAM, LUNA], "3.50, only now").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_through_a_link_is_answered() {
    let house = house_that_answers("referral: spring", "welcome to spring").await;
    house.dm(SAM, LUNA, "hello").await;
    for reference in ["winter", "spring"] {
        let refer = json!({"as": SAM, "to": LUNA, "referral": {"ref": reference}});
        house.sim_post("refer", &refer).await;
    }
    answered_once(&house, &[SAM], "welcome to spring").await;
    let message = json!({"as": SAM, "to": LUNA, "text": "I am back", "referral": {"ref": "spring", "ad_id": "7"}});
    house.sim_post("dm", &message).await;
    house.settled().await;
    assert_eq!(
        said_to(&house, SAM, "welcome to spring").await,
        2,
        "a message carries its link too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_message_of_a_person_is_answered_and_her_second_is_not() {
    let house = house_that_answers("first_message: { everything: true }", "nice to meet you").await;
    house.dm(SAM, LUNA, "hello").await;
    answered_once(&house, &[SAM], "nice to meet you").await;
    house.dm(SAM, LUNA, "hello again").await;
    // The owner knows herself.
    house.dm(LUNA, LUNA, "hello").await;
    house.settled().await;
    assert_eq!(said_to(&house, SAM, "nice to meet you").await, 1);
    assert_eq!(said_to(&house, LUNA, "nice to meet you").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mention_in_a_caption_and_one_in_a_comment_are_answered_in_public() {
    let house = House::start(
        "automations:\n  - name: it\n    when: { mention: { everything: true } }\n    do: [ { reply: { text: thanks } } ]\n",
    )
    .await;
    // Only the Facebook login tells of mentions, and an app hears of them once it asks for them.
    let mut fields = house.sim_get("world").await["apps"][0]["fields"].clone();
    if let Some(fields) = fields.as_array_mut() {
        fields.push(json!("mentions"));
    }
    house.sim_patch("apps/demo", &json!({"fields": fields})).await;
    let token = house.token("luna.coffee", "facebook").await;
    house
        .gateway_post("accounts", &json!({"flow": "facebook", "access_token": token}))
        .await;
    let post = json!({"account": SAM, "caption": "the best flat white is at @luna.coffee"});
    let post = house.sim_post("media", &post).await["id"].clone();
    let comment = json!({"as": SAM, "media": post, "text": "@luna.coffee, when do you open?"});
    let comment = house.sim_post("comment", &comment).await["comment_id"].clone();
    house.settled().await;
    let post = house
        .sim_get(&format!("media/{}", post.as_str().unwrap_or_default()))
        .await;
    let comments = post["comments"].as_array().into_iter().flatten();
    let under: Vec<&Value> = comments
        .filter(|one| one["username"] == "luna.coffee" && one["text"] == "thanks")
        .map(|one| &one["parent_id"])
        .collect();
    assert_eq!(under.len(), 2, "{post}");
    assert!(under.contains(&&Value::Null) && under.contains(&&comment), "{post}");
}
