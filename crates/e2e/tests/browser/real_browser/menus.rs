//! Every menu of the phone by keyboard alone, on the narrowest phone.

use anyhow::Context as _;
use axum::http::StatusCode;
use selfsame_e2e::browser::{Screen, Tab};
use serde_json::json;

use super::visit::Visit;

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const TAB: char = '\u{E004}';
const SHIFT: char = '\u{E008}';
const MORE: &str = "Send a file, a post, and more";

/// Whether whoever uses the keyboard sees where they are.
async fn focus_is_visible(tab: &Tab) -> anyhow::Result<bool> {
    let outline = "(() => { const style = getComputedStyle(document.activeElement); \
                   return document.activeElement !== document.body && (style.outlineStyle !== 'none' || style.boxShadow !== 'none' \
                   || getComputedStyle(document.activeElement.parentElement).boxShadow !== 'none') })()";
    Ok(tab.evaluate(outline).await? == json!(true))
}

async fn open_menu(tab: &Tab, label: &str) -> anyhow::Result<()> {
    tab.tab_to(label).await?;
    assert!(focus_is_visible(tab).await?, "{label}");
    tab.press(ENTER).await?;
    tab.see("details.menu[open] .sheet", "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_stories_and_what_disappears_are_sent_by_keyboard_alone() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::NarrowPhone).await?;
    let story = json!({"account": "@luna.coffee", "media_product_type": "STORY"});
    visit.platform().post("/_sim/media", &story).await?;
    let tab = visit.open_live("/phone/@sam/t/@luna.coffee").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());

    // Escape closes, and the focus is back where it was.
    open_menu(tab, MORE).await?;
    tab.press("\u{E004}\u{E004}").await?;
    assert!(focus_is_visible(tab).await?);
    tab.press(ESCAPE).await?;
    tab.is_gone("details.menu[open]").await?;
    assert_eq!(tab.focused().await?, MORE);
    // Leaving it by the Tab key closes it too: nothing covers what has the focus then.
    tab.press(ENTER).await?;
    tab.see("details.menu[open] .sheet", "").await?;
    tab.press_with(SHIFT, TAB).await?;
    tab.is_gone("details.menu[open]").await?;

    open_menu(tab, MORE).await?;
    tab.tab_to("Share").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine", "Delivered").await?;
    tab.is_gone("details.menu[open]").await?;
    assert_eq!(tab.focused().await?, MORE, "the next thing can be sent at once");

    open_menu(tab, MORE).await?;
    tab.tab_to("Answer to the story").await?;
    tab.press("nice").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .quote", "story").await?;
    tab.see(".message.mine .bubble", "nice").await?;

    open_menu(tab, MORE).await?;
    tab.tab_to("Send a disappearing picture").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .bubble", "Disappearing picture").await?;
    open_menu(tab, MORE).await?;
    tab.tab_to("Send what apps cannot see").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .bubble", "Something that apps cannot see")
        .await?;

    tab.tab_to("Send a heart").await?;
    assert!(focus_is_visible(tab).await?);
    tab.press(ENTER).await?;
    tab.see(".bubble.heart", "").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_edited_and_unsent_by_keyboard_alone() -> anyhow::Result<()> {
    const ABOUT: &str = "More about this message";
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::NarrowPhone).await?;
    let tab = visit.open_self_thread().await?;
    tab.type_into("#text", "first\n").await?;
    tab.see(".message.mine .status", "Delivered").await?;

    open_menu(tab, ABOUT).await?;
    assert_eq!(tab.overflow_px().await?, 0);
    tab.tab_to("React with 🔥").await?;
    tab.press(ENTER).await?;
    tab.see(".reactions", "🔥").await?;

    open_menu(tab, ABOUT).await?;
    tab.tab_to("Edit this message").await?;
    tab.press(" again").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .bubble", "again").await?;
    tab.see(".message.mine .status", "Edited").await?;

    open_menu(tab, ABOUT).await?;
    tab.tab_to("Reply to this message").await?;
    tab.press("second").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .bubble", "second").await?;
    tab.see(".message.mine .quote", "again").await?;

    open_menu(tab, ABOUT).await?;
    tab.tab_to("Unsend").await?;
    tab.press(ENTER).await?;
    tab.see(".message.mine .bubble.gone", "Message unsent").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_business_offers_is_tapped_by_keyboard_alone() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::NarrowPhone).await?;
    let half = visit.platform();
    let world = half.get("/_sim/world", &[]).await?;
    let token = world["accounts"][0]["tokens"][0]["access_token"]
        .as_str()
        .context("a token")?;
    let prices = json!({"type": "postback", "title": "Our prices, of everything that we sell", "payload": "PRICES"});
    let profile = json!({
        "platform": "instagram",
        "ice_breakers": [{"question": "Where are you?", "payload": "WHERE"}],
        "persistent_menu": [{"locale": "default", "call_to_actions": [prices]}],
    });
    half.with_bearer(token.to_owned())
        .post("/v24.0/me/messenger_profile", &profile)
        .await?;
    let tab = visit.open_live("/phone/@sam/t/@luna.coffee").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    tab.tab_to("Where are you?").await?;
    assert!(focus_is_visible(tab).await?);
    tab.press(ENTER).await?;
    tab.see(".system", "You tapped “Where are you?”").await?;
    open_menu(tab, "Menu").await?;
    tab.press(ESCAPE).await?;
    assert_eq!(tab.focused().await?, "Menu");
    tab.press(ENTER).await?;
    tab.tab_to("Our prices").await?;
    tab.press(ENTER).await?;
    tab.see(".system", "You tapped “Our prices").await?;
    visit.end().await
}
