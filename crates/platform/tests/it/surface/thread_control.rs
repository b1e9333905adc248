//! Thread control between two apps of one account (contract: other-apis §6.8, webhooks §4.6).

use selfsame_wire::events::subscribable_fields;
use serde_json::{Value, json};

use super::graph::{codes, graph, graph_ok, igsid, second_app, token};
use crate::house::House;

/// The demo world with a second app, and both told of every field through the Instagram login.
async fn two_apps() -> House {
    let house = House::with_bot().await;
    let fields = subscribable_fields();
    house.ok("PATCH", "/_sim/apps/demo", &json!({"fields": fields})).await;
    let grant = json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram", "fields": fields});
    house.ok("POST", "/_sim/grants", &grant).await;
    second_app(&house, "crm", "@luna.coffee").await;
    house
}

/// `app field` of every delivery a call brought about.
async fn told(house: &House, after: i64) -> Vec<String> {
    let list = house.get(&format!("/_sim/deliveries?after={after}")).await;
    let row = |one: &Value| format!("{} {}", one["app"].as_str().unwrap(), one["field"].as_str().unwrap());
    list["data"].as_array().unwrap().iter().map(row).collect()
}

async fn newest(house: &House) -> i64 {
    let list = house.get("/_sim/deliveries").await;
    list["data"]
        .as_array()
        .unwrap()
        .last()
        .map_or(0, |one| one["id"].as_i64().unwrap())
}

async fn app_id(house: &House, name: &str) -> String {
    let world = house.get("/_sim/world").await;
    let apps = world["apps"].as_array().unwrap().clone();
    let app = apps.iter().find(|one| one["name"] == name).unwrap();
    app["meta_app_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn control_is_passed_requested_and_taken_and_each_move_tells_the_other_app() {
    let house = two_apps().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(
        told(&house, 0).await,
        ["demo messages", "crm messages"],
        "nobody owns the thread yet"
    );

    let person = json!({"id": igsid(&house, "luna.coffee", "sam").await});
    let demo = token(&house, "luna.coffee", "demo", "instagram").await;
    let after = newest(&house).await;
    let target = app_id(&house, "crm").await;
    let pass = json!({"recipient": person, "target_app_id": target, "metadata": "to you"});
    let passed = graph_ok(&house, &demo, "POST", "me/pass_thread_control", &pass).await;
    assert_eq!(passed, json!({"success": true}));
    assert_eq!(told(&house, after).await, ["crm messaging_handover"]);
    house.deliver().await;
    let body: Value = serde_json::from_slice(&house.bot.told().last().unwrap().body).unwrap();
    let event = &body["entry"][0]["messaging"][0];
    assert_eq!(event["sender"], person);
    assert_eq!(
        event["pass_thread_control"],
        json!({"previous_owner_app_id": app_id(&house, "demo").await, "new_owner_app_id": target, "metadata": "to you"})
    );

    // The one hears it as usual, the other on standby; and may not write.
    let after = newest(&house).await;
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(told(&house, after).await, ["demo standby", "crm messages"]);
    let standby = house
        .get(&format!("/_sim/deliveries?after={after}&field=standby"))
        .await;
    let entry = &standby["data"][0]["payload"]["entry"][0];
    assert_eq!(entry["standby"][0]["message"]["text"], "hello");
    assert_eq!(entry.get("messaging"), None);
    let send = json!({"recipient": person, "message": {"text": "hi"}});
    let refused = graph(&house, &demo, "POST", "me/messages", &send).await;
    assert_eq!(codes(&refused), (json!(100), json!(2_534_037)));
    let refused = graph(&house, &demo, "POST", "me/pass_thread_control", &pass).await;
    assert_eq!(codes(&refused), (json!(100), json!(2_534_037)));
    let owner = graph_ok(&house, &demo, "GET", "me/conversations?fields=is_owner", &Value::Null).await;
    assert_eq!(owner["data"][0]["is_owner"], false);

    let after = newest(&house).await;
    let ask = json!({"recipient": person, "metadata": "may I"});
    graph_ok(&house, &demo, "POST", "me/request_thread_control", &ask).await;
    graph_ok(&house, &demo, "POST", "me/take_thread_control", &ask).await;
    assert_eq!(
        told(&house, after).await,
        ["crm messaging_handover", "crm messaging_handover"]
    );
    graph_ok(&house, &demo, "POST", "me/messages", &send).await;
}

#[tokio::test]
async fn control_goes_to_the_inbox_and_to_no_app_that_does_not_exist() {
    let house = two_apps().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let person = json!({"id": igsid(&house, "luna.coffee", "sam").await});
    let demo = token(&house, "luna.coffee", "demo", "instagram").await;
    let nobody = json!({"recipient": person, "target_app_id": "7"});
    let refused = graph(&house, &demo, "POST", "me/pass_thread_control", &nobody).await;
    assert_eq!(codes(&refused).0, json!(100));
    let inbox = json!({"recipient": person, "target_app_id": "1217981644879628"});
    graph_ok(&house, &demo, "POST", "me/pass_thread_control", &inbox).await;
    let after = newest(&house).await;
    house.ok("POST", "/_sim/dm", &hello).await;
    assert_eq!(told(&house, after).await, ["demo standby", "crm standby"]);
}

#[tokio::test]
async fn control_ends_when_the_owner_lets_go_or_nothing_happens_for_a_day() {
    let house = two_apps().await;
    let hello = json!({"as": "@sam", "to": "@luna.coffee", "text": "hello"});
    house.ok("POST", "/_sim/dm", &hello).await;
    let person = json!({"id": igsid(&house, "luna.coffee", "sam").await});
    let demo = token(&house, "luna.coffee", "demo", "instagram").await;
    let crm = token(&house, "luna.coffee", "crm", "instagram").await;
    let (take, both) = (json!({"recipient": person}), ["demo messages", "crm messages"]);
    let heard = async |expected: [&str; 2], case: &str| {
        let after = newest(&house).await;
        house.ok("POST", "/_sim/dm", &hello).await;
        assert_eq!(told(&house, after).await, expected, "{case}");
    };

    graph_ok(&house, &crm, "POST", "me/take_thread_control", &take).await;
    heard(["demo standby", "crm messages"], "crm owns it").await;
    let refused = graph(&house, &demo, "POST", "me/release_thread_control", &take).await;
    assert_eq!(codes(&refused), (json!(100), json!(2_534_037)));
    let after = newest(&house).await;
    graph_ok(&house, &crm, "POST", "me/release_thread_control", &take).await;
    assert_eq!(told(&house, after).await, Vec::<String>::new());
    heard(both, "crm let go").await;

    graph_ok(&house, &crm, "POST", "me/take_thread_control", &take).await;
    for _ in 0..2 {
        house.ok("POST", "/_sim/clock", &json!({"advance": "23h"})).await;
        heard(["demo standby", "crm messages"], "each message counts").await;
    }
    house.ok("POST", "/_sim/clock", &json!({"advance": "24h"})).await;
    let send =
        json!({"recipient": person, "message": {"text": "hi"}, "tag": "HUMAN_AGENT", "messaging_type": "MESSAGE_TAG"});
    let answer = graph(&house, &demo, "POST", "me/messages", &send).await;
    assert_ne!(
        codes(&answer).1,
        json!(2_534_037),
        "nobody owns it: another rule may refuse this send"
    );
    heard(both, "a day without anything").await;

    house
        .ok("PUT", "/_sim/switches", &json!({"graph.thread_control_idle_hours": 0}))
        .await;
    graph_ok(&house, &crm, "POST", "me/take_thread_control", &take).await;
    house.ok("POST", "/_sim/clock", &json!({"advance": "900h"})).await;
    heard(["demo standby", "crm messages"], "never, by switch").await;
}
