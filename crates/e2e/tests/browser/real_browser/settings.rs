//! The owner disconnects an app on her phone, and the app hears of it.

use anyhow::Context as _;
use selfsame_e2e::browser::{Browser, Screen};
use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;

use super::business::Business;

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_removes_an_app_on_her_phone_and_asks_it_to_delete_her_data() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let half = business.half();
    let world = half.get("/_sim/world", &[]).await?;
    let luna = &world["accounts"][0];
    let token = luna["tokens"][0]["access_token"]
        .as_str()
        .context("a token")?
        .to_owned();
    let user_id = luna["app_scoped_ids"]["demo"].as_str().context("an id")?.to_owned();
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/phone/@luna.coffee", business.platform.platform()))
        .await?;
    tab.click_label("Apps and websites").await?;
    tab.see("h1", "Apps and websites").await?;
    assert_eq!(tab.overflow_px().await?, 0);
    assert_eq!(
        tab.texts(".settings .card .pill").await?,
        ["Instagram login", "Facebook login"]
    );
    tab.click("article[aria-label='demo, Instagram login'] input[type='checkbox']")
        .await?;
    tab.click("article[aria-label='demo, Instagram login'] button").await?;

    tab.see(".note.good", "demo is removed").await?;
    tab.see(".note.good", "demo was told").await?;
    tab.see(".settings", "selfsame-7").await?;
    assert_eq!(tab.texts(".settings .card .pill").await?, ["Facebook login"]);
    assert_eq!(tab.overflow_px().await?, 0);
    let told = business.told();
    assert_eq!(
        told.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        ["gone", "delete"]
    );
    for (kind, signed) in told {
        let secret = AppSecret::new(business.text("instagram_app_secret"));
        let read = SignedRequest::verify(&signed, &[secret]).with_context(|| kind)?;
        assert_eq!(read.user_id, user_id, "{kind}");
    }
    let dead = half.with_bearer(token).get("/v24.0/me", &[]).await;
    assert!(format!("{dead:?}").contains("190"), "{dead:?}");
    // The page about the deletion is the app's own.
    tab.click_label("See how far it is").await?;
    tab.see("h1", "All is deleted").await?;

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}
