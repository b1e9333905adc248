//! Programs in Python: a bot, Meta's own client, and whole logins by an OAuth library.

use selfsame_e2e::binary;
use serde_json::{Value, json};
use tokio::process::Command;

use super::house::{House, text};

/// Where the demo app is called back; nobody has to be there.
const REDIRECT: &str = "https://app.test/callback?from=selfsame";

/// `python script` with the pinned packages.
fn python(house: &House, script: &str) -> Command {
    let python = binary::root().join(".tools/python/bin/python");
    assert!(
        python.exists(),
        "{} is missing; run `cargo xtask test`",
        python.display()
    );
    let mut command = binary::command(python, house.home());
    command.arg(binary::root().join("crates/e2e/clients/python").join(script));
    command
}

#[tokio::test]
async fn a_flask_bot_that_starts_after_the_platform_answers_a_self_message() {
    let house = House::start_for_a_bot("instagram").await;
    let _bot = house.bot(python(&house, "flask_bot.py")).await;
    answers_a_self_message(&house).await;
}

#[tokio::test]
async fn a_flask_bot_that_drops_echoes_works_unchanged_behind_the_gateway() {
    let house = House::start_for_an_engine().await;
    let mut bot = house
        .with_engine_settings(python(&house, "flask_customer_bot.py"))
        .await;
    let _bot = bot.spawn().expect("the bot starts");
    house.is_answered_by_a_customer_bot().await;
}

#[tokio::test]
async fn metas_own_client_sends_in_every_documented_form_through_the_gateway_too() {
    let mut house = House::start_for_an_engine().await;
    house.open_threads().await;
    let mut command = house.with_engine_settings(python(&house, "facebook_client.py")).await;
    command
        .env("OTHER_IGSID", house.sam())
        .env("NODE", "ig_user")
        .env("NODE_ID", house.luna("ig_id"));
    let answers = house.run(&mut command).await;
    house.shown("@luna.coffee", &answers["documented_form"]["id"]).await;
    for form in ["standard_form", "me_form"] {
        let answer = &answers[form];
        assert_eq!(answer["recipient_id"], house.luna("self_igsid"), "{answers}");
        house.shown("@luna.coffee", &answer["message_id"]).await;
    }
    let batch = answers["batch"].as_array().expect("a list");
    assert_eq!(batch.len(), 3, "{answers}");
    for (index, sent) in batch.iter().enumerate() {
        let shown = house.shown("@sam", &sent["message_id"]).await;
        assert_eq!(shown["text"], format!("number {index} & é"), "in order");
    }
    assert_eq!(
        (&answers["refused"]["code"], &answers["refused"]["subcode"]),
        (&json!(100), &json!(2_534_014)),
        "{answers}"
    );
}

/// The owner writes to herself, and the bot answers once.
pub(super) async fn answers_a_self_message(house: &House) {
    assert_eq!(house.ready()["gateway"], Value::Null, "a bot takes the gateway's place");
    let answered = house.cli(&["dm", "hello", "--within", "30s"]).await;
    let answers = answered["answers"].as_array().expect("answers");
    let texts: Vec<&Value> = answers.iter().map(|answer| &answer["text"]).collect();
    assert_eq!(
        texts,
        ["You said: hello"],
        "one answer, and no conversation with itself"
    );
}

#[tokio::test]
async fn metas_own_client_sends_in_every_documented_form_with_both_tokens() {
    let house = House::start_with_open_threads().await;
    for (kind, prefix, node, id) in [
        ("instagram_long", "instagram", "ig_user", "ig_id"),
        ("page", "meta", "page", "page_id"),
    ] {
        let mut command = python(&house, "facebook_client.py");
        command
            .env("META_GRAPH_URL", house.url())
            .env("APP_ID", house.app(&format!("{prefix}_app_id")))
            .env("APP_SECRET", house.app(&format!("{prefix}_app_secret")))
            .env("ACCESS_TOKEN", house.token(kind))
            .env("SELF_IGSID", house.luna("self_igsid"))
            .env("OTHER_IGSID", house.sam())
            .env("NODE", node)
            .env("NODE_ID", house.luna(id));
        let answers = house.run(&mut command).await;
        house.shown("@luna.coffee", &answers["documented_form"]["id"]).await;
        for form in ["standard_form", "me_form"] {
            let answer = &answers[form];
            assert_eq!(answer["recipient_id"], house.luna("self_igsid"), "{kind}: {answers}");
            house.shown("@luna.coffee", &answer["message_id"]).await;
        }
        let batch = answers["batch"].as_array().expect("a list");
        for (index, sent) in batch.iter().enumerate() {
            let shown = house.shown("@sam", &sent["message_id"]).await;
            assert_eq!(shown["text"], format!("number {index} & é"), "{kind}: in order");
        }
        assert_eq!(batch.len(), 3, "{kind}: {answers}");
        assert_eq!(answers["refused"]["code"], 100, "{kind}: {answers}");
        assert_eq!(answers["refused"]["subcode"], 2_534_014, "{kind}: {answers}");
    }
}

#[tokio::test]
async fn metas_own_model_of_the_instagram_host_finds_its_edges() {
    let house = House::start_with_open_threads().await;
    let mut command = python(&house, "instagram_user.py");
    command
        .env("META_GRAPH_URL", house.url())
        .env("APP_ID", house.app("instagram_app_id"))
        .env("APP_SECRET", house.app("instagram_app_secret"))
        .env("ACCESS_TOKEN", house.token("instagram_long"))
        .env("IG_ID", house.luna("ig_id"))
        .env("OTHER_IGSID", house.sam());
    let answers = house.run(&mut command).await;

    let profile = &answers["profile"];
    assert_eq!(
        (
            text(profile, "user_id"),
            text(profile, "username"),
            text(profile, "account_type")
        ),
        (house.luna("ig_id"), "luna.coffee", "BUSINESS")
    );
    assert_ne!(profile["id"], profile["user_id"], "the app-scoped id is another one");
    assert_eq!(answers["media"].as_array().expect("a list").len(), 2, "page by page");
    let conversations = answers["conversations"].as_array().expect("a list");
    assert_eq!(conversations.len(), 1, "the self thread is not listed: {answers}");
    assert_eq!(conversations[0]["messages"]["data"][0]["message"], "hello");
    assert_eq!(answers["of one person"].as_array().expect("a list").len(), 1);
    assert_eq!(
        answers["subscribed"][0]["subscribed_fields"],
        json!(["messages", "comments"])
    );
    assert_eq!(answers["unsubscribed"], json!([]));
    let ice_breaker = &answers["ice breakers"][0]["call_to_actions"][0];
    assert_eq!(ice_breaker["question"], "Where are you?", "{answers}");
    assert_eq!(answers["no ice breakers"], json!([]));
}

/// Registers the redirect and runs a login by Authlib.
async fn login(house: &House, flow: &str, further: &[(&str, &str)]) -> Value {
    house
        .platform()
        .patch("/_sim/apps/demo", &json!({"redirect_uris": [REDIRECT]}))
        .await
        .expect("the redirect is registered");
    let prefix = if flow == "instagram" { "instagram" } else { "meta" };
    let mut command = python(house, "authlib_login.py");
    command
        .env("META_GRAPH_URL", house.url())
        .env("CLIENT_ID", house.app(&format!("{prefix}_app_id")))
        .env("CLIENT_SECRET", house.app(&format!("{prefix}_app_secret")))
        .env("REDIRECT_URI", REDIRECT)
        .env("USERNAME", "luna.coffee")
        .env("FLOW", flow)
        .envs(further.iter().copied());
    house.run(&mut command).await
}

#[tokio::test]
async fn a_whole_instagram_login_by_authlib_ends_with_a_long_lived_token() {
    let house = House::start().await;
    for further in [&[][..], &[("PKCE", "1")]] {
        let told = login(&house, "instagram", further).await;
        assert_eq!(told["fragment"], "_");
        let token = &told["token"];
        let granted = "instagram_business_basic,instagram_business_manage_messages";
        assert_eq!(token["permissions"], granted, "one was unticked: {told}");
        assert!(token.get("token_type").is_none(), "as at Meta: {told}");
        assert_eq!(told["long"]["token_type"], "bearer");
        assert_eq!(told["me"]["user_id"], house.luna("ig_id"));
        assert_eq!(told["again"]["status"], 400, "a code works once: {told}");
        let message = "Matching code was not found or was already used";
        assert_eq!(told["again"]["body"]["error_message"], message);
    }
}

#[tokio::test]
async fn a_whole_facebook_login_by_authlib_ends_with_the_token_of_the_page() {
    let house = House::start().await;
    for further in [&[][..], &[("PKCE", "1"), ("TOKEN_AUTH_METHOD", "client_secret_basic")]] {
        let told = login(&house, "facebook", further).await;
        assert_eq!(told["fragment"], "_=_");
        assert_eq!(told["token"]["token_type"], "bearer");
        let page = &told["me"]["data"][0];
        assert_eq!(page["id"], house.luna("page_id"), "{told}");
        assert!(page["access_token"].is_string());
        let declined = json!({"permission": "instagram_manage_comments", "status": "declined"});
        let permissions = told["permissions"]["data"].as_array().expect("a list");
        assert!(permissions.contains(&declined), "{told}");
        assert_eq!(told["again"]["body"]["error"]["code"], 100, "a code works once: {told}");
    }
}
