//! What the phone says about the webhooks of a gesture, with bots that do it wrong.

use axum::http::StatusCode;
use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};

use super::bot;

const SELF_THREAD: &str = "/phone/@luna.coffee/t/@luna.coffee";

async fn platform_with(callback: &str) -> Running {
    Running::start_alone(&["platform", "--ephemeral", "--port", "0", "--callback", callback]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_takes_the_webhook_and_says_nothing_is_asked_about_is_echo() -> anyhow::Result<()> {
    let platform = platform_with(&bot::start(StatusCode::OK).await?).await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/", platform.platform())).await?;
    tab.see("#webhooks .pill", "passed").await?;
    tab.go(&format!("{}{SELF_THREAD}", platform.platform())).await?;
    tab.is_live().await?;
    tab.type_into("#text", "anybody?\n").await?;
    tab.see(".message.mine .status", "Delivered").await?;
    tab.see(".message.mine .explain", "Your bot answered 200 and sent nothing")
        .await?;
    tab.see(".message.mine .explain", "Does it drop is_echo?").await?;

    browser.close().await?;
    platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_fails_is_named_with_the_next_attempt_and_the_inspector_shows_it() -> anyhow::Result<()> {
    let platform = platform_with(&bot::start(StatusCode::INTERNAL_SERVER_ERROR).await?).await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/", platform.platform())).await?;
    tab.see("#webhooks .pill", "passed").await?;
    tab.go(&format!("{}{SELF_THREAD}", platform.platform())).await?;
    tab.is_live().await?;
    tab.type_into("#text", "anybody?\n").await?;
    tab.see(".message.mine .status.warn", "your bot answered 500").await?;
    tab.see(".message.mine .status.warn", "Next attempt at").await?;
    tab.click(".message.mine .status a").await?;
    tab.see("#delivery .pill", "failed").await?;
    tab.see("#attempts", "500").await?;
    tab.see("pre.raw", "\"is_echo\": true").await?;

    browser.close().await?;
    platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_not_sent_says_why_and_what_to_do() -> anyhow::Result<()> {
    // Nobody listens on the discard port.
    let platform = platform_with("http://127.0.0.1:9/webhook").await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}{SELF_THREAD}", platform.platform())).await?;
    tab.see(".thread-notice", "has not passed its handshake").await?;
    tab.is_live().await?;
    tab.type_into("#text", "anybody?\n").await?;
    tab.see(".message.mine .explain", "callback unverified").await?;
    tab.see(".message.mine .explain", "hub.challenge").await?;

    browser.close().await?;
    platform.end().await;
    Ok(())
}
