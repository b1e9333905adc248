//! Whole logins by a person: she chooses an account or a Page, unticks a permission, or declines.

use std::collections::HashMap;

use anyhow::Context as _;
use selfsame_e2e::browser::{Browser, Screen, Tab};
use serde_json::{Value, json};
use url::Url;

use super::business::Business;

const INSTAGRAM_SCOPES: (&str, &str) = (
    "scope",
    "instagram_business_basic,instagram_business_manage_messages,instagram_business_manage_comments",
);
const FACEBOOK_SCOPES: (&str, &str) = (
    "scope",
    "instagram_basic,instagram_manage_messages,instagram_manage_comments,pages_show_list",
);

/// Waits until the browser is back at the app, and answers the query and the fragment that it came with.
pub(super) async fn back_at_the_app(tab: &Tab) -> anyhow::Result<(HashMap<String, String>, String)> {
    tab.see("h1", "Back at the app").await?;
    let address = Url::parse(&tab.address().await?)?;
    let query = address.query_pairs().into_owned().collect();
    Ok((query, address.fragment().unwrap_or_default().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_instagram_as_another_account_without_one_permission() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    let base = business.platform.platform();
    let further = [INSTAGRAM_SCOPES, ("force_reauth", "true")];
    tab.go(&business.dialog(&base, "instagram_app_id", "/oauth/authorize", &further))
        .await?;
    tab.see("h1", "Log in with Instagram").await?;
    tab.see("legend", "Log in again as").await?;
    tab.click("input[value='nova']").await?;
    tab.click("input[value='instagram_business_manage_comments']").await?;
    let basic = "document.querySelector(\"input[value='instagram_business_basic']\").disabled";
    assert_eq!(tab.evaluate(basic).await?, json!(true), "the basic permission stays");
    tab.click_label("Allow").await?;

    let (query, fragment) = back_at_the_app(tab).await?;
    assert_eq!(
        (query["state"].as_str(), query["from"].as_str(), fragment.as_str()),
        ("a state & more", "selfsame", "_")
    );
    let token = business
        .exchange("instagram_app_id", "instagram_app_secret", &query["code"])
        .await?;
    assert_eq!(
        token["data"][0]["permissions"],
        "instagram_business_basic,instagram_business_manage_messages"
    );
    let me = business
        .half()
        .with_bearer(token["data"][0]["access_token"].as_str().context("a token")?.to_owned())
        .get("/v24.0/me", &[("fields", "username".to_owned())])
        .await?;
    assert_eq!(me["username"], "nova");

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_facebook_and_chooses_one_of_two_pages() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    let base = business.platform.platform();
    tab.go(&business.dialog(&base, "meta_app_id", "/v24.0/dialog/oauth", &[FACEBOOK_SCOPES]))
        .await?;
    tab.see("h1", "Log in with Facebook").await?;
    let pages = tab.texts("label:has(input[name='account'])").await?;
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert!(pages.iter().all(|page| page.starts_with("Page ")), "{pages:?}");
    tab.click("input[value='nova']").await?;
    tab.click("input[value='instagram_manage_comments']").await?;
    tab.click_label("Allow").await?;

    let (query, fragment) = back_at_the_app(tab).await?;
    assert_eq!(fragment, "_=_");
    let token = business
        .exchange("meta_app_id", "meta_app_secret", &query["code"])
        .await?;
    let user = business
        .half()
        .with_bearer(token["access_token"].as_str().context("a token")?.to_owned());
    let fields = "name,access_token,tasks,instagram_business_account{username}";
    let pages = user.get("/v24.0/me/accounts", &[("fields", fields.to_owned())]).await?;
    let page = &pages["data"][0];
    assert_eq!(page["instagram_business_account"]["username"], "nova", "{pages}");
    assert!(page["access_token"].is_string() && page["tasks"].is_array(), "{pages}");
    let permissions = user.get("/v24.0/me/permissions", &[]).await?;
    let declined: Vec<&Value> = permissions["data"]
        .as_array()
        .context("a list")?
        .iter()
        .filter(|row| row["status"] == "declined")
        .collect();
    assert_eq!(
        declined,
        [&json!({"permission": "instagram_manage_comments", "status": "declined"})]
    );

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_leads_back_with_the_documented_error_of_each_login() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    let base = business.platform.platform();
    for (id, path, scopes, description) in [
        (
            "instagram_app_id",
            "/oauth/authorize",
            INSTAGRAM_SCOPES,
            "The user denied your request",
        ),
        ("meta_app_id", "/dialog/oauth", FACEBOOK_SCOPES, "Permissions error"),
    ] {
        tab.go(&business.dialog(&base, id, path, &[scopes])).await?;
        tab.see("button", "Cancel").await?;
        tab.click_label("Cancel").await?;
        let (query, _) = back_at_the_app(tab).await?;
        assert!(!query.contains_key("code"), "{query:?}");
        for (name, value) in [
            ("error", "access_denied"),
            ("error_reason", "user_denied"),
            ("error_description", description),
            ("state", "a state & more"),
        ] {
            assert_eq!(query.get(name).map(String::as_str), Some(value), "{path}: {query:?}");
        }
        tab.go("about:blank").await?;
    }

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_a_login_fits_and_the_keyboard_alone_is_enough() -> anyhow::Result<()> {
    const SPACE: &str = " ";
    const ENTER: &str = "\u{E007}";
    let business = Business::start().await?;
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    let base = business.platform.platform();
    tab.go(&business.dialog(&base, "meta_app_id", "/dialog/oauth", &[("config_id", "7")]))
        .await?;
    tab.see("h1", "Log in with Facebook").await?;
    assert_eq!(tab.overflow_px().await?, 0);
    // The configuration's permissions are all of them; one is taken off with the space bar.
    tab.tab_to_input("instagram_manage_insights").await?;
    tab.press(SPACE).await?;
    tab.tab_to("Allow").await?;
    tab.press(ENTER).await?;
    let (query, _) = back_at_the_app(tab).await?;
    let token = business
        .exchange("meta_app_id", "meta_app_secret", &query["code"])
        .await?;
    let user = business
        .half()
        .with_bearer(token["access_token"].as_str().context("a token")?.to_owned());
    let permissions = user.get("/v24.0/me/permissions", &[]).await?;
    let insights = json!({"permission": "instagram_manage_insights", "status": "declined"});
    assert!(
        permissions["data"].as_array().context("a list")?.contains(&insights),
        "{permissions}"
    );

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_shows_a_page_with_the_reason_and_leads_nowhere() -> anyhow::Result<()> {
    let business = Business::start().await?;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    let base = business.platform.platform();
    // The Meta pair for the Instagram login: the commonest mistake.
    tab.go(&business.dialog(&base, "meta_app_id", "/oauth/authorize", &[INSTAGRAM_SCOPES]))
        .await?;
    tab.see("h1", "Invalid platform app").await?;
    tab.see(".note.bad", "Instagram app id").await?;
    assert!(tab.address().await?.starts_with(&base));

    browser.close().await?;
    business.platform.end().await;
    Ok(())
}
