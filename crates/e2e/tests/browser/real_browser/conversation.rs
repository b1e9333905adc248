//! Talking to oneself: live, by button, by keyboard, after a reload, while hidden.

use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};
use serde_json::json;

const SELF_THREAD: &str = "/phone/@luna.coffee/t/@luna.coffee";
const SHIFT: char = '\u{E008}';
const ENTER: char = '\u{E007}';

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_messages_herself_and_the_automation_answers_live() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;

    tab.go(&format!("{}/", house.platform())).await?;
    tab.see("h1", "Self Messaging").await?;
    tab.see("#next", "message yourself").await?;
    tab.click_label("Phone").await?;
    tab.see("h1", "Who are you?").await?;
    tab.click("a[href='/phone/@luna.coffee']").await?;
    // The thread with oneself is on top.
    tab.see(".threads li:first-child", "you").await?;
    tab.click(".threads li:first-child a").await?;
    tab.see(".thread-notice", "This thread is not open yet").await?;
    tab.is_live().await?;

    tab.watch(".typing").await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".message.mine .bubble", "menu").await?;
    tab.see(".message.mine .status", "Delivered").await?;
    tab.see(".message.theirs .template", "Here is our menu, luna.coffee")
        .await?;
    assert!(tab.was_there().await?, "typing was not shown");
    assert_eq!(tab.texts(".message.mine .by").await?, ["you"]);
    assert_eq!(tab.texts(".message.theirs .by").await?, ["automation"]);
    assert_eq!(tab.texts(".thread-notice").await?, [""], "the thread is open now");

    tab.click_label("Coffee").await?;
    tab.see(".system", "You tapped “Coffee”").await?;
    tab.see(".system .status", "Delivered").await?;
    tab.see(".message.theirs .bubble", "Flat white 3.50").await?;

    let before = tab
        .texts(".messages > li p.bubble, .messages .said, .system > p:first-of-type")
        .await?;
    tab.reload().await?;
    tab.is_live().await?;
    let after = tab
        .texts(".messages > li p.bubble, .messages .said, .system > p:first-of-type")
        .await?;
    assert_eq!(before, after, "a reload shows the same");
    assert_eq!(tab.focused().await?, "Message", "the keyboard is ready to type");

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_sends_and_shift_enter_begins_a_line() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}{SELF_THREAD}", house.platform())).await?;
    tab.is_live().await?;

    tab.type_into("#text", "one").await?;
    tab.press_with(SHIFT, ENTER).await?;
    tab.type_into("#text", "two").await?;
    tab.press(&ENTER.to_string()).await?;
    tab.see(".message.mine .bubble", "one\ntwo").await?;
    assert_eq!(tab.evaluate("document.getElementById('text').value").await?, json!(""));
    // Nothing but white space sends nothing.
    tab.type_into("#text", "  \n").await?;
    tab.type_into("#text", "three\n").await?;
    tab.see(".message.mine .bubble", "three").await?;
    assert_eq!(tab.texts(".message.mine .bubble").await?.len(), 2);

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_while_the_page_is_hidden_is_there_when_it_returns() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}{SELF_THREAD}", house.platform())).await?;
    tab.is_live().await?;
    tab.type_into("#text", "first\n").await?;
    tab.see(".message.mine .status", "Delivered").await?;

    // The event that a hidden page gets; the browser under test has one window only.
    let set_hidden = |hidden: bool| {
        format!(
            "(Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), \
             document.dispatchEvent(new Event('visibilitychange')), true)"
        )
    };
    tab.evaluate(&set_hidden(true)).await?;
    let dm = "fetch('/_sim/dm', { method: 'POST', headers: { 'Content-Type': 'application/json' }, \
              body: JSON.stringify({ as: '@luna.coffee', to: '@luna.coffee', text: 'said elsewhere' }) }).then((answer) => answer.ok)";
    assert_eq!(tab.evaluate(dm).await?, json!(true));
    assert_eq!(
        tab.texts(".message.mine .bubble").await?,
        ["first"],
        "a hidden page has no stream"
    );
    tab.evaluate(&set_hidden(false)).await?;
    tab.see(".message.mine .bubble", "said elsewhere").await?;
    assert_eq!(tab.texts(".message.mine .bubble").await?, ["first", "said elsewhere"]);

    browser.close().await?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_is_shown_as_text() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    let texts = [
        "<script>window.harmed = 1</script><img src=x onerror=\"window.harmed = 1\">".to_owned(),
        "</textarea></li>&lt;b&gt;&amp;'\"{{ 7 * 7 }}".to_owned(),
        "مرحبا (hello) שלום".to_owned(),
        "👩🏽‍🍳🍪 ☕".to_owned(),
        "long".repeat(200),
    ];
    tab.go(&format!("{}{SELF_THREAD}", house.platform())).await?;
    tab.is_live().await?;
    for text in &texts {
        tab.paste_into("#text", text).await?;
        tab.press(&ENTER.to_string()).await?;
        tab.see(".message.mine .bubble", text).await?;
    }
    for _ in 0..2 {
        assert_eq!(tab.texts(".message.mine .bubble").await?, texts);
        assert_eq!(tab.evaluate("window.harmed === undefined").await?, json!(true));
        assert_eq!(
            tab.evaluate("document.querySelectorAll('.messages script, .messages img').length")
                .await?,
            json!(0)
        );
        assert_eq!(tab.overflow_px().await?, 0);
        tab.reload().await?;
        tab.is_live().await?;
    }
    let direction = "getComputedStyle([...document.querySelectorAll('.message.mine .bubble')][2]).direction";
    assert_eq!(tab.evaluate(direction).await?, json!("rtl"));

    browser.close().await?;
    house.end().await;
    Ok(())
}
