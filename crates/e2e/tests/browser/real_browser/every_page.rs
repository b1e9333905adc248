//! Every page of both halves, on a phone and on the narrowest one: nothing reaches over the edges, every control has a name.

use anyhow::Context as _;
use selfsame_e2e::browser::{Screen, Tab};
use serde_json::{Value, json};

use super::visit::{SELF_THREAD, Visit};

/// A world with something of everything in it.
async fn fill(visit: &Visit) -> anyhow::Result<()> {
    let (platform, gateway) = (visit.platform(), visit.gateway());
    let long = "averyveryverylongusername.of30";
    for account in [
        json!({"username": long, "name": "Somebody with quite a long name, Ltd.", "kind": "business", "page": true}),
        json!({"username": "nova", "kind": "creator", "page": true}),
    ] {
        platform.post("/_sim/accounts", &account).await?;
    }
    let caption = "averylongcaptionwithoutanyspace".repeat(6);
    for media in [
        json!({"account": "@luna.coffee", "caption": caption}),
        json!({"account": "@luna.coffee", "media_product_type": "STORY"}),
        json!({"account": "@luna.coffee", "media_product_type": "REELS", "caption": "a reel"}),
    ] {
        platform.post("/_sim/media", &media).await?;
    }
    for (from, text) in [
        ("@luna.coffee", "menu"),
        ("@sam", "menu"),
        ("@sam", "nobodyhasaruleforthis".repeat(8).as_str()),
    ] {
        platform
            .post("/_sim/dm", &json!({"as": from, "to": "@luna.coffee", "text": text}))
            .await?;
    }
    let comment = json!({"as": "@sam", "media": "latest", "text": "what is the price? ".repeat(9)});
    platform.post("/_sim/comment", &comment).await?;
    let role = json!({"app": "demo", "account": "@nova", "role": "tester"});
    platform.post("/_sim/roles", &role).await?;
    platform
        .post(
            "/_sim/blocks",
            &json!({"as": "@luna.coffee", "who": format!("@{long}"), "kind": "restricted"}),
        )
        .await?;
    selfsame_e2e::binary::until(&gateway, "/api/v1/messages", |messages| {
        messages["data"].as_array().is_some_and(|all| all.len() >= 3)
    })
    .await;
    Ok(())
}

async fn look(tab: &Tab, base: &str, path: &str, faults: &mut Vec<String>) -> anyhow::Result<()> {
    tab.go(&format!("{base}{path}")).await?;
    let found = tab.faults().await.with_context(|| path.to_owned())?;
    faults.extend(found.into_iter().map(|fault| format!("{path}: {fault}")));
    Ok(())
}

/// The `key` of every item that the API lists, the newest alone.
fn first(list: &Value, key: &str) -> String {
    let found = &list["data"][0][key];
    found.as_str().map_or_else(|| found.to_string(), str::to_owned)
}

async fn every_page(screen: Screen) -> anyhow::Result<()> {
    let visit = Visit::of_house(screen).await?;
    fill(&visit).await?;
    let (platform, gateway) = (visit.platform(), visit.gateway());
    let mut faults = Vec::new();
    let tab = visit.tab();

    let world = platform.get("/_sim/world", &[]).await?;
    let media: Vec<String> = world["media"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["id"].as_str().map(|id| format!("/phone/@sam/p/{id}")))
        .collect();
    let delivery = first(&platform.get("/_sim/deliveries", &[]).await?, "id");
    let call = first(&platform.get("/_sim/calls", &[]).await?, "id");
    let mut paths: Vec<String> = [
        "/",
        "/phone",
        "/phone/@luna.coffee",
        "/phone/@sam",
        "/phone/@nova/settings",
        "/phone/@luna.coffee/settings",
        "/phone/@luna.coffee/apps",
        SELF_THREAD,
        "/phone/@sam/t/@luna.coffee",
        "/phone/@luna.coffee/t/@sam",
        "/phone/@nobody",
        "/inspector",
        "/inspector/calls",
        "/dashboard",
        "/oauth/authorize?client_id=7",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/inspector/deliveries/{delivery}"));
    paths.push(format!("/inspector/calls/{call}"));
    paths.extend(media);
    for path in &paths {
        look(tab, &visit.house.platform(), path, &mut faults).await?;
    }

    let account = first(&gateway.get("/api/v1/accounts", &[]).await?, "ig_id");
    let message = first(&gateway.get("/api/v1/messages", &[]).await?, "id");
    let mut links = Vec::new();
    for mode in ["simulate", "send"] {
        let made = gateway
            .post(
                "/api/v1/previews",
                &json!({"account": "@luna.coffee", "mode": mode, "allow_publish": true}),
            )
            .await?;
        let link = made["link"].as_str().context("a link")?;
        links.push(link.strip_prefix(&visit.house.gateway()).context("here")?.to_owned());
    }
    let mut paths: Vec<String> = [
        "/studio",
        "/studio/draft",
        "/studio/keys",
        "/studio/deliveries",
        "/studio/signatures",
        "/studio/messages/unknown",
        "/connect",
        "/connect/accounts/unknown",
        // The dialogs of both logins.
        "/connect/instagram",
        "/connect/facebook",
        "/connect/facebook/callback?error=access_denied&state=x",
        "/data-deletion/unknown",
        "/preview/forged",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/studio/accounts/{account}/draft"));
    paths.push(format!("/studio/messages/{message}"));
    paths.push(format!("/connect/accounts/{account}"));
    paths.push(format!("/connect/accounts/{account}?live=true"));
    paths.extend(links);
    for path in &paths {
        look(tab, &visit.house.gateway(), path, &mut faults).await?;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_phone_and_names_its_controls() -> anyhow::Result<()> {
    every_page(Screen::Phone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_the_narrowest_phone_and_names_its_controls() -> anyhow::Result<()> {
    every_page(Screen::NarrowPhone).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_look_at_a_page_finds_what_it_looks_for() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::NarrowPhone).await?;
    let tab = visit.open("/").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    let spoil = "document.querySelector('main').insertAdjacentHTML('beforeend', \
                 '<button></button><img src=\"/assets/x\"><p id=\"live\"></p><canvas width=\"400\" height=\"9\"></canvas><details><summary>m</summary><a href=\"/\"></a></details>')";
    tab.evaluate(spoil).await?;
    let faults = tab.faults().await?.join("\n");
    for fault in [
        "no name: <button",
        "no words: <img",
        "the id live is there twice",
        "px too wide",
        "with m open: no name: <a",
    ] {
        assert!(faults.contains(fault), "{fault}: {faults}");
    }
    visit.end().await
}
