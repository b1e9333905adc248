//! Whole logins by a person: she chooses an account or a Page, unticks a permission, or declines.

use std::collections::HashMap;

use anyhow::Context as _;
use selfsame_e2e::browser::{Browser, Screen, Tab};
use selfsame_workbench::connection::Endpoint;
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

/// A person before the dialogs of a business.
struct Login {
    business: Business,
    browser: Browser,
}

impl Login {
    async fn begin(screen: Screen) -> anyhow::Result<Self> {
        Ok(Self {
            business: Business::start().await?,
            browser: Browser::open(screen).await?,
        })
    }

    fn tab(&self) -> &Tab {
        &self.browser.tab
    }

    /// Opens a dialog: the field that holds the client's id, the dialog's path, and its further parameters.
    async fn open(&self, id: &str, path: &str, further: &[(&str, &str)]) -> anyhow::Result<&Tab> {
        let base = self.business.platform.platform();
        self.tab().go(&self.business.dialog(&base, id, path, further)).await?;
        Ok(self.tab())
    }

    async fn end(self) -> anyhow::Result<()> {
        self.browser.close().await?;
        self.business.platform.end().await;
        Ok(())
    }
}

/// Chooses one account and no other in a dialog, whichever was chosen before.
pub(super) async fn choose_only(tab: &Tab, username: &str) -> anyhow::Result<()> {
    let wanted = format!("input[name='account'][value='{username}']");
    if tab
        .evaluate(&format!("!document.querySelector(\"{wanted}\").checked"))
        .await?
        == json!(true)
    {
        tab.click(&wanted).await?;
    }
    let others = format!("input[type='checkbox'][name='account']:checked:not([value='{username}'])");
    let count = tab
        .evaluate(&format!("document.querySelectorAll(\"{others}\").length"))
        .await?;
    for _ in 0..count.as_u64().unwrap_or_default() {
        tab.click(&others).await?;
    }
    Ok(())
}

/// The permissions that a Facebook user has declined.
async fn declined(user: &Endpoint) -> anyhow::Result<Vec<String>> {
    let permissions = user.get("/v24.0/me/permissions", &[]).await?;
    let rows = permissions["data"].as_array().context("a list")?;
    let declined = rows.iter().filter(|row| row["status"] == "declined");
    Ok(declined
        .filter_map(|row| row["permission"].as_str().map(str::to_owned))
        .collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_instagram_as_another_account_without_one_permission() -> anyhow::Result<()> {
    let login = Login::begin(Screen::Desktop).await?;
    let further = [INSTAGRAM_SCOPES, ("force_reauth", "true")];
    let tab = login.open("instagram_app_id", "/oauth/authorize", &further).await?;
    tab.see("h1", "Log in with Instagram").await?;
    tab.see("legend", "Log in again as").await?;
    choose_only(tab, "nova").await?;
    tab.click("input[value='instagram_business_manage_comments']").await?;
    let basic = "document.querySelector(\"input[value='instagram_business_basic']\").disabled";
    assert_eq!(tab.evaluate(basic).await?, json!(true), "the basic permission stays");
    tab.click_label("Allow").await?;

    let (query, fragment) = back_at_the_app(tab).await?;
    assert_eq!(
        (query["state"].as_str(), query["from"].as_str(), fragment.as_str()),
        ("a state & more", "selfsame", "_")
    );
    let business = &login.business;
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
    login.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_with_facebook_and_chooses_one_of_two_pages_or_both() -> anyhow::Result<()> {
    let login = Login::begin(Screen::Desktop).await?;
    for chosen in [&["nova"][..], &["luna.coffee", "nova"]] {
        let tab = login
            .open("meta_app_id", "/v24.0/dialog/oauth", &[FACEBOOK_SCOPES])
            .await?;
        tab.see("h1", "Log in with Facebook").await?;
        tab.see("legend", "Which Pages may be used?").await?;
        let offered = tab.texts("label:has(input[name='account'])").await?;
        assert_eq!(offered.len(), 2, "{offered:?}");
        assert!(offered.iter().all(|page| page.starts_with("Page ")), "{offered:?}");
        choose_only(tab, chosen[0]).await?;
        for further in chosen.iter().skip(1) {
            tab.click(&format!("input[name='account'][value='{further}']")).await?;
        }
        tab.click("input[value='instagram_manage_comments']").await?;
        tab.click_label("Allow").await?;

        let (query, fragment) = back_at_the_app(tab).await?;
        assert_eq!(fragment, "_=_");
        let user = login.business.facebook_user(&query["code"]).await?;
        let fields = "name,access_token,tasks,instagram_business_account{username}";
        let pages = user.get("/v24.0/me/accounts", &[("fields", fields.to_owned())]).await?;
        let pages = pages["data"].as_array().context("a list")?;
        let of = |page: &Value| page["instagram_business_account"]["username"].clone();
        assert_eq!(pages.iter().map(of).collect::<Vec<_>>(), chosen, "{pages:?}");
        for page in pages {
            assert!(page["access_token"].is_string() && page["tasks"].is_array(), "{page}");
        }
        assert_eq!(declined(&user).await?, ["instagram_manage_comments"]);
        tab.go("about:blank").await?;
    }
    login.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn declining_leads_back_with_the_documented_error_of_each_login() -> anyhow::Result<()> {
    let login = Login::begin(Screen::Phone).await?;
    for (id, path, scopes, description) in [
        (
            "instagram_app_id",
            "/oauth/authorize",
            INSTAGRAM_SCOPES,
            "The user denied your request",
        ),
        ("meta_app_id", "/dialog/oauth", FACEBOOK_SCOPES, "Permissions error"),
    ] {
        let tab = login.open(id, path, &[scopes]).await?;
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
    login.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_a_login_fits_and_the_keyboard_alone_is_enough() -> anyhow::Result<()> {
    const SPACE: &str = " ";
    const ENTER: &str = "\u{E007}";
    let login = Login::begin(Screen::Phone).await?;
    let tab = login
        .open("meta_app_id", "/dialog/oauth", &[("config_id", "7")])
        .await?;
    tab.see("h1", "Log in with Facebook").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    // The configuration's permissions are all of them; one is taken off with the space bar.
    tab.tab_to_input("instagram_manage_insights").await?;
    tab.press(SPACE).await?;
    tab.tab_to("Allow").await?;
    tab.press(ENTER).await?;
    let (query, _) = back_at_the_app(tab).await?;
    let user = login.business.facebook_user(&query["code"]).await?;
    assert_eq!(declined(&user).await?, ["instagram_manage_insights"]);
    login.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_shows_a_page_with_the_reason_and_leads_nowhere() -> anyhow::Result<()> {
    let login = Login::begin(Screen::Desktop).await?;
    // The Meta pair for the Instagram login: the commonest mistake.
    let tab = login
        .open("meta_app_id", "/oauth/authorize", &[INSTAGRAM_SCOPES])
        .await?;
    tab.see("h1", "Invalid platform app").await?;
    tab.see(".note.bad", "Instagram app id").await?;
    assert!(tab.address().await?.starts_with(&login.business.platform.platform()));
    login.end().await
}
