//! Programs in JavaScript: two bots, a client of the whole Send API, and two libraries that verify signatures.

use std::path::PathBuf;

use selfsame_e2e::binary;
use serde_json::{Value, json};
use tokio::process::Command;

use super::house::{House, text};

/// The folder with the pinned packages.
fn packages() -> PathBuf {
    let folder = binary::root().join(".tools/node");
    assert!(
        folder.join("node_modules").is_dir(),
        "{} is missing; run `cargo xtask test`",
        folder.display()
    );
    folder
}

/// `node script`: the script lies with the sources, its packages under `.tools`.
fn node(house: &House, script: &str) -> Command {
    let mut command = binary::command("node", house.home());
    command
        .arg(scripts().join(script))
        .env("NODE_PATH", packages().join("node_modules"));
    command
}

/// The same for a script that is a module: these find packages only beside themselves, or beside where node was started
/// when they come by standard input.
fn node_module(house: &House, script: &str) -> Command {
    let mut command = binary::command("node", house.home());
    let source = std::fs::File::open(scripts().join(script)).expect("the script");
    command
        .args(["--input-type=module", "-"])
        .current_dir(packages())
        .stdin(source);
    command
}

fn scripts() -> PathBuf {
    binary::root().join("crates/e2e/clients/node")
}

#[tokio::test]
async fn an_express_bot_that_starts_after_the_platform_answers_a_self_message() {
    let house = House::start_for_a_bot("instagram").await;
    let _bot = house.bot(node(&house, "express_bot.js")).await;
    super::python::answers_a_self_message(&house).await;
}

#[tokio::test]
async fn a_bottender_bot_answers_the_owner_and_another_person_and_its_answer_to_a_tap_is_refused() {
    let house = House::start_for_a_bot("facebook").await;
    let _bot = house.bot(node(&house, "bottender_bot.js")).await;

    super::python::answers_a_self_message(&house).await;

    let dm = ["dm", "hi", "--as", "@sam", "--to", "@luna.coffee", "--within", "30s"];
    let answered = house.cli(&dm).await;
    assert_eq!(texts(&answered), ["You said: hi"], "{answered}");
    let shown = house.shown("@sam", &answered["answers"][0]["mid"]).await;
    assert_eq!(shown["quick_replies"][0]["title"], "More", "{shown}");

    // The owner's tap: this bot answers `sender.id`, her own id, as bots for Messenger do; Instagram refuses that.
    let buttons = json!({"attachment": {"type": "template", "payload": {
        "template_type": "button",
        "text": "choose",
        "buttons": [{"type": "postback", "title": "Coffee", "payload": "COFFEE"}],
    }}});
    house.cli(&["send", "--message", &buttons.to_string()]).await;
    house.cli(&["tap", "Coffee", "--no-wait"]).await;
    let refused = house
        .platform()
        .get("/_sim/wait?for=call&method=POST&status=400&timeout=20s", &[])
        .await
        .expect("the call");
    let body: Value = serde_json::from_str(text(&refused["item"], "response_body")).expect("a Graph error");
    assert_eq!(
        (&body["error"]["code"], &body["error"]["error_subcode"]),
        (&json!(100), &json!(2_534_014)),
        "{refused}"
    );
    assert!(text(&refused["item"], "why").contains("IGSID"), "{refused}");
}

/// Whether the client's calls were answered, in its own thread and in another, and what it sent is shown.
async fn is_answered_in_every_form(house: &House, answers: &Value) {
    for name in ["set ice breakers", "delete ice breakers", "set menu", "delete menu"] {
        assert_eq!(answers[name], json!({"result": "success"}), "{name}: {answers}");
    }
    for (who, with, id) in [
        ("self", "@luna.coffee", house.luna("self_igsid")),
        ("other", "@sam", house.sam()),
    ] {
        let shown = house.messages(with).await;
        let is_shown = |mid: &Value| shown.iter().any(|message| message["mid"] == *mid);
        for action in ["typing on", "typing off", "seen"] {
            let answer = &answers[format!("{who}: {action}")];
            assert_eq!(*answer, json!({"recipientId": id}), "{who}: {action}");
        }
        for form in [
            "text",
            "text by recipient",
            "tagged",
            "image by URL",
            "image in the request",
            "any attachment",
            "uploaded by URL",
            "uploaded as a file",
            "buttons",
            "cards",
        ] {
            let answer = &answers[format!("{who}: {form}")];
            assert_eq!(answer["recipientId"], id, "{who}: {form}: {answer}");
            assert!(is_shown(&answer["messageId"]), "{who}: {form}: {answer}");
        }
        let batch = answers[format!("{who}: batch")].as_array().expect("a list");
        let codes: Vec<&Value> = batch.iter().map(|item| &item["code"]).collect();
        assert_eq!(codes, [200, 200, 200, 200], "{batch:?}");
        assert!(is_shown(&batch[0]["body"]["messageId"]), "{batch:?}");
        let first = shown
            .iter()
            .find(|message| message["mid"] == batch[0]["body"]["messageId"]);
        assert_eq!(first.expect("shown")["text"], "first of a batch & <more>");
        assert_eq!(batch[3]["body"]["username"], "sam");
    }
}

#[tokio::test]
async fn a_client_of_the_whole_send_api_is_answered_in_every_form_to_oneself_and_to_another() {
    let house = House::start_with_open_threads().await;
    let mut command = node(&house, "messenger_client.js");
    command
        .env("META_GRAPH_URL", house.url())
        .env("APP_ID", house.app("meta_app_id"))
        .env("APP_SECRET", house.app("meta_app_secret"))
        .env("ACCESS_TOKEN", house.token("page"))
        .env("SELF_IGSID", house.luna("self_igsid"))
        .env("OTHER_IGSID", house.sam());
    let answers = house.run(&mut command).await;

    assert_eq!(answers["page"]["instagramBusinessAccount"]["id"], house.luna("ig_id"));
    assert_eq!(answers["token"]["type"], "PAGE");
    assert_eq!(answers["subscribe"], json!({"success": true}));
    assert_eq!(answers["subscriptions"][0]["object"], "instagram", "{answers}");
    assert_eq!(answers["person"]["username"], "sam");
    let question = &answers["ice breakers"][0]["callToActions"][0]["question"];
    assert_eq!(question, "Where are you?", "{answers}");
    assert_eq!(answers["menu"][0]["callToActions"][1]["url"], "https://example.com");
    let nobody = text(&answers["nobody"], "refused");
    assert!(nobody.contains("100 OAuthException"), "{nobody}");

    is_answered_in_every_form(&house, &answers).await;
    let chips = "quick replies";
    assert!(answers[format!("other: {chips}")]["messageId"].is_string());
    let why = text(&answers[format!("self: {chips}")], "why");
    assert!(why.contains("use buttons"), "{why}");
}

#[tokio::test]
async fn an_express_bot_that_drops_echoes_works_unchanged_behind_the_gateway() {
    let house = House::start_for_an_engine().await;
    let mut bot = house
        .with_engine_settings(node(&house, "express_customer_bot.js"))
        .await;
    let _bot = bot.spawn().expect("the bot starts");
    house.is_answered_by_a_customer_bot().await;
}

#[tokio::test]
async fn a_client_of_the_whole_send_api_is_answered_through_the_gateway_too() {
    let mut house = House::start_for_an_engine().await;
    house.open_threads().await;
    let mut command = house.with_engine_settings(node(&house, "messenger_client.js")).await;
    command.env("OTHER_IGSID", house.sam());
    let answers = house.run(&mut command).await;
    assert_eq!(answers["person"]["username"], "sam", "{answers}");
    is_answered_in_every_form(&house, &answers).await;
    for who in ["self", "other"] {
        let chips = &answers[format!("{who}: quick replies")];
        let id = if who == "self" {
            house.luna("self_igsid")
        } else {
            house.sam()
        };
        assert_eq!(chips["recipientId"], id, "{who}: {chips}");
        let shown = house
            .messages(if who == "self" { "@luna.coffee" } else { "@sam" })
            .await;
        assert!(
            shown.iter().any(|message| message["mid"] == chips["messageId"]),
            "{who}: {chips}"
        );
    }
    // Tokens and webhooks are the gateway's business.
    for name in ["token", "subscribe", "subscriptions"] {
        assert!(answers[name]["refused"].is_string(), "{name}: {answers}");
    }
}

#[tokio::test]
async fn two_libraries_for_signatures_agree_with_every_delivery_and_with_no_forged_one() {
    for (flow, secret) in [("instagram", "instagram_app_secret"), ("facebook", "meta_app_secret")] {
        let house = House::start_for_a_bot(flow).await;
        let mut oracles = node_module(&house, "signature_oracles.mjs");
        oracles.env("APP_SECRET", house.app(secret));
        let _oracles = house.bot(oracles).await;

        // What is escaped in bodies, and must be signed as it is escaped.
        for said in ["plain", "ünïcödé 👩🏽‍🍳 مرحبا", "https://example.com/a?b=<c>&d=\"e\"\n@%"] {
            house.cli(&["dm", said, "--no-wait"]).await;
        }
        house.cli(&["comment", "price / size?", "--no-wait"]).await;

        let platform = house.platform();
        for id in 1..=4 {
            let after = (id - 1).to_string();
            let delivered = platform
                .get(
                    "/_sim/wait?for=delivery&status=delivered&timeout=20s",
                    &[("after", after)],
                )
                .await
                .expect("the delivery");
            let answer = text(&delivered["item"]["attempts"][0], "response_body");
            assert_eq!(answer, r#"{"octokit":true,"sha256":true,"sha1":true}"#, "{flow} {id}");
        }
        platform
            .post("/_sim/deliveries/1/resend", &json!({"signature": "invalid"}))
            .await
            .expect("a delivery");
        let forged = binary::until(&platform, "/_sim/deliveries?limit=1", |deliveries| {
            deliveries["data"][0]["attempts"][1]["status"] == 400
        });
        let answer = forged.await["data"][0]["attempts"][1]["response_body"].clone();
        assert_eq!(answer, r#"{"octokit":false,"sha256":false,"sha1":false}"#);
    }
}

fn texts(answered: &Value) -> Vec<&Value> {
    let answers = answered["answers"].as_array().expect("answers");
    answers.iter().map(|answer| &answer["text"]).collect()
}
