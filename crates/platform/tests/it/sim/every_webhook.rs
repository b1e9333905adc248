//! Every webhook of the contract's tables, by the gesture that causes it and by `trigger`, in the shape of its fixture
//! (contract: webhooks §4.5 to §4.8).

use selfsame_wire::events::{EVENTS, Placement, STANDBY_SAMPLE, subscribable_fields};
use serde_json::{Map, Value, json};

use crate::house::House;

/// The demo world with webhooks for every field through both logins.
async fn house() -> House {
    let house = House::with_bot().await;
    let fields = subscribable_fields();
    house.ok("PATCH", "/_sim/apps/demo", &json!({"fields": fields})).await;
    for flow in ["instagram", "facebook"] {
        let grant = json!({"app": "demo", "account": "@luna.coffee", "flow": flow, "fields": fields});
        house.ok("POST", "/_sim/grants", &grant).await;
    }
    house
}

/// Keys and kinds of values, without the values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let shapes: Map<String, Value> = names
                .into_iter()
                .map(|name| (name.clone(), shape(&fields[name])))
                .collect();
            Value::Object(shapes)
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Null => Value::Null,
    }
}

fn fixture(name: &str) -> Value {
    let sample = EVENTS
        .iter()
        .flat_map(|spec| spec.samples)
        .chain([&STANDBY_SAMPLE])
        .find(|sample| sample.name == name)
        .unwrap();
    serde_json::from_str(sample.json).unwrap()
}

fn last(house: &House) -> Value {
    serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap()
}

/// Makes a gesture and compares what the bot is told last with a fixture.
async fn causes(house: &House, path: &str, body: Value, name: &str) -> Value {
    let before = house.bot.told().len();
    let answer = house.ok("POST", path, &body).await;
    house.deliver().await;
    assert!(house.bot.told().len() > before, "{name}: nothing was told");
    let told = last(house);
    assert_eq!(shape(&told), shape(&fixture(name)), "{name}: {told}");
    answer
}

async fn media(house: &House, body: Value) -> String {
    house.ok("POST", "/_sim/media", &body).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn every_row_of_the_event_table_is_triggered_in_the_shape_of_its_fixture() {
    let house = house().await;
    let samples = EVENTS.iter().flat_map(|spec| spec.samples).chain([&STANDBY_SAMPLE]);
    for sample in samples {
        let event = json!({"event": sample.name, "to": "@luna.coffee"});
        let answer = causes(&house, "/_sim/trigger", event, sample.name).await;
        assert!(!answer["notifications"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_kind_of_message_is_caused_by_its_gesture() {
    let house = house().await;
    let dm = |extra: Value| {
        let mut body = json!({"as": "@sam", "to": "@luna.coffee"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let post = media(&house, json!({"account": "@luna.coffee", "caption": "Two posts"})).await;
    let reel = media(
        &house,
        json!({"account": "@luna.coffee", "caption": "A reel", "media_product_type": "REELS"}),
    )
    .await;
    let story = media(
        &house,
        json!({"account": "@luna.coffee", "media_product_type": "STORY"}),
    )
    .await;
    let hers = media(&house, json!({"account": "@sam", "media_product_type": "STORY"})).await;
    let said = causes(&house, "/_sim/dm", dm(json!({"text": "hello"})), "message").await;
    let mid = &said["mid"];
    let file = |kind: &str| json!({"attachment": {"type": kind, "url": "https://example.com/a"}});
    let share = |kind: &str, id: &str| json!({"attachment": {"type": kind, "media": id}});
    let rows = [
        (file("image"), "message_image"),
        (file("video"), "message_video"),
        (file("audio"), "message_audio"),
        (file("file"), "message_file"),
        (share("share", &post), "message_share"),
        (share("share", &reel), "message_reel"),
        (share("story_mention", &hers), "message_story_mention"),
        (json!({"attachment": {"type": "ephemeral"}}), "message_ephemeral"),
        (json!({"attachment": {"type": "unsupported"}}), "message_unsupported"),
        (json!({"text": "Yes", "quick_reply": "YES"}), "message_quick_reply"),
        (json!({"text": "that one", "reply_to": mid}), "message_inline_reply"),
        (json!({"text": "nice", "story": story}), "message_story_reply"),
        (
            json!({"text": "hi", "referral": {"ref": "summer", "ad_id": "1", "ad_title": "Summer",
                   "photo_url": "https://example.com/p", "video_url": "https://example.com/v"}}),
            "message_ad_referral",
        ),
        (
            json!({"text": "hi", "referral": {"product_id": "1"}}),
            "message_shop_referral",
        ),
    ];
    for (extra, name) in rows {
        causes(&house, "/_sim/dm", dm(extra), name).await;
    }
    causes(
        &house,
        "/_sim/unsend",
        json!({"as": "@sam", "mid": mid}),
        "message_unsend",
    )
    .await;
    let echo = json!({"as": "@luna.coffee", "to": "@sam", "text": "hello"});
    causes(&house, "/_sim/dm", echo, "echo").await;
    let own = json!({"as": "@luna.coffee", "to": "@luna.coffee", "text": "menu"});
    let own = causes(&house, "/_sim/dm", own, "self_echo").await;
    let unsend = json!({"as": "@luna.coffee", "mid": own["mid"]});
    causes(&house, "/_sim/unsend", unsend, "self_unsend").await;
}

#[tokio::test]
async fn edits_reactions_reads_and_referrals_are_caused_by_their_gestures() {
    let house = house().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    let said = house.ok("POST", "/_sim/dm", &hello).await;
    let about = |extra: Value| {
        let mut body = json!({"as": "@sam", "mid": said["mid"]});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    causes(&house, "/_sim/edit", about(json!({"text": "hallo"})), "message_edit").await;
    assert_eq!(last(&house)["entry"][0]["messaging"][0]["message_edit"]["num_edit"], 1);
    let react = about(json!({"reaction": "love"}));
    causes(&house, "/_sim/react", react, "reaction").await;
    causes(&house, "/_sim/react", about(json!({})), "unreaction").await;
    causes(&house, "/_sim/seen", about(json!({})), "seen").await;
    let refer = json!({"as": "@sam", "to": "@luna.coffee", "referral": {"ref": "summer"}});
    causes(&house, "/_sim/refer", refer, "referral").await;
    house
        .ok("PUT", "/_sim/switches", &json!({"webhooks.edit_noise": true}))
        .await;
    causes(&house, "/_sim/dm", hello, "message_edit_noise").await;
}

#[tokio::test]
async fn a_link_into_a_thread_that_does_not_exist_is_refused_with_what_to_do() {
    let house = house().await;
    house.ok("POST", "/_sim/accounts", &json!({"username": "new"})).await;
    let refer = json!({"as": "@new", "to": "@luna.coffee", "referral": {"ref": "summer"}});
    let refused = house.call("POST", "/_sim/refer", &refer).await;
    assert_eq!(refused.error_code(), "no_thread");
    assert!(String::from_utf8_lossy(&refused.body).contains("first message"));
}

#[tokio::test]
async fn every_kind_of_comment_and_mention_is_caused_by_its_gesture() {
    let house = house().await;
    let post = media(&house, json!({"account": "@luna.coffee"})).await;
    let ad = media(
        &house,
        json!({"account": "@luna.coffee", "ad": {"ad_id": "1", "ad_title": "Summer", "original_media_id": "2"}}),
    )
    .await;
    let live = media(&house, json!({"account": "@luna.coffee", "live": true})).await;
    let comment =
        |who: &str, media: &str, parent: Value| json!({"as": who, "media": media, "text": "price?", "parent": parent});
    let none = Value::Null;
    let first = causes(&house, "/_sim/comment", comment("@sam", &post, none.clone()), "comment").await;
    let parent = first["comment_id"].clone();
    causes(
        &house,
        "/_sim/comment",
        comment("@sam", &post, parent.clone()),
        "comment_reply",
    )
    .await;
    causes(
        &house,
        "/_sim/comment",
        comment("@sam", &ad, none.clone()),
        "comment_ad",
    )
    .await;
    causes(
        &house,
        "/_sim/comment",
        comment("@luna.coffee", &post, none.clone()),
        "self_comment",
    )
    .await;
    causes(
        &house,
        "/_sim/comment",
        comment("@luna.coffee", &post, parent),
        "self_comment_reply",
    )
    .await;
    causes(
        &house,
        "/_sim/comment",
        comment("@sam", &live, none.clone()),
        "live_comment",
    )
    .await;
    causes(
        &house,
        "/_sim/comment",
        comment("@luna.coffee", &live, none),
        "self_live_comment",
    )
    .await;

    house
        .ok(
            "POST",
            "/_sim/accounts",
            &json!({"username": "nova", "kind": "business"}),
        )
        .await;
    let caption = json!({"account": "@nova", "caption": "with @luna.coffee"});
    let theirs = causes(&house, "/_sim/media", caption, "mention_media").await;
    let named = json!({"as": "@sam", "media": theirs["id"], "text": "@luna.coffee look"});
    causes(&house, "/_sim/comment", named, "mention_comment").await;
}

#[tokio::test]
async fn without_values_only_the_names_of_changed_fields_are_told() {
    let house = house().await;
    house
        .ok("PATCH", "/_sim/apps/demo", &json!({"include_values": false}))
        .await;
    house.platform.shake_hands_once().await.unwrap();
    for body in [
        json!({"event": "comments", "to": "@luna.coffee"}),
        json!({"event": "live_comments", "to": "@luna.coffee"}),
    ] {
        house.ok("POST", "/_sim/trigger", &body).await;
        house.deliver().await;
        let entry = &last(&house)["entry"][0];
        assert_eq!(
            (&entry["changed_fields"][0], entry.get("changes")),
            (&body["event"], None)
        );
    }
}

#[tokio::test]
async fn the_dashboards_test_has_entry_zero_and_reaches_an_app_in_development_without_installs() {
    let house = House::with_bot().await;
    house
        .ok("PATCH", "/_sim/apps/demo", &json!({"mode": "development"}))
        .await;
    for spec in EVENTS {
        let body = json!({"event": spec.field, "dashboard": true, "to": "@luna.coffee"});
        house.ok("POST", "/_sim/trigger", &body).await;
        house.deliver().await;
        let entry = last(&house)["entry"][0].clone();
        assert_eq!(
            (&entry["id"], &entry["changes"][0]["field"]),
            (&json!("0"), &json!(spec.field))
        );
        if spec.placement == Placement::Messaging {
            assert_eq!(entry["changes"][0]["value"]["sender"]["id"], "12334", "{}", spec.field);
            assert_eq!(
                entry["changes"][0]["value"]["timestamp"], "1527459824",
                "{}",
                spec.field
            );
        }
    }
    let facebook = json!({"event": "messages", "dashboard": true, "flow": "facebook", "to": "@luna.coffee",
                          "override": {"message.text": "mine"}, "remove": ["timestamp"]});
    house.ok("POST", "/_sim/trigger", &facebook).await;
    house.deliver().await;
    let event = last(&house)["entry"][0]["messaging"][0].clone();
    assert_eq!(
        (&event["message"]["text"], event.get("timestamp")),
        (&json!("mine"), None)
    );
}

#[tokio::test]
async fn a_story_lives_for_a_day_of_world_time() {
    let house = house().await;
    let story = media(
        &house,
        json!({"account": "@luna.coffee", "media_product_type": "STORY"}),
    )
    .await;
    let reply = json!({"as": "@sam", "to": "@luna.coffee", "text": "nice", "story": story});
    let post = media(&house, json!({"account": "@luna.coffee"})).await;
    let no_story = json!({"as": "@sam", "to": "@luna.coffee", "text": "nice", "story": post});
    assert_eq!(house.call("POST", "/_sim/dm", &no_story).await.error_code(), "no_story");
    house.ok("POST", "/_sim/clock", &json!({"advance": "23h"})).await;
    house.ok("POST", "/_sim/dm", &reply).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "1h"})).await;
    assert_eq!(
        house.call("POST", "/_sim/dm", &reply).await.error_code(),
        "story_expired"
    );
    let comment = json!({"as": "@sam", "media": story, "text": "nice"});
    assert_eq!(
        house.call("POST", "/_sim/comment", &comment).await.error_code(),
        "story_expired"
    );
}
