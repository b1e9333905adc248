//! The way of a business owner: she connects her account by click, opens the link she was given, writes to herself,
//! taps, publishes, and her customer gets it.

use std::time::Duration;

use selfsame_e2e::binary::{Running, endpoint};
use selfsame_e2e::browser::{Browser, Screen, Tab};
use serde_json::{Value, json};

use super::logins::choose_only;

/// What she is going to publish: other words than the demo's.
const NEW_MENU: &str = r#"
automations:
  - name: menu
    when: { message: { any: [menu] } }
    do:
      - send:
          text: "The new menu, {{ person.username }}"
          buttons:
            - { title: Coffee, payload: COFFEE }
  - name: coffee
    when: { postback: COFFEE }
    do: [ { send: { text: "Flat white 4.20" } } ]
"#;

/// Connects `@luna.coffee` by click, as if nobody had connected her before.
async fn connect(house: &Running, tab: &Tab, network: &str) -> anyhow::Result<Value> {
    let gateway = endpoint(&house.gateway());
    let accounts = gateway.get("/api/v1/accounts", &[]).await?;
    for account in accounts["data"].as_array().into_iter().flatten() {
        let id = account["ig_id"].as_str().unwrap_or_default();
        tab.go(&format!("{}/connect/accounts/{id}", house.gateway())).await?;
        tab.click_label("Disconnect").await?;
        tab.see(".empty", "Nothing yet.").await?;
    }
    tab.go(&format!("{}/connect", house.gateway())).await?;
    tab.click_label(&format!("Continue with {network}")).await?;
    tab.see("h1", &format!("Log in with {network}")).await?;
    choose_only(tab, "luna.coffee").await?;
    tab.click_label("Allow").await?;
    tab.see("h1", "@luna.coffee").await?;
    let accounts = gateway.get("/api/v1/accounts", &[]).await?;
    Ok(accounts["data"][0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_onboards_opens_her_link_writes_to_herself_taps_publishes_and_her_customer_gets_it()
-> anyhow::Result<()> {
    let house = Running::start_house().await;
    let (platform, gateway) = (endpoint(&house.platform()), endpoint(&house.gateway()));
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    let account = connect(&house, tab, "Instagram").await?;
    assert_eq!(account["logins"][0]["missing_scopes"], json!([]), "{account}");
    tab.see("#next", "One thing is left: write to yourself.").await?;
    tab.is_live().await?;

    let request = json!({"account": "@luna.coffee", "mode": "send", "automation": "menu", "file": NEW_MENU, "allow_publish": true});
    let preview = gateway.post("/api/v1/previews", &request).await?;
    let link = preview["link"].as_str().unwrap_or_default().to_owned();
    tab.go(&link).await?;
    tab.is_live().await?;
    assert_eq!(tab.overflow_px().await?, 0, "the page is as wide as the phone");
    tab.see("#preview-next", "First, write to yourself once").await?;
    // The code is drawn, and leads to her own chat.
    tab.see("#preview-next img.code", "").await?;
    let code = "document.querySelector('img.code')";
    assert_eq!(
        tab.evaluate(&format!("{code}.decode().then(() => {code}.naturalWidth > 100)"))
            .await?,
        json!(true)
    );
    assert_eq!(
        tab.evaluate(&format!("{code}.alt")).await?,
        json!("A code that opens https://ig.me/m/luna.coffee")
    );
    assert_eq!(tab.faults().await?, Vec::<String>::new());

    // The page stays open beside her phone, and notices by itself what she does there.
    let phone = Browser::open(Screen::Phone).await?;
    phone
        .tab
        .go(&format!("{}/phone/@luna.coffee/t/@luna.coffee", house.platform()))
        .await?;
    phone.tab.is_live().await?;
    phone.tab.type_into("#text", "hi\n").await?;
    tab.see("#preview-next", "Write “menu” to yourself.").await?;
    phone.tab.type_into("#text", "menu\n").await?;
    phone
        .tab
        .see(".message.theirs .template", "The new menu, luna.coffee")
        .await?;
    tab.see(".device .template", "The new menu, luna.coffee").await?;
    tab.see("#preview-why", "was answered by menu").await?;
    phone.tab.click_label("Coffee").await?;
    phone.tab.see(".message.theirs .bubble", "Flat white 4.20").await?;
    tab.see(".device .system", "You tapped “Coffee”").await?;
    tab.see(".device .bubble", "Flat white 4.20").await?;
    tab.see("#preview-why", "was answered by coffee").await?;
    tab.see("#preview-next", "That is what your customers will get").await?;

    // Until she publishes, a customer gets what was published before.
    platform
        .post("/_sim/dm", &json!({"as": "@sam", "to": "@luna.coffee", "text": "menu"}))
        .await?;
    phone
        .tab
        .go(&format!("{}/phone/@sam/t/@luna.coffee", house.platform()))
        .await?;
    phone.tab.see(".template", "Here is our menu").await?;
    tab.click_label("Publish").await?;
    tab.see("#preview-next", "From now on your customers get these answers.")
        .await?;

    phone.tab.is_live().await?;
    phone.tab.type_into("#text", "menu\n").await?;
    phone.tab.see(".template", "The new menu").await?;
    phone.tab.click(".message:last-child .choice").await?;
    phone.tab.see(".message.theirs .bubble", "Flat white 4.20").await?;
    phone.close().await?;

    tab.click_label("End this preview").await?;
    tab.see("main", "This preview has ended.").await?;

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_connects_through_facebook_and_rehearses_with_her_draft() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let gateway = endpoint(&house.gateway());
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    let account = connect(&house, tab, "Facebook").await?;
    assert!(account["page_id"].is_string(), "{account}");
    assert_eq!(account["logins"][0]["flow"], "facebook", "{account}");

    let request = json!({"account": "@luna.coffee", "mode": "simulate"});
    let preview = gateway.post("/api/v1/previews", &request).await?;
    tab.go(preview["link"].as_str().unwrap_or_default()).await?;
    tab.is_live().await?;
    tab.see("#preview-next", "Begin with “menu”.").await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".device .template", "Here is our menu, luna.coffee").await?;
    tab.click_label("Coffee").await?;
    tab.see(".device .bubble", "Flat white 3.50").await?;
    tab.see("#preview-why", "was answered by coffee").await?;
    tab.click_label("Begin again").await?;
    tab.see("#preview-why", "Nothing was said yet.").await?;
    let messages = gateway.get("/api/v1/messages", &[]).await?;
    assert_eq!(messages["data"], json!([]), "nothing left the page");

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_has_expired_says_so_and_whom_to_ask() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let gateway = endpoint(&house.gateway());
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    let request = json!({"account": "@luna.coffee", "mode": "simulate", "expires_in_s": 1});
    let preview = gateway.post("/api/v1/previews", &request).await?;
    let link = preview["link"].as_str().unwrap_or_default();
    // Links live in real time.
    let has_expired = async || {
        while !tab.texts("main").await?.concat().contains("This link has expired.") {
            tab.go(link).await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(30), has_expired()).await??;
    tab.see("main", "Ask whoever gave it to you for a new one.").await?;
    assert_eq!(tab.overflow_px().await?, 0, "the page is as wide as the phone");

    browser.close().await?;
    house.end().await;
    Ok(())
}
