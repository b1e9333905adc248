//! From the gateway's "connect" to the first answer in the owner's self thread, and to the end of it on her phone.

use selfsame_e2e::binary::{self, Running};
use selfsame_e2e::browser::{Browser, Screen};
use serde_json::{Value, json};

use super::logins::choose_only;
use super::visit::Visit;

/// What the gateway knows of an account.
fn account<'v>(accounts: &'v Value, username: &str) -> &'v Value {
    let found = accounts["data"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|account| account["username"] == username);
    found.unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_connects_by_clicks_is_answered_and_leaves_on_her_phone() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let (half, gateway) = (binary::endpoint(&house.platform()), binary::endpoint(&house.gateway()));
    let base = house.gateway();
    let nova = json!({"username": "nova", "name": "Nova", "kind": "creator", "page": true});
    half.post("/_sim/accounts", &nova).await?;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;

    for (login, title) in [
        ("Continue with Instagram", "Log in with Instagram"),
        ("Continue with Facebook", "Log in with Facebook"),
    ] {
        tab.go(&format!("{base}/connect")).await?;
        tab.click_label(login).await?;
        tab.see("h1", title).await?;
        choose_only(tab, "nova").await?;
        tab.click_label("Allow").await?;
        tab.see("h1", "@nova").await?;
        assert!(tab.address().await?.starts_with(&base), "back at the gateway");
    }
    let accounts = gateway.get("/api/v1/accounts", &[]).await?;
    assert_eq!(
        account(&accounts, "nova")["logins"].as_array().map(Vec::len),
        Some(2),
        "{accounts}"
    );

    // She meets her automation before any customer does.
    tab.go(&format!("{}/phone/@nova/t/@nova", house.platform())).await?;
    tab.is_live().await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".message.theirs .template", "Here is our menu, nova").await?;
    assert_eq!(
        tab.texts(".message.theirs .template").await?.len(),
        1,
        "one answer for both logins"
    );

    tab.go(&format!("{}/phone/@nova/apps", house.platform())).await?;
    for _ in 0..2 {
        tab.click("article input[type='checkbox']").await?;
        tab.click("article button").await?;
        tab.see(".note.good", "demo was told").await?;
        tab.see(".settings", "Confirmation code").await?;
    }
    tab.see(".empty", "No app is connected").await?;
    let left = binary::until(&gateway, "/api/v1/accounts", |accounts| {
        let nova = account(accounts, "nova");
        nova.is_null() || nova["needs_reconnect"] == true
    });
    left.await;

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_of_two_pages_chooses_one_at_the_gateway_and_then_the_other() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::NarrowPhone).await?;
    for (username, name) in [("nova", "Nova"), ("vera", "Vera & <Co>")] {
        let account = json!({"username": username, "name": name, "kind": "business", "page": true});
        visit.platform().post("/_sim/accounts", &account).await?;
    }
    for (position, username) in [(0, "nova"), (1, "vera")] {
        let tab = visit.open_gateway("/connect").await?;
        tab.click_label("Continue with Facebook").await?;
        tab.see("legend", "Which Pages may be used?").await?;
        choose_only(tab, "nova").await?;
        tab.click("input[name='account'][value='vera']").await?;
        tab.click_label("Allow").await?;

        tab.see("h1", "Which Page?").await?;
        assert_eq!(tab.faults().await?, Vec::<String>::new());
        let offered = tab.texts("label:has(input[name='page_id'])").await?;
        assert_eq!(offered.len(), 2, "{offered:?}");
        assert!(offered[position].contains(&format!("@{username}")), "{offered:?}");
        tab.click(&format!("label:nth-of-type({}) input[name='page_id']", position + 1))
            .await?;
        tab.click("form.card button").await?;
        tab.see("h1", &format!("@{username}")).await?;
        assert_eq!(tab.faults().await?, Vec::<String>::new());
    }
    let accounts = visit.gateway().get("/api/v1/accounts", &[]).await?;
    let pages: Vec<&Value> = ["nova", "vera"]
        .iter()
        .map(|username| &account(&accounts, username)["page_id"])
        .collect();
    assert!(
        pages.iter().all(|page| page.is_string()) && pages[0] != pages[1],
        "{accounts}"
    );

    // Each is answered through its own Page.
    for username in ["nova", "vera"] {
        let tab = visit.open_live(&format!("/phone/@{username}/t/@{username}")).await?;
        tab.type_into("#text", "menu\n").await?;
        tab.see(".message.theirs .template", &format!("Here is our menu, {username}"))
            .await?;
    }
    visit.end().await
}
