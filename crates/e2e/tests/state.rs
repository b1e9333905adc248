//! Both halves together when the world moves on, begins again, or becomes another one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use selfsame_e2e::House;
use serde_json::{Value, json};

const LUNA: &str = "@luna.coffee";
const SAM: &str = "@sam";
const MENU: &str = "Here is our menu";

const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu] } }
    do: [ { send: { text: "Here is our menu" } } ]
  - name: later
    when: { message: { any: [later] } }
    do:
      - wait: 25h
      - send: { text: "You asked for it" }
  - name: soon
    when: { message: { any: [soon] } }
    do:
      - wait: 1h
      - send: { text: "You asked for it" }
"#;

async fn house() -> House {
    House::start(AUTOMATIONS).await
}

async fn advance(house: &House, by: &str) {
    house.sim_post("clock", &json!({"advance": by})).await;
}

/// World time stands still from now on, so that nothing falls due by itself.
async fn freeze(house: &House) {
    let now = house.sim_get("clock").await["now"].clone();
    house.sim_post("clock", &json!({"freeze": now})).await;
}

/// The account as the gateway knows it, when it is as expected.
async fn account_when(house: &House, is_expected: impl Fn(&Value) -> bool) -> Value {
    house.gateway_until("accounts/luna.coffee", is_expected).await
}

fn instagram_login(account: &Value) -> Value {
    let mut logins = account["logins"].as_array().unwrap().iter();
    logins.rfind(|login| login["flow"] == "instagram").unwrap().clone()
}

/// What the business said in the thread of Luna and `person`.
async fn said(house: &House, person: &str) -> Vec<Value> {
    let thread = house.thread(LUNA, person).await;
    let messages = thread["messages"].as_array().cloned().unwrap_or_default();
    let said = messages.into_iter().filter(|message| message["side"] == "business");
    said.map(|message| message["text"].clone()).collect()
}

/// The first row of the gateway's messages in this state.
async fn message_when(house: &House, state: &str) -> Value {
    let path = format!("messages?state={state}");
    let rows = house
        .gateway_until(&path, |rows| {
            rows["data"].as_array().is_some_and(|rows| !rows.is_empty())
        })
        .await;
    rows["data"][0].clone()
}

/// A delivery in this status.
async fn delivery_when(house: &House, status: &str) -> Value {
    let found = house
        .sim_get(&format!("wait?for=delivery&status={status}&timeout=20s"))
        .await;
    assert_eq!(found["matched"], true, "no delivery is {status}");
    found["item"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_refreshes_its_token_in_time_and_outlives_the_first_one() {
    let house = house().await;
    let first = instagram_login(&house.gateway_get("accounts/luna.coffee").await)["expires_at"].clone();
    advance(&house, "51d").await;
    account_when(&house, |account| instagram_login(account)["expires_at"] != first).await;
    let refreshed = house.sim_get("calls?path=/refresh_access_token").await;
    let statuses: Vec<&Value> = refreshed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["status"])
        .collect();
    assert_eq!(statuses, [200]);

    advance(&house, "20d").await; // the first token's 60 days are over
    house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, MENU).await;
    assert_eq!(
        house.gateway_get("accounts/luna.coffee").await["needs_reconnect"],
        false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_time_has_ended_asks_for_a_new_login_and_answers_after_it() {
    let house = house().await;
    advance(&house, "61d").await;
    let account = account_when(&house, |account| account["needs_reconnect"] == true).await;
    let broken = instagram_login(&account)["broken"].clone();
    assert!(broken.as_str().unwrap().contains("expired"), "{broken}");
    house.dm(LUNA, LUNA, "menu").await;
    let failed = message_when(&house, "failed").await;
    assert!(failed["reason"].as_str().unwrap().contains("connect"), "{failed}");

    let login = json!({"flow": "instagram", "access_token": house.granted_again().await});
    house.gateway_post("accounts", &login).await;
    house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, MENU).await;
    assert_eq!(said(&house, LUNA).await, [MENU]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closes_while_an_automation_waits_fails_its_send_and_the_owner_has_none() {
    let house = house().await;
    for person in [SAM, LUNA] {
        house.dm(person, LUNA, "later").await;
    }
    house.settled().await;
    assert_eq!((said(&house, SAM).await, said(&house, LUNA).await), (vec![], vec![]));
    advance(&house, "26h").await;
    house.answer(LUNA, LUNA, "You asked for it").await;
    let failed = message_when(&house, "failed").await;
    assert!(failed["reason"].as_str().unwrap().contains("2534022"), "{failed}");
    assert_eq!(said(&house, SAM).await, [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_falls_due_when_time_is_moved_and_what_it_repeats_is_not_answered_again() {
    let house = house().await;
    freeze(&house).await;
    let unheard = json!({"rules": [{"target": "delivery", "fault": "status", "times": 1}]});
    house.sim_put("chaos", &unheard).await;
    house.dm(LUNA, LUNA, "menu").await;
    let failed = delivery_when(&house, "failed").await;
    house.answer(LUNA, LUNA, MENU).await; // the gateway heard it, its 200 was lost

    advance(&house, "1m").await;
    house.settled().await;
    let path = format!("deliveries?after={}&limit=1", failed["id"].as_i64().unwrap() - 1);
    let retried = house.sim_get(&path).await["data"][0].clone();
    let attempts = retried["attempts"].as_array().unwrap().iter();
    assert_eq!(
        attempts.map(|attempt| &attempt["status"]).collect::<Vec<_>>(),
        [500, 200]
    );
    assert_eq!(said(&house, LUNA).await, [MENU]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_ends_with_its_day_in_the_list_and_for_answers_to_it() {
    let house = house().await;
    let story = json!({"account": LUNA, "media_product_type": "STORY"});
    let story = house.sim_post("media", &story).await["id"].clone();
    let answer = json!({"as": SAM, "to": LUNA, "text": "nice", "story": story});
    let answered = house.sim_post("dm", &answer).await;
    let delivery = house.delivered(&answered["notifications"], "messages").await;
    let told = &delivery["payload"]["entry"][0]["messaging"][0]["message"]["reply_to"]["story"];
    assert_eq!(told["id"], story);
    let token = house.token("luna.coffee", "instagram").await;
    let listed = async || house.graph_get("/v25.0/me/stories", &token).await.1["data"].clone();

    assert_eq!(listed().await, json!([{"id": story}]));
    advance(&house, "25h").await;
    assert_eq!(listed().await, json!([]));
    let late = house.sim_refuses("dm", &answer).await;
    assert_eq!(late["error"]["code"], "story_expired", "{late}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_that_recovers_lets_the_gateway_go_on_and_answer_everything_once() {
    let house = house().await;
    freeze(&house).await;
    let limits = json!({"limits.enforced": true, "limits.instagram_messages_per_second": 1});
    house.sim_put("switches", &limits).await;
    let people = [SAM, LUNA, "@kim"];
    house.sim_post("accounts", &json!({"username": "kim"})).await;
    for person in people {
        house.dm(person, LUNA, "menu").await;
    }
    // Of the others, Instagram refuses the sends that are under way; further ones are not tried, because the answers tell the usage.
    let first = house.sim_get("wait?for=message&origin=api&timeout=20s").await;
    assert_eq!(first["matched"], true, "{first}");
    let n_said = async || {
        let mut n_said = 0;
        for person in people {
            n_said += said(&house, person).await.len();
        }
        n_said
    };
    assert_eq!(n_said().await, 1, "time stands still");

    // Time waits for the gateway, or a slow machine would see the window close.
    let recovered = async {
        let mut last = json!(0);
        while n_said().await < people.len() {
            advance(&house, "30s").await;
            let call = house
                .sim_get(&format!("wait?for=call&path=/messages&after={last}&timeout=1s"))
                .await;
            if call["matched"] == true {
                last = call["item"]["id"].clone();
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), recovered)
        .await
        .unwrap();
    house.settled().await;
    for person in people {
        assert_eq!(said(&house, person).await, [MENU], "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_the_gateway_answers_in_the_new_world_and_says_nothing_of_the_old() {
    let house = house().await;
    advance(&house, "10d").await;
    for person in [LUNA, SAM] {
        house.dm(person, LUNA, "menu").await;
        house.answer(LUNA, person, MENU).await;
        house.dm(person, LUNA, "soon").await;
    }
    house.settled().await;
    let before = house.gateway_get("accounts/luna.coffee").await;

    house.sim_post("reset", &json!({})).await;
    assert_eq!(house.sim_get("threads").await["data"], json!([]));
    for person in [LUNA, SAM] {
        house.dm(person, LUNA, "menu").await;
        house.answer(LUNA, person, MENU).await;
        assert_eq!(said(&house, person).await, [MENU], "{person}");
    }
    let after = house.gateway_get("accounts/luna.coffee").await;
    assert_eq!(
        (&after["ig_id"], &after["self_igsid"]),
        (&before["ig_id"], &before["self_igsid"])
    );
    assert_eq!(after["needs_reconnect"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_an_imported_world_does_not_have_asks_for_a_new_login() {
    let house = house().await;
    let exported = house.sim_get("export").await;
    let newer = json!({"flow": "instagram", "access_token": house.granted_again().await});
    house.gateway_post("accounts", &newer).await;
    house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, MENU).await;
    house.settled().await;

    house.sim_post("import", &exported).await;
    house.dm(LUNA, LUNA, "menu").await;
    account_when(&house, |account| account["needs_reconnect"] == true).await;
    let failed = message_when(&house, "failed").await;
    assert!(
        failed["reason"].as_str().unwrap().contains("connect the account again"),
        "{failed}"
    );
    assert_eq!(said(&house, LUNA).await, [Value::Null; 0]);

    let older = json!({"flow": "instagram", "access_token": house.token("luna.coffee", "instagram").await});
    house.gateway_post("accounts", &older).await;
    house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, MENU).await;
    assert_eq!(said(&house, LUNA).await, [MENU]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_in_an_imported_world_and_nothing_old_is_answered_again() {
    let house = house().await;
    let first = house.dm(LUNA, LUNA, "menu").await;
    house.answer(LUNA, LUNA, MENU).await;
    house.settled().await;
    let exported = house.sim_get("export").await;
    house.dm(LUNA, LUNA, "menu, in a future that is taken back").await;
    house.settled().await;
    assert_eq!(said(&house, LUNA).await, [MENU, MENU]);

    house.sim_post("import", &exported).await;
    assert_eq!(said(&house, LUNA).await, [MENU]);
    let again = format!("deliveries/{}/resend", first["notifications"][0]);
    house.sim_post(&again, &json!({})).await;
    house.dm(LUNA, LUNA, "menu").await;
    house.settled().await;
    assert_eq!(
        said(&house, LUNA).await,
        [MENU, MENU],
        "one for the new message, none for the old"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_of_another_house_is_signed_by_another_app_and_the_gateway_acts_on_none_of_it() {
    let (house, other) = tokio::join!(house(), house());
    let foreign = other.sim_get("export").await;
    house.sim_post("import", &foreign).await;
    house.dm(LUNA, LUNA, "menu").await;
    // The gateway does not know that app's verify token either, so its callback is none of this world.
    let unsent = delivery_when(&house, "suppressed").await;
    assert_eq!(unsent["reason"], "callback_unverified", "{unsent}");
    assert_eq!(said(&house, LUNA).await, [Value::Null; 0]);

    house.sim_post("reset", &json!({"to": "empty"})).await;
    let world = house.world().await;
    assert_eq!((&world["apps"], &world["accounts"]), (&json!([]), &json!([])));
    assert_eq!(house.gateway_get("messages").await["data"], json!([]));
}
