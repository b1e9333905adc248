//! What an owner does on her phone besides writing: requests, seen, blocked people, invitations, a story mention, a live broadcast.

use anyhow::Context as _;
use axum::http::StatusCode;
use selfsame_e2e::browser::Screen;
use serde_json::{Value, json};

use super::visit::Visit;

const OF_LUNA: &str = "/phone/@luna.coffee/t/@sam";
const OF_SAM: &str = "/phone/@sam/t/@luna.coffee";
const LAST_OF_OTHERS: &str = ".message.theirs:nth-last-child(1 of .message.theirs)";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_request_is_seen_and_accepted_by_the_first_answer() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Phone).await?;
    let tab = visit.open_live(OF_SAM).await?;
    tab.type_into("#text", "hello?\n").await?;
    tab.see(".message.mine .status", "Delivered").await?;

    let tab = visit.open_live("/phone/@luna.coffee").await?;
    tab.see(".threads li:nth-child(2) .pill", "request").await?;
    let tab = visit.open_live(OF_LUNA).await?;
    tab.see(".thread-notice", "@sam has sent you a message request").await?;
    tab.click(&format!("{LAST_OF_OTHERS} details.menu > summary")).await?;
    tab.click_label("Mark as seen").await?;
    tab.is_gone("details.menu[open]").await?;
    tab.type_into("#text", "here I am\n").await?;
    tab.see(".message.mine .bubble", "here I am").await?;
    tab.is_gone(".thread-notice .note").await?;

    let tab = visit.open_live(OF_SAM).await?;
    tab.see(".message.mine .status", "Seen").await?;
    // What her app does to show that it is at work is seen on the other phone.
    let world = visit.platform().get("/_sim/world", &[]).await?;
    let token = world["accounts"][0]["tokens"][0]["access_token"]
        .as_str()
        .context("a token")?;
    let threads = visit
        .platform()
        .get("/_sim/deliveries", &[("field", "messages".to_owned())])
        .await?;
    let person = threads["data"][0]["payload"]["entry"][0]["messaging"][0]["sender"]["id"].clone();
    let app = visit.platform().with_bearer(token.to_owned());
    for (action, is_shown) in [("typing_on", true), ("typing_off", false)] {
        let request = json!({"recipient": {"id": person}, "sender_action": action});
        app.post("/v24.0/me/messages", &request).await?;
        if is_shown {
            tab.see(".typing", "").await?;
        } else {
            tab.is_gone(".typing").await?;
        }
    }
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_blocked_and_restricted_and_taken_back_in_the_settings() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::NarrowPhone).await?;
    for (how, listed) in [("blocked", "blocked"), ("restricted", "restricted")] {
        let tab = visit.open("/phone/@luna.coffee/settings").await?;
        tab.click(&format!("select[name='how'] option[value='{how}']")).await?;
        tab.click("select[name='who'] option[value='sam']").await?;
        tab.click("article[aria-label='Blocked people'] form:last-of-type button")
            .await?;
        tab.see("article[aria-label='Blocked people'] .row", listed).await?;
        assert_eq!(tab.faults().await?, Vec::<String>::new());

        let tab = visit.open_live(OF_SAM).await?;
        tab.type_into("#text", "can you hear me?\n").await?;
        if how == "blocked" {
            tab.see("#problem", "@luna.coffee has blocked @sam").await?;
            let text = tab.evaluate("document.getElementById('text').value").await?;
            assert_eq!(text, json!("can you hear me?"), "the words are not lost");
        } else {
            tab.see(".message.mine .bubble", "can you hear me?").await?;
        }
        let tab = visit.open("/phone/@luna.coffee/settings").await?;
        tab.click_label("Take it back").await?;
        tab.is_gone("input[name='how'][value='open']").await?;
    }
    let tab = visit.open_live(OF_SAM).await?;
    tab.type_into("#text", "and now?\n").await?;
    tab.see(".message.mine .bubble", "and now?").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_test_an_app_is_accepted_and_access_to_messages_is_switched_off() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Phone).await?;
    let nova = json!({"username": "nova", "kind": "creator"});
    visit.platform().post("/_sim/accounts", &nova).await?;
    let invitation = json!({"app": "demo", "account": "@nova", "role": "instagram_tester"});
    visit.platform().post("/_sim/roles", &invitation).await?;
    let tab = visit.open("/phone/@nova").await?;
    tab.click_label("Settings").await?;
    tab.see("article[aria-label='Tester invitations']", "demo").await?;
    tab.click_label("Accept").await?;
    tab.see("article[aria-label='Tester invitations']", "accepted").await?;

    let tab = visit.open("/phone/@luna.coffee/settings").await?;
    tab.click("input[name='message_access']").await?;
    tab.click_and_leave("article[aria-label='Privacy'] button").await?;
    let is_on = tab.evaluate("document.querySelector(\"input[name='message_access']\").checked");
    assert_eq!(is_on.await?, json!(false));

    let tab = visit.open_self_thread().await?;
    tab.type_into("#text", "nobody hears this\n").await?;
    tab.see(".message.mine .explain", "message access disabled").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_is_mentioned_and_a_broadcast_is_commented_while_it_is_live() -> anyhow::Result<()> {
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Phone).await?;
    let half = visit.platform();
    let story = json!({"account": "@sam", "media_product_type": "STORY"});
    let story = half.post("/_sim/media", &story).await?;
    let tab = visit.open_live(OF_SAM).await?;
    tab.click("summary[aria-label='Send a file, a post, and more']").await?;
    let id = story["id"].as_str().context("an id")?;
    tab.click(&format!("select[name='attachment_media'] option[value='{id}']"))
        .await?;
    tab.click("option[value='story_mention']").await?;
    tab.click_label("Share").await?;
    tab.see(".message.mine .file", "Mention in a story").await?;
    tab.see(".message.mine .status", "Delivered").await?;

    let live = json!({"account": "@luna.coffee", "live": true, "caption": "on air"});
    let live = half.post("/_sim/media", &live).await?;
    let id = live["id"].as_str().context("an id")?;
    let tab = visit.open_live(&format!("/phone/@sam/p/{id}")).await?;
    tab.type_into("#text", "hello from the audience\n").await?;
    tab.see(".comment .words", "hello from the audience").await?;
    half.post(&format!("/_sim/media/{id}/end_live"), &Value::Null).await?;
    tab.type_into("#text", "too late\n").await?;
    tab.see("#problem", "The broadcast has ended").await?;
    let text = tab.evaluate("document.getElementById('text').value").await?;
    assert_eq!(text, json!("too late"), "the words are not lost");
    visit.end().await
}
