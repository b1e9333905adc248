//! Phone width, and the keyboard alone.

use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};

const ENTER: &str = "\u{E007}";

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_everything_fits_and_the_keyboard_alone_is_enough() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/", house.platform())).await?;
    tab.is_live().await?;
    assert_eq!(tab.overflow_px().await?, 0, "the start page is as wide as the phone");
    tab.tab_to("Open the thread with yourself").await?;
    tab.press(ENTER).await?;
    tab.see(".history", "").await?;
    tab.is_live().await?;
    assert_eq!(tab.overflow_px().await?, 0);

    tab.tab_to("Message").await?;
    tab.press("menu").await?;
    tab.press(ENTER).await?;
    tab.see(".template", "Here is our menu").await?;
    // Back over the top of the page to the button in the thread.
    tab.tab_to("Coffee").await?;
    tab.press(ENTER).await?;
    tab.see(".message.theirs .bubble", "Flat white 3.50").await?;
    assert_eq!(tab.overflow_px().await?, 0);
    assert_eq!(
        tab.evaluate("document.getElementById('text').getBoundingClientRect().bottom <= innerHeight")
            .await?,
        serde_json::json!(true),
        "the composer stays on the screen"
    );

    for path in [
        "/phone",
        "/phone/@luna.coffee",
        "/phone/@sam",
        "/inspector",
        "/inspector/calls",
        "/dashboard",
    ] {
        tab.go(&format!("{}{path}", house.platform())).await?;
        assert_eq!(tab.overflow_px().await?, 0, "{path} is as wide as the phone");
    }

    browser.close().await?;
    house.end().await;
    Ok(())
}
