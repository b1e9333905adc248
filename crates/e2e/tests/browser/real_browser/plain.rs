//! Without the script: forms post and redirect, and a refused form keeps its text.

use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};
use serde_json::json;

/// `submit()` sends a form as a browser without scripts does: no listener hears of it.
const SUBMIT: &str = "document.getElementById('composer').submit() || true";

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_form_sends_and_a_refused_one_keeps_its_text() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/phone/@luna.coffee/t/@luna.coffee", house.platform()))
        .await?;
    tab.paste_into("#text", "plain words").await?;
    tab.evaluate(SUBMIT).await?;
    tab.see(".message.mine .bubble", "plain words").await?;
    assert!(
        tab.address().await?.ends_with("/phone/@luna.coffee/t/@luna.coffee"),
        "a reload sends nothing again"
    );

    // More bytes than Instagram takes: the page says so and the text is not lost.
    let too_long = "w".repeat(20_001);
    tab.paste_into("#text", &too_long).await?;
    tab.evaluate(SUBMIT).await?;
    tab.see("#problem", "bytes").await?;
    assert_eq!(
        tab.evaluate("document.getElementById('text').value").await?,
        json!(too_long)
    );
    assert_eq!(tab.texts(".message.mine .bubble").await?, ["plain words"]);

    browser.close().await?;
    house.end().await;
    Ok(())
}
