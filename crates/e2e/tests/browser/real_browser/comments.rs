//! Commenting on one's own post: the public reply appears under it, the message in the self thread.

use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_gets_a_public_reply_and_a_message() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Desktop).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/phone/@luna.coffee/t/@luna.coffee", house.platform()))
        .await?;
    tab.is_live().await?;
    tab.type_into("#text", "hello me\n").await?;
    tab.see(".message.mine .status", "Delivered").await?;

    tab.go(&format!("{}/phone/@luna.coffee", house.platform())).await?;
    tab.see(".posts", "").await?;
    tab.click(".posts a").await?;
    tab.is_live().await?;
    tab.type_into("#text", "what is the price of <b>this</b>?\n").await?;
    tab.see(".comment .words", "what is the price of <b>this</b>?").await?;
    tab.see(".comment.reply .words", "I sent you a message").await?;
    tab.see(".comment.reply .pill", "automation").await?;
    tab.see(".comment .status", "Delivered").await?;
    // The list beside the post shows the message already.
    tab.see(".threads li:first-child", "Flat white 3.50").await?;
    tab.click(".threads li:first-child a").await?;
    tab.see(".message.theirs .bubble", "Flat white 3.50").await?;

    browser.close().await?;
    house.end().await;
    Ok(())
}
