//! What the phone says about the webhooks of a gesture, with bots that do it wrong.

use anyhow::Context as _;
use axum::http::StatusCode;
use selfsame_e2e::browser::Screen;
use selfsame_workbench::connection::Endpoint;
use serde_json::{Value, json};

use super::visit::Visit;

/// The owner writes to herself where the bot answers with `status`.
async fn writes_to_a_bot(status: StatusCode) -> anyhow::Result<Visit> {
    let visit = Visit::of_platform_with_bot(status, Screen::Desktop).await?;
    visit.open_self_thread().await?.type_into("#text", "anybody?\n").await?;
    Ok(visit)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_takes_the_webhook_and_says_nothing_is_asked_about_is_echo() -> anyhow::Result<()> {
    let visit = writes_to_a_bot(StatusCode::OK).await?;
    let tab = visit.tab();
    tab.see(".message.mine .status", "Delivered").await?;
    tab.see(".message.mine .explain", "Your bot answered 200 and sent nothing")
        .await?;
    tab.see(".message.mine .explain", "Does it drop is_echo?").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_fails_is_named_with_the_next_attempt_and_the_inspector_shows_it() -> anyhow::Result<()> {
    let visit = writes_to_a_bot(StatusCode::INTERNAL_SERVER_ERROR).await?;
    let tab = visit.tab();
    tab.see(".message.mine .status.warn", "your bot answered 500").await?;
    tab.see(".message.mine .status.warn", "Next attempt at").await?;
    tab.click(".message.mine .status a").await?;
    tab.see("#delivery .pill", "failed").await?;
    tab.see("#attempts", "500").await?;
    tab.see("pre.raw", "\"is_echo\": true").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_sent_says_why_and_what_to_do() -> anyhow::Result<()> {
    // Nobody listens on the discard port.
    let visit = Visit::of_platform("http://127.0.0.1:9/webhook", Screen::Desktop).await?;
    let tab = visit.open_self_thread().await?;
    tab.see(".thread-notice", "has not passed its handshake").await?;
    tab.type_into("#text", "anybody?\n").await?;
    tab.see(".message.mine .explain", "callback unverified").await?;
    tab.see(".message.mine .explain", "hub.challenge").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_for_which_a_webhook_is_not_sent_stands_under_its_message() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Phone).await?;
    let half = visit.platform();
    let tab = visit.open_self_thread().await?;
    let grant = |scopes: Value, fields: Value| json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram", "scopes": scopes, "fields": fields});
    let [basic, messages] = ["instagram_business_basic", "instagram_business_manage_messages"];
    // Each setting, how it is taken back, and a word of the reason and of the remedy.
    let app = |change: Value| Setting::Patch("/_sim/apps/demo", change);
    let account = |change: Value| Setting::Patch("/_sim/accounts/luna.coffee", change);
    let cases = [
        (
            account(json!({"message_access": false})),
            account(json!({"message_access": true})),
            "message access disabled",
        ),
        (
            app(json!({"fields": ["comments"]})),
            app(json!({"fields": ["comments", "messages"]})),
            "field not subscribed by app",
        ),
        (
            app(json!({"mode": "development"})),
            app(json!({"mode": "live"})),
            "app not live",
        ),
        (
            Setting::Grant(grant(json!([basic, messages]), json!(["comments"]))),
            Setting::Grant(grant(json!([basic, messages]), json!(["messages"]))),
            "field not subscribed by account",
        ),
        (
            Setting::Grant(grant(json!([basic]), json!(["messages"]))),
            Setting::Grant(grant(json!([basic, messages]), json!(["messages"]))),
            "permission missing",
        ),
    ];
    // Only one login is left, so that there is one reason at a time.
    let world = half.get("/_sim/world", &[]).await?;
    let tokens = world["accounts"][0]["tokens"].as_array().context("tokens")?;
    let of_facebook = tokens.iter().find(|token| token["kind"] == "facebook_user_long");
    let token = of_facebook
        .and_then(|token| token["access_token"].as_str())
        .context("a token")?;
    half.with_bearer(token.to_owned())
        .delete("/v24.0/me/permissions", None)
        .await?;
    for (index, (setting, back, reason)) in cases.into_iter().enumerate() {
        setting.apply(&half).await?;
        tab.type_into("#text", &format!("number {index}\n")).await?;
        let own = ".message.mine:nth-last-child(1 of .message.mine)";
        tab.see(&format!("{own} .bubble"), &format!("number {index}")).await?;
        tab.see(
            &format!("{own} .explain strong"),
            &format!("No webhook was sent: {reason}"),
        )
        .await?;
        let remedies = tab.texts(&format!("{own} .explain .note > span")).await?;
        assert!(!remedies[0].is_empty(), "{reason}: and what to do about it");
        assert_eq!(tab.overflow_px().await?, 0);
        back.apply(&half).await?;
    }
    tab.type_into("#text", "at last\n").await?;
    tab.see(
        ".message.mine:nth-last-child(1 of .message.mine) .status.good",
        "Delivered",
    )
    .await?;
    visit.end().await
}

/// A change of the world.
enum Setting {
    Patch(&'static str, Value),
    Grant(Value),
}

impl Setting {
    async fn apply(&self, half: &Endpoint) -> anyhow::Result<()> {
        match self {
            Self::Patch(path, change) => half.patch(path, change).await?,
            Self::Grant(grant) => half.post("/_sim/grants", grant).await?,
        };
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_given_up_says_so() -> anyhow::Result<()> {
    let visit = writes_to_a_bot(StatusCode::NOT_FOUND).await?;
    let tab = visit.tab();
    tab.see(".message.mine .status.warn", "your bot answered 404").await?;
    // Past the last attempt of the schedule.
    visit.platform().post("/_sim/clock", &json!({"advance": "2h"})).await?;
    tab.see(".message.mine .status.bad", "No further attempt").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_automation_matches_the_phone_points_to_the_studio() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::Desktop).await?;
    let tab = visit.open_self_thread().await?;
    tab.type_into("#text", "nobody has a rule for this\n").await?;
    tab.see(".message.mine .explain", "no automation matched").await?;
    visit.end().await
}
