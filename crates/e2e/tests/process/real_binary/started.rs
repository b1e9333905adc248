//! Starting, starting again, starting twice, ending.

use selfsame_e2e::binary::{self, Running};
use serde_json::{Value, json};

/// A folder for the data, and a user without any settings of her own.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    fn data(&self) -> String {
        self.path().join("data").to_string_lossy().into_owned()
    }

    async fn start(&self) -> Running {
        Running::start(
            self.path(),
            &["start", "--data", &self.data(), "--port", "0", "--gateway-port", "0"],
        )
        .await
    }
}

#[tokio::test]
async fn one_command_starts_both_halves_and_a_message_to_oneself_is_answered() {
    let home = Home::new();
    let house = home.start().await;
    let answered = binary::json(home.path(), &["dm", "menu", "--data", &home.data()]).await;
    let answer = &answered["answers"][0];
    assert_eq!(answer["text"], "Here is our menu, luna.coffee");
    let titles: Vec<&Value> = answer["buttons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|button| &button["title"])
        .collect();
    assert_eq!(titles, [&json!("Coffee"), &json!("Web site")]);
    let tapped = binary::json(home.path(), &["tap", "Coffee", "--data", &home.data()]).await;
    assert_eq!(tapped["answers"][0]["text"], "Flat white 3.50");
    let commented = binary::json(home.path(), &["comment", "price?", "--data", &home.data()]).await;
    assert_eq!(commented["replies"], json!(["I sent you a message"]));
    assert_eq!(commented["answers"][0]["text"], "Flat white 3.50");
    assert!(house.signal("INT").await.success());
}

#[tokio::test]
async fn the_gateway_is_told_of_a_removal_by_default() {
    let home = Home::new();
    let house = home.start().await;
    let world = binary::json(home.path(), &["world", "--data", &home.data()]).await;
    let app = &world["apps"][0];
    assert_eq!(app["deauthorize_url"], format!("{}/deauthorize", house.gateway()));
    assert_eq!(app["data_deletion_url"], format!("{}/data-deletion", house.gateway()));
    assert!(house.signal("INT").await.success());
}

/// The event of the webhook that a gesture caused; null when it caused none.
async fn told(house: &Running, gestured: &Value) -> Value {
    let deliveries = binary::endpoint(&house.platform()).get("/_sim/deliveries", &[]).await;
    let rows = deliveries.expect("the deliveries")["data"].as_array().cloned();
    let caused = |row: &Value| row["id"] == gestured["notifications"][0];
    let row = rows.into_iter().flatten().find(caused).unwrap_or_default();
    row["payload"]["entry"][0]["messaging"][0].clone()
}

#[tokio::test]
async fn shares_story_answers_referrals_and_reactions_are_commands() {
    let home = Home::new();
    let house = home.start().await;
    let platform = binary::endpoint(&house.platform());
    let story = json!({"account": "@luna.coffee", "media_product_type": "STORY"});
    let story = platform.post("/_sim/media", &story).await.unwrap()["id"].clone();
    let post = json!({"account": "@luna.coffee", "caption": "beans"});
    let post = platform.post("/_sim/media", &post).await.unwrap()["id"].clone();
    let as_sam = ["--as", "@sam", "--to", "@luna.coffee", "--no-wait", "--data"];
    let data = home.data();
    let dm =
        async |flags: &[&str]| binary::json(home.path(), &[&["dm"], flags, &as_sam, &[data.as_str()]].concat()).await;

    let hello = dm(&["hello", "--referral", "summer"]).await;
    assert_eq!(told(&house, &hello).await["message"]["referral"]["ref"], "summer");
    let shared = dm(&["--share", post.as_str().unwrap()]).await;
    let attachment = told(&house, &shared).await["message"]["attachments"][0].clone();
    assert_eq!(
        (&attachment["type"], &attachment["payload"]["ig_post_media_id"]),
        (&json!("ig_post"), &post)
    );
    let answered = dm(&["nice", "--story", story.as_str().unwrap()]).await;
    assert_eq!(
        told(&house, &answered).await["message"]["reply_to"]["story"]["id"],
        story
    );

    let to_sam = [
        "dm",
        "hi",
        "--as",
        "@luna.coffee",
        "--to",
        "@sam",
        "--no-wait",
        "--data",
        &data,
    ];
    let mid = binary::json(home.path(), &to_sam).await["mid"].clone();
    let react = ["react", mid.as_str().unwrap(), "--as", "@sam", "--data", &data];
    let reacted = binary::json(home.path(), &[&react[..], &["--emoji", "\u{1f60d}"]].concat()).await;
    assert_eq!(
        told(&house, &reacted).await["reaction"],
        json!({"mid": mid, "action": "react", "reaction": "other", "emoji": "\u{1f60d}"})
    );
    let back = binary::json(home.path(), &[&react[..], &["--remove"]].concat()).await;
    assert_eq!(
        told(&house, &back).await["reaction"],
        json!({"mid": mid, "action": "unreact"})
    );
    assert!(house.signal("INT").await.success());
}

#[tokio::test]
async fn a_message_that_no_automation_matches_is_explained_by_the_gateways_decision() {
    let home = Home::new();
    let house = home.start().await;
    let said = ["dm", "nobody answers this", "--within", "3s", "--json", "--data"];
    let output = binary::run(home.path(), &[&said[..], &[&home.data()]].concat()).await;
    assert!(!output.status.success(), "nothing came in time");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sentence = told["deliveries"][0]["sentence"].as_str().unwrap();
    assert!(sentence.contains("no automation"), "{told}");
    assert!(!sentence.contains("is_echo"), "{told}");
    assert!(house.signal("INT").await.success());
}

#[tokio::test]
async fn a_second_start_finds_everything_again() {
    let home = Home::new();
    let first = home.start().await;
    let before = binary::json(home.path(), &["world", "--data", &home.data()]).await;
    binary::json(home.path(), &["dm", "menu", "--data", &home.data()]).await;
    assert!(first.signal("TERM").await.success());

    let second = home.start().await;
    let after = binary::json(home.path(), &["world", "--data", &home.data()]).await;
    for key in ["accounts", "media"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    let platform = binary::endpoint(&second.platform());
    let threads = platform
        .get("/_sim/threads?a=@luna.coffee&b=@luna.coffee", &[])
        .await
        .unwrap();
    let messages = threads["data"][0]["messages"].as_array().unwrap().len();
    assert_eq!(messages, 2, "the message and its answer: {threads}");
    let answered = binary::json(home.path(), &["tap", "Coffee", "--data", &home.data()]).await;
    assert_eq!(
        answered["answers"][0]["text"], "Flat white 3.50",
        "on other ports, with everything it knew"
    );
}

#[tokio::test]
async fn two_starts_on_one_folder_refuse_and_say_who_has_it() {
    let home = Home::new();
    let first = home.start().await;
    let second = binary::run(
        home.path(),
        &["start", "--data", &home.data(), "--port", "0", "--gateway-port", "0"],
    )
    .await;
    let message = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(6), "{message}");
    assert!(
        message.contains("in use") && message.contains(&first.platform()),
        "{message}"
    );
    assert!(message.contains("--data"), "{message}");
    assert!(second.stdout.is_empty());
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_flag_that_helps() {
    let home = Home::new();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let start = ["start", "--ephemeral", "--port", &port, "--gateway-port", "0"];
    let refused = binary::run(home.path(), &start).await;
    let message = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(6), "{message}");
    assert!(message.contains(&port) && message.contains("--port"), "{message}");
}

#[tokio::test]
async fn the_json_line_says_where_everything_is_and_an_ephemeral_folder_goes_away() {
    let home = Home::new();
    let house = Running::start(home.path(), &["--ephemeral", "--port", "0", "--gateway-port", "0"]).await;
    let ready = house.ready().clone();
    for (key, path) in [
        ("phone", "/phone"),
        ("inspector", "/inspector"),
        ("dashboard", "/dashboard"),
    ] {
        assert_eq!(ready[key], format!("{}{path}", house.platform()));
    }
    assert_eq!(ready["studio"], format!("{}/studio", house.gateway()));
    let data = std::path::PathBuf::from(ready["data"].as_str().unwrap());
    assert!(data.join("platform.db").is_file());
    assert!(house.signal("INT").await.success());
    assert!(!data.exists());
}

#[tokio::test]
async fn without_a_house_a_command_says_so_with_its_own_exit_code() {
    let home = Home::new();
    let port = binary::free_port().await;
    let asked = binary::run(home.path(), &["status", "--url", &format!("http://127.0.0.1:{port}")]).await;
    let message = String::from_utf8_lossy(&asked.stderr);
    assert_eq!(asked.status.code(), Some(3), "{message}");
    assert!(message.contains("selfsame start"), "{message}");
}

#[tokio::test]
async fn readiness_is_waited_for() {
    let home = Home::new();
    let port = binary::free_port().await.to_string();
    let url = format!("http://127.0.0.1:{port}");
    let wait = ["readyz", "--wait", "--timeout", "60s", "--url", &url];
    let start = ["platform", "--ephemeral", "--port", &port];
    let (waited, house) = tokio::join!(binary::run(home.path(), &wait), Running::start(home.path(), &start));
    assert!(waited.status.success());
    assert!(house.signal("TERM").await.success());
    let gone = binary::run(home.path(), &["readyz", "--url", &url]).await;
    assert_eq!(gone.status.code(), Some(3));
}

#[tokio::test]
async fn a_wrong_id_is_refused_with_its_reason_and_exit_code() {
    let home = Home::new();
    let house = home.start().await;
    let refused = binary::run(home.path(), &["send", "too early", "--data", &home.data()]).await;
    let message = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{message}");
    assert!(message.contains("why:"), "the platform says why: {message}");
    drop(house);
}
