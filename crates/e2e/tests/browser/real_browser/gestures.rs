//! Everything else that a person does with a message: react, reply, edit, unsend, send a picture, tap what a business offers.

use axum::http::StatusCode;
use selfsame_e2e::binary::{self, Running};
use selfsame_e2e::browser::{Browser, Screen, Tab};
use serde_json::{Value, json};

use super::bot;

const SELF_THREAD: &str = "/phone/@luna.coffee/t/@luna.coffee";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

async fn open_self_thread(tab: &Tab, house: &Running) -> anyhow::Result<()> {
    tab.go(&format!("{}{SELF_THREAD}", house.platform())).await?;
    tab.is_live().await
}

/// Opens the menu of the newest message of one side.
async fn open_menu(tab: &Tab, side: &str) -> anyhow::Result<()> {
    tab.click(&format!(
        ".message.{side}:nth-last-child(1 of .message.{side}) details.menu > summary"
    ))
    .await?;
    tab.see("details.menu[open] .sheet", "").await
}

/// As this person, in her thread with the demo account. Apps hear of what the owner does to herself only where it is documented.
async fn react_reply_edit_unsend(screen: Screen, who: &str) -> anyhow::Result<()> {
    let is_told = who != "luna.coffee";
    let house = Running::start_house().await;
    let browser = Browser::open(screen).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/phone/@{who}/t/@luna.coffee", house.platform()))
        .await?;
    tab.is_live().await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".message.theirs .template", "Here is our menu").await?;

    open_menu(tab, "theirs").await?;
    assert_eq!(tab.overflow_px().await?, 0, "an open menu fits");
    tab.click("details[open] button[aria-label='React with ❤']").await?;
    tab.see(".message.theirs .reactions", "❤").await?;
    if is_told {
        tab.see(".message.theirs .status", "Reaction: Delivered").await?;
    }
    open_menu(tab, "theirs").await?;
    tab.click_label("Take my reaction back").await?;
    tab.is_gone(".message.theirs .reactions").await?;

    // A reply quotes what it answers; both are shown as text, whatever they hold.
    let odd = "<b>ردّ</b> & 👍🏽 </li>";
    open_menu(tab, "mine").await?;
    tab.paste_into("details[open] textarea[aria-label='Reply to this message']", odd)
        .await?;
    tab.click("details[open] form:has([aria-label='Reply to this message']) button")
        .await?;
    tab.see(".message.mine .bubble", odd).await?;
    tab.see(".message.mine .quote", "you: menu").await?;
    assert_eq!(tab.texts(".messages b").await?.len(), 0, "markup is no markup");

    open_menu(tab, "mine").await?;
    let edited = "ردّ <i>edited</i> 👍🏽";
    tab.paste_into("details[open] textarea[aria-label='Edit this message']", edited)
        .await?;
    tab.click("details[open] form[action$='/edit'] button").await?;
    tab.see(".message.mine .bubble", edited).await?;
    tab.see(".message.mine .status", "Edited").await?;
    if is_told {
        // The demo app has not subscribed to edits, and the phone says so.
        tab.see(".message.mine .explain", "Edit: no webhook was sent").await?;
        tab.see(".message.mine .explain", "message_edit").await?;
    }

    open_menu(tab, "mine").await?;
    tab.click("details[open] form[action$='/unsend'] button").await?;
    tab.see(".message.mine .bubble.gone", "Message unsent").await?;
    tab.reload().await?;
    tab.is_live().await?;
    assert_eq!(tab.texts(".message.mine .bubble").await?, ["menu", "Message unsent"]);
    assert_eq!(tab.overflow_px().await?, 0);

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_reacts_answers_edits_and_unsends_on_a_desktop() -> anyhow::Result<()> {
    react_reply_edit_unsend(Screen::Desktop, "luna.coffee").await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_reacts_answers_edits_and_unsends_on_a_phone() -> anyhow::Result<()> {
    react_reply_edit_unsend(Screen::Phone, "sam").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_of_a_message_opens_works_and_closes_by_keyboard_alone() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    open_self_thread(tab, &house).await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".message.theirs .template", "Here is our menu").await?;
    tab.reload().await?;
    tab.is_live().await?;

    tab.tab_to("More about this message").await?;
    tab.press(ENTER).await?;
    tab.see("details.menu[open] .sheet", "").await?;
    tab.press(ESCAPE).await?;
    tab.is_gone("details.menu[open]").await?;
    assert_eq!(tab.focused().await?, "More about this message", "the focus is back");
    tab.press(ENTER).await?;
    tab.tab_to("React with 🔥").await?;
    tab.press(ENTER).await?;
    tab.see(".reactions", "🔥").await?;

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_sent_by_its_address_and_shown() -> anyhow::Result<()> {
    let (bot, picture) = bot::start_with_picture(StatusCode::OK).await?;
    let start = ["platform", "--ephemeral", "--port", "0", "--callback", &bot];
    let house = Running::start_alone(&start).await;
    binary::until_hands_are_shaken(&binary::endpoint(&house.platform())).await;
    for screen in [Screen::Desktop, Screen::Phone] {
        let browser = Browser::open(screen).await?;
        let tab = &browser.tab;
        open_self_thread(tab, &house).await?;
        tab.click("summary[aria-label='Send a file, a post, and more']").await?;
        tab.click_label("By its address").await?;
        tab.type_into("input[name='attachment_url']", &format!("{picture}\n"))
            .await?;
        tab.see(".message.mine .status", "Delivered").await?;
        // The picture itself, not its frame.
        tab.see(".message.mine img", "").await?;
        let is_drawn =
            "[...document.querySelectorAll('.message.mine img')].every((img) => img.decode().then(() => true))";
        assert_eq!(tab.evaluate(is_drawn).await?, json!(true));
        assert_eq!(tab.overflow_px().await?, 0);
        // What is no address is not sent.
        tab.click("summary[aria-label='Send a file, a post, and more']").await?;
        tab.type_into("input[name='attachment_url']", "no address\n").await?;
        let valid = tab.evaluate("document.querySelector(\"input[name='attachment_url']\").validity.valid");
        assert_eq!(valid.await?, json!(false));
        browser.close().await?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ice_breakers_and_the_menu_are_tapped_by_another_person_and_by_the_owner() -> anyhow::Result<()> {
    let bot = bot::start(StatusCode::OK).await?;
    let start = ["platform", "--ephemeral", "--port", "0", "--callback", &bot];
    let house = Running::start_alone(&start).await;
    let half = binary::endpoint(&house.platform());
    binary::until_hands_are_shaken(&half).await;
    let world = half.get("/_sim/world", &[]).await?;
    let token = world["accounts"][0]["tokens"][0]["access_token"]
        .as_str()
        .unwrap_or_default();
    let profile = json!({
        "platform": "instagram",
        "ice_breakers": [{"question": "Where are <you>?", "payload": "WHERE"}],
        "persistent_menu": [{"locale": "default", "call_to_actions": [
            {"type": "postback", "title": "Our prices", "payload": "PRICES"},
        ]}],
    });
    half.with_bearer(token.to_owned())
        .post("/v24.0/me/messenger_profile", &profile)
        .await?;

    for (screen, who) in [(Screen::Phone, "sam"), (Screen::Desktop, "luna.coffee")] {
        let browser = Browser::open(screen).await?;
        let tab = &browser.tab;
        tab.go(&format!("{}/phone/@{who}/t/@luna.coffee", house.platform()))
            .await?;
        tab.is_live().await?;
        tab.click_label("Where are <you>?").await?;
        tab.see(".system", "You tapped “Where are <you>?”").await?;
        tab.see(".system .status", "Delivered").await?;
        assert!(
            tab.texts(".chips[aria-label='Begin with'] button").await?.is_empty(),
            "it has begun"
        );
        tab.click("summary[aria-label='Menu']").await?;
        assert_eq!(tab.overflow_px().await?, 0);
        tab.click_label("Our prices").await?;
        tab.see(".system", "You tapped “Our prices”").await?;
        browser.close().await?;
    }
    let payloads = half
        .get("/_sim/deliveries", &[("field", "messaging_postbacks".to_owned())])
        .await?;
    let is_self: Vec<&Value> = payloads["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|delivery| &delivery["payload"]["entry"][0]["messaging"][0]["is_self"])
        .collect();
    assert_eq!(
        is_self,
        [&Value::Null, &Value::Null, &json!(true), &json!(true)],
        "the owner's own taps say so"
    );
    house.end().await;
    Ok(())
}
