//! Logins under Meta's own names. Browsers know that these names take TLS only, so it is put in front.

use selfsame_e2e::browser::{Browser, Screen};
use serde_json::json;

use super::business::Business;
use super::logins::back_at_the_app;
use super::tls;

#[tokio::test(flavor = "multi_thread")]
async fn a_login_under_metas_names_is_styled_and_leads_back() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let names = ["www.instagram.com", "www.facebook.com"];
    let port = tls::in_front_of(&business.platform.platform(), &names).await?;
    let rules = names.map(|name| format!("MAP {name}:443 127.0.0.1:{port}")).join(", ");
    let flags = [
        format!("--host-resolver-rules={rules}"),
        "--ignore-certificate-errors".to_owned(),
    ];
    let browser = Browser::open_with(Screen::Desktop, &[&flags[0], &flags[1]]).await?;
    let tab = &browser.tab;
    for (base, id, path, scope, secret) in [
        (
            "https://www.instagram.com",
            "instagram_app_id",
            "/oauth/authorize/",
            "instagram_business_basic",
            "instagram_app_secret",
        ),
        (
            "https://www.facebook.com",
            "meta_app_id",
            "/v24.0/dialog/oauth",
            "instagram_basic pages_show_list",
            "meta_app_secret",
        ),
    ] {
        tab.go(&business.dialog(base, id, path, &[("scope", scope)])).await?;
        tab.see("h1", "Log in with").await?;
        assert!(tab.address().await?.starts_with(base));
        // The sheet gives cards round corners; without it there are none.
        let rounded = "getComputedStyle(document.querySelector('form.card')).borderRadius";
        assert_eq!(
            tab.evaluate(rounded).await?,
            json!("20px"),
            "{base}: the style sheet is there"
        );
        let icon = "document.querySelector('.brand img').naturalWidth > 0";
        assert_eq!(tab.evaluate(icon).await?, json!(true), "{base}: so is the picture");
        tab.click_label("Allow").await?;
        let (query, _) = back_at_the_app(tab).await?;
        let token = business.exchange(id, secret, &query["code"]).await?;
        assert!(token.to_string().contains("access_token"), "{token}");
        tab.go("about:blank").await?;
    }
    // Nothing but dialogs is served under these names.
    tab.go("https://www.instagram.com/phone").await?;
    assert!(
        !tab.evaluate("document.body.innerText")
            .await?
            .to_string()
            .contains("Who are you?")
    );

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}
