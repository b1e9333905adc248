//! One test per statement of the self-messaging page (`docs/contract/`), named by it.
//!
//! Every test starts both halves on free ports, wired over HTTP, with a data folder of its own.

mod conformance;

use selfsame_e2e::{Blank, House, fill, same_keys_in_order};
use serde_json::{Value, json};

/// The page's echo example, as printed there.
const ECHO: &str = include_str!("../../../wire/fixtures/documented/seed_self_echo.json");
/// The page's postback example.
const POSTBACK: &str = include_str!("../../../wire/fixtures/documented/seed_self_postback.json");
/// The page's comment example.
const COMMENT: &str = include_str!("../../../wire/fixtures/documented/seed_self_comment.json");

/// What the owner of the demo account automates in these tests.
const AUTOMATIONS: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu] } }
    do:
      - send:
          text: "Here is our menu"
          buttons:
            - { title: Coffee, payload: COFFEE }
  - name: coffee
    when: { postback: COFFEE }
    do: [ { send: { text: "Flat white 3.50" } } ]
  - name: documented postback
    when: { postback: DEVELOPER_DEFINED_PAYLOAD }
    do: [ { send: { text: "Let us start" } } ]
  - name: sizes
    when: { message: { exact: sizes } }
    do:
      - send:
          text: "Which size?"
          quick_replies:
            - { title: Small, payload: SMALL }
            - { title: Large, payload: LARGE }
  - name: comment to DM
    when: { comment: { contains: [price] } }
    do:
      - reply: { text: "I sent you a message" }
      - send: { text: "Prices start at 3.50" }
  - name: comment, message only
    when: { comment: { contains: [hours] } }
    do: [ { send: { text: "Open from eight to six" } } ]
"#;

async fn house() -> House {
    House::start(AUTOMATIONS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_professional_account_acts_as_business_and_as_user() {
    let house = house().await;
    let luna = house.account("luna.coffee").await;
    assert_eq!(luna["kind"], "business");

    house.dm("@luna.coffee", "@luna.coffee", "menu").await;
    let answer = house.answer("@luna.coffee", "@luna.coffee", "Here is our menu").await;

    assert_eq!(answer["side"], "business");
    assert_eq!(answer["origin"], "api");
    let thread = house.thread("@luna.coffee", "@luna.coffee").await;
    assert_eq!(thread["self"], true);
    assert_eq!(thread["messages"][0]["side"], "person");
    assert_eq!(thread["messages"][0]["origin"], "phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_24_hour_window_does_not_apply_to_self_messages() {
    let house = house().await;
    let (_, self_igsid) = house.open_self_thread().await;
    house.dm("@sam", "@luna.coffee", "good morning").await;
    let sam = house.world().await["accounts"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|account| account["username"] == "sam")
        .map(|account| account["scoped_ids"]["@luna.coffee"].clone())
        .unwrap_or_default();

    house.sim_post("clock", &json!({"advance": "720h"})).await;
    let token = house.granted_again().await;

    let (status, answer) = house
        .graph_post(
            &format!("/v24.0/{self_igsid}/messages"),
            &token,
            &json!({"message": {"text": "a month later"}}),
        )
        .await;
    assert_eq!(status, 200, "{answer}");
    let (status, refusal) = house
        .graph_post(
            "/v24.0/me/messages",
            &token,
            &json!({"recipient": {"id": sam}, "message": {"text": "too late"}}),
        )
        .await;
    assert_eq!(status, 403, "{refusal}");
    assert_eq!(refusal["error"]["code"], 10);
    assert_eq!(refusal["error"]["error_subcode"], 2_534_022);
}

#[tokio::test(flavor = "multi_thread")]
async fn available_for_accounts_onboarded_by_instagram_login() {
    whole_loop_for_flows(&["instagram"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn available_for_accounts_onboarded_by_facebook_login() {
    whole_loop_for_flows(&["facebook"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn available_for_accounts_onboarded_by_both_logins() {
    whole_loop_for_flows(&["instagram", "facebook"]).await;
}

/// DM, tap, comment and send for a new account that came through `flows`.
async fn whole_loop_for_flows(flows: &[&str]) {
    let house = house().await;
    house
        .sim_post(
            "accounts",
            &json!({"username": "nova.shop", "kind": "business", "page": true}),
        )
        .await;
    house
        .sim_post("media", &json!({"account": "@nova.shop", "caption": "new in"}))
        .await;
    for flow in flows {
        let grant = house
            .sim_post("grants", &json!({"app": "demo", "account": "@nova.shop", "flow": flow}))
            .await;
        house
            .gateway_post(
                "accounts",
                &json!({"flow": flow, "access_token": grant["access_token"]}),
            )
            .await;
    }

    house.dm("@nova.shop", "@nova.shop", "menu").await;
    let menu = house.answer("@nova.shop", "@nova.shop", "Here is our menu").await;
    house
        .sim_post(
            "tap",
            &json!({"as": "@nova.shop", "mid": menu["mid"], "button": "Coffee"}),
        )
        .await;
    house.answer("@nova.shop", "@nova.shop", "Flat white 3.50").await;
    house
        .sim_post(
            "comment",
            &json!({"as": "@nova.shop", "media": "latest", "text": "price?"}),
        )
        .await;
    house.answer("@nova.shop", "@nova.shop", "Prices start at 3.50").await;
    house.settled().await;

    let thread = house.thread("@nova.shop", "@nova.shop").await;
    let answers: Vec<&str> = thread["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|message| message["side"] == "business")
        .filter_map(|message| message["text"].as_str())
        .collect();
    assert_eq!(answers, ["Here is our menu", "Flat white 3.50", "Prices start at 3.50"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_replies_are_not_supported_for_self_messaging() {
    let house = house().await;
    let (token, self_igsid) = house.open_self_thread().await;

    let (status, refusal) = house
        .graph_post(
            &format!("/v24.0/{self_igsid}/messages"),
            &token,
            &json!({"message": {"text": "Which size?", "quick_replies": [
                {"content_type": "text", "title": "Small", "payload": "SMALL"}]}}),
        )
        .await;
    assert_eq!(status, 400, "{refusal}");
    assert_eq!(refusal["error"]["code"], 100);
    assert_eq!(refusal["error"]["error_subcode"], 2_534_015);

    house.dm("@luna.coffee", "@luna.coffee", "sizes").await;
    let answer = house.answer("@luna.coffee", "@luna.coffee", "Which size?").await;
    let titles: Vec<&str> = answer["buttons"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|button| button["title"].as_str())
        .collect();
    assert_eq!(titles, ["Small", "Large"]);
    assert_eq!(answer["quick_replies"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn requires_an_instagram_professional_account() {
    let house = house().await;
    let said = house.dm("@sam", "@sam", "menu").await;
    house.suppressed(&said["notifications"], "personal").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requires_the_account_to_be_connected_to_the_app() {
    let house = house().await;
    house
        .sim_post("accounts", &json!({"username": "lone.shop", "kind": "business"}))
        .await;
    let said = house.dm("@lone.shop", "@lone.shop", "menu").await;
    house.suppressed(&said["notifications"], "connect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requires_business_messaging_access() {
    let house = house().await;
    house
        .sim_post("accounts", &json!({"username": "quiet.shop", "kind": "business"}))
        .await;
    let grant = house
        .sim_post(
            "grants",
            &json!({"app": "demo", "account": "@quiet.shop", "flow": "instagram", "fields": ["messages"],
                    "scopes": ["instagram_business_basic", "instagram_business_manage_comments"]}),
        )
        .await;
    let said = house.dm("@quiet.shop", "@quiet.shop", "menu").await;
    house
        .suppressed(&said["notifications"], "instagram_business_manage_messages")
        .await;

    let quiet = house.account("quiet.shop").await;
    let (status, refusal) = house
        .graph_post(
            &format!("/v24.0/{}/messages", text(&quiet["self_igsid"])),
            text(&grant["access_token"]),
            &json!({"message": {"text": "hello"}}),
        )
        .await;
    assert_eq!(status, 403, "{refusal}");
    assert_eq!(refusal["error"]["code"], 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn requires_webhooks_configured_for_message_events() {
    let house = house().await;
    house
        .sim_post("accounts", &json!({"username": "deaf.shop", "kind": "business"}))
        .await;
    house
        .sim_post(
            "grants",
            &json!({"app": "demo", "account": "@deaf.shop", "flow": "instagram", "fields": ["comments"]}),
        )
        .await;
    house.sim_patch("apps/demo", &json!({"fields": ["comments"]})).await;
    let said = house.dm("@deaf.shop", "@deaf.shop", "menu").await;
    house.suppressed(&said["notifications"], "messages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instagram_user_token_belongs_to_graph_instagram_com() {
    let house = house().await;
    let (token, self_igsid) = house.open_self_thread().await;
    let request = json!({"message": {"text": "hello"}});
    let path = format!("/v24.0/{self_igsid}/messages");

    let (status, _) = house
        .graph_post_at("graph.instagram.com", &path, &token, &request)
        .await;
    assert_eq!(status, 200);
    let (_, refusal) = house.graph_post_at("graph.facebook.com", &path, &token, &request).await;
    assert_eq!(refusal["error"]["code"], 190, "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_facebook_page_token_belongs_to_graph_facebook_com() {
    let house = house().await;
    let (_, self_igsid) = house.open_self_thread().await;
    let token = house.token("luna.coffee", "facebook").await;
    let request = json!({"message": {"text": "hello"}});
    let path = format!("/v24.0/{self_igsid}/messages");

    let (status, _) = house.graph_post_at("graph.facebook.com", &path, &token, &request).await;
    assert_eq!(status, 200);
    let (_, refusal) = house
        .graph_post_at("graph.instagram.com", &path, &token, &request)
        .await;
    assert_eq!(refusal["error"]["code"], 190, "{refusal}");
}

/// One cell of the page's permission table: `scopes` suffice for `field` under `flow`, and without the last of them they do not.
async fn permission_cell(flow: &str, scopes: &[&str], field: &str) {
    let house = house().await;
    for (username, granted) in [("full.shop", scopes), ("less.shop", &scopes[..scopes.len() - 1])] {
        house
            .sim_post(
                "accounts",
                &json!({"username": username, "kind": "business", "page": true}),
            )
            .await;
        house
            .sim_post("media", &json!({"account": username, "caption": "new in"}))
            .await;
        house
            .sim_post(
                "grants",
                &json!({"app": "demo", "account": username, "flow": flow, "scopes": granted,
                        "fields": ["messages", "messaging_postbacks", "comments", "live_comments"]}),
            )
            .await;
    }
    let full = gesture_for(&house, "full.shop", field).await;
    house.delivered(&full["notifications"], field).await;
    let less = gesture_for(&house, "less.shop", field).await;
    house.suppressed(&less["notifications"], scopes[scopes.len() - 1]).await;
}

async fn gesture_for(house: &House, username: &str, field: &str) -> Value {
    match field {
        "messages" => house.dm(username, username, "hello").await,
        "comments" => {
            house
                .sim_post("comment", &json!({"as": username, "media": "latest", "text": "hello"}))
                .await
        }
        other => unreachable!("no gesture for {other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messaging_permissions_of_instagram_login() {
    let scopes = ["instagram_business_basic", "instagram_business_manage_messages"];
    permission_cell("instagram", &scopes, "messages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messaging_permissions_of_facebook_login_as_the_page_names_them() {
    let scopes = ["instagram_business_basic", "instagram_business_manage_messages"];
    permission_cell("facebook", &scopes, "messages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messaging_permissions_of_facebook_login_as_real_tokens_name_them() {
    let scopes = ["instagram_basic", "pages_manage_metadata", "instagram_manage_messages"];
    permission_cell("facebook", &scopes, "messages").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comment_permissions_of_instagram_login() {
    let scopes = ["instagram_business_basic", "instagram_business_manage_comments"];
    permission_cell("instagram", &scopes, "comments").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comment_permissions_of_facebook_login() {
    let scopes = ["instagram_basic", "pages_read_engagement", "instagram_manage_comments"];
    permission_cell("facebook", &scopes, "comments").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_on_live_media_arrive_in_the_field_live_comments() {
    let house = house().await;
    let live = house
        .sim_post(
            "media",
            &json!({"account": "@luna.coffee", "caption": "tasting", "live": true}),
        )
        .await;
    let said = house
        .sim_post(
            "comment",
            &json!({"as": "@luna.coffee", "media": live["id"], "text": "hello"}),
        )
        .await;
    let delivery = house.delivered(&said["notifications"], "live_comments").await;
    let from = &delivery["payload"]["entry"][0]["changes"][0]["value"]["from"];
    let luna = house.account("luna.coffee").await;
    assert_eq!(from["id"], luna["ig_id"]);
    assert_eq!(from["self_ig_scoped_id"], luna["self_igsid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_oneself_triggers_an_echo_webhook_with_is_self() {
    let house = house().await;
    let said = house.dm("@luna.coffee", "@luna.coffee", "a note to myself").await;
    let delivery = house.delivered(&said["notifications"], "messages").await;

    let luna = house.account("luna.coffee").await;
    let filled = fill(
        ECHO,
        &[
            (Blank::IgUserId, &luna["ig_id"]),
            (Blank::SelfIgsid, &luna["self_igsid"]),
            (Blank::MessageId, &said["mid"]),
            (Blank::MessageText, &json!("a note to myself")),
        ],
    );
    same_keys_in_order(&delivery["payload"], &filled, &["time", "timestamp"]);
    let events = delivery["payload"]["entry"][0]["messaging"]
        .as_array()
        .map_or(0, Vec::len);
    assert_eq!(events, 1);
    assert_eq!(said["notifications"].as_array().map_or(0, Vec::len), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_echo_example_is_acted_on() {
    let house = house().await;
    house.open_self_thread().await;
    let luna = house.account("luna.coffee").await;
    let body = fill(
        ECHO,
        &[
            (Blank::IgUserId, &luna["ig_id"]),
            (Blank::SelfIgsid, &luna["self_igsid"]),
            (Blank::MessageId, &json!("aWdfZAG1fexample")),
            (Blank::MessageText, &json!("menu")),
        ],
    );
    house.webhook(&body).await;
    house.answer("@luna.coffee", "@luna.coffee", "Here is our menu").await;
    house.webhook(&body).await;
    house.settled().await;
    assert_eq!(
        house.count("@luna.coffee", "Here is our menu").await,
        1,
        "a redelivery is not a second message"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recipient_id_of_the_webhook_is_the_id_to_send_to() {
    let house = house().await;
    let said = house.dm("@luna.coffee", "@luna.coffee", "a note to myself").await;
    let delivery = house.delivered(&said["notifications"], "messages").await;
    let recipient = text(&delivery["payload"]["entry"][0]["messaging"][0]["recipient"]["id"]).to_owned();
    let token = house.token("luna.coffee", "instagram").await;
    let luna = house.account("luna.coffee").await;
    let request = json!({"message": {"text": "Hello from your IG Pro account!"}});

    let (status, answer) = house
        .graph_post(&format!("/v24.0/{recipient}/messages"), &token, &request)
        .await;
    assert_eq!(status, 200, "{answer}");
    for wrong in [&luna["ig_id"], &luna["app_scoped_ids"]["demo"]] {
        let (status, refusal) = house
            .graph_post(
                "/v24.0/me/messages",
                &token,
                &json!({"recipient": {"id": wrong}, "message": {"text": "x"}}),
            )
            .await;
        assert_eq!(status, 400, "{refusal}");
        assert_eq!(refusal["error"]["error_subcode"], 2_534_014);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_message_is_sent_by_the_documented_request_and_confirmed_with_its_id() {
    let house = house().await;
    let (_, self_igsid) = house.open_self_thread().await;
    for flow in ["instagram", "facebook"] {
        let token = house.token("luna.coffee", flow).await;
        let (status, answer) = house
            .graph_post(
                &format!("/v24.0/{self_igsid}/messages"),
                &token,
                &json!({"message": {"text": "Hello from your IG Pro account!"}}),
            )
            .await;
        assert_eq!(status, 200, "{answer}");
        let keys: Vec<&String> = answer.as_object().map(|o| o.keys().collect()).unwrap_or_default();
        assert_eq!(keys, ["id"]);

        let thread = house.thread("@luna.coffee", "@luna.coffee").await;
        let shown = thread["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|message| message["mid"] == answer["id"] && message["side"] == "business");
        assert!(shown, "the message is on the phone");
        let echo = house.delivery_of_mid(&answer["id"]).await;
        let message = &echo["payload"]["entry"][0]["messaging"][0]["message"];
        assert_eq!(message["is_echo"], true);
        assert_eq!(message["is_self"], true);
    }
    house.settled().await;
    assert_eq!(house.count("@luna.coffee", "Here is our menu").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_must_have_messaged_itself_once_before_the_api_may() {
    let house = house().await;
    let luna = house.account("luna.coffee").await;
    let token = house.token("luna.coffee", "instagram").await;
    let (status, refusal) = house
        .graph_post(
            &format!("/v24.0/{}/messages", text(&luna["self_igsid"])),
            &token,
            &json!({"message": {"text": "too early"}}),
        )
        .await;
    assert_eq!(status, 400, "{refusal}");
    assert_eq!(refusal["error"]["error_subcode"], 2_534_014);
}

#[tokio::test(flavor = "multi_thread")]
async fn tapping_a_button_generates_a_postback_webhook_with_is_self() {
    let house = house().await;
    house.dm("@luna.coffee", "@luna.coffee", "menu").await;
    let menu = house.answer("@luna.coffee", "@luna.coffee", "Here is our menu").await;
    let tapped = house
        .sim_post(
            "tap",
            &json!({"as": "@luna.coffee", "mid": menu["mid"], "button": "Coffee"}),
        )
        .await;
    let delivery = house.delivered(&tapped["notifications"], "messaging_postbacks").await;

    let luna = house.account("luna.coffee").await;
    let filled = fill(
        &POSTBACK
            .replace("45202218377435", "<YOUR_APP_USERS_IG_USER_ID>")
            .replace("Start Chatting", "Coffee")
            .replace("DEVELOPER_DEFINED_PAYLOAD", "COFFEE"),
        &[
            (Blank::IgUserId, &luna["ig_id"]),
            (Blank::SelfIgsid, &luna["self_igsid"]),
        ],
    );
    same_keys_in_order(&delivery["payload"], &filled, &[]);
    let event = &delivery["payload"]["entry"][0]["messaging"][0];
    assert!(event.get("message").is_none());
    assert!(event["postback"].get("is_echo").is_none() && event.get("is_echo").is_none());
    house.answer("@luna.coffee", "@luna.coffee", "Flat white 3.50").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_postback_example_is_acted_on() {
    let house = house().await;
    house.open_self_thread().await;
    let luna = house.account("luna.coffee").await;
    let body = fill(
        POSTBACK,
        &[
            (Blank::IgUserId, &luna["ig_id"]),
            (Blank::SelfIgsid, &luna["self_igsid"]),
        ],
    );
    assert_eq!(
        body["entry"][0]["id"], "45202218377435",
        "the example's entry id is not the account's"
    );
    house.webhook(&body).await;
    house.answer("@luna.coffee", "@luna.coffee", "Let us start").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commenting_on_ones_own_post_generates_a_comments_webhook_with_self_ig_scoped_id() {
    let house = house().await;
    let said = house
        .sim_post(
            "comment",
            &json!({"as": "@luna.coffee", "media": "latest", "text": "looks good"}),
        )
        .await;
    let delivery = house.delivered(&said["notifications"], "comments").await;

    let luna = house.account("luna.coffee").await;
    let filled = fill(
        COMMENT,
        &[
            (Blank::AccountId, &luna["ig_id"]),
            (Blank::Username, &json!("luna.coffee")),
            (Blank::ScopedId, &luna["self_igsid"]),
            (Blank::CommentId, &said["comment_id"]),
            (Blank::CommentText, &json!("looks good")),
        ],
    );
    same_keys_in_order(&delivery["payload"], &filled, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_comment_example_is_acted_on() {
    let house = house().await;
    house.open_self_thread().await;
    let luna = house.account("luna.coffee").await;
    let body = fill(
        COMMENT,
        &[
            (Blank::AccountId, &luna["ig_id"]),
            (Blank::Username, &json!("luna.coffee")),
            (Blank::ScopedId, &luna["self_igsid"]),
            (Blank::CommentId, &json!("17870000000000001")),
            (Blank::CommentText, &json!("what are your hours?")),
        ],
    );
    house.webhook(&body).await;
    house
        .answer("@luna.coffee", "@luna.coffee", "Open from eight to six")
        .await;
    house.webhook(&body).await;
    house.settled().await;
    assert_eq!(house.count("@luna.coffee", "Open from eight to six").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_comment_gets_its_public_reply_and_a_self_message_and_no_loop() {
    let house = house().await;
    house.open_self_thread().await;
    let said = house
        .sim_post(
            "comment",
            &json!({"as": "@luna.coffee", "media": "latest", "text": "price?"}),
        )
        .await;
    house
        .answer("@luna.coffee", "@luna.coffee", "Prices start at 3.50")
        .await;
    house.settled().await;

    let posts = house.world().await["media"].clone();
    let newest = posts
        .as_array()
        .into_iter()
        .flatten()
        .rfind(|post| post["account"] == "luna.coffee");
    let newest = newest.map(|post| post["id"].clone()).unwrap_or_default();
    let media = house.sim_get(&format!("media/{}", text(&newest))).await;
    let replies: Vec<&Value> = media["comments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|comment| comment["parent_id"] == said["comment_id"])
        .collect();
    assert_eq!(replies.len(), 1, "{media}");
    assert_eq!(replies[0]["text"], "I sent you a message");
    assert_eq!(house.count("@luna.coffee", "Prices start at 3.50").await, 1);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
