//! Takes the picture of the phone for the README: `cargo run -p selfsame-e2e --features browser --example picture`.
//!
//! Writes `docs/phone.png`.

use anyhow::ensure;
use selfsame_e2e::binary::Running;
use selfsame_e2e::browser::{Browser, Screen};

/// The README stays light.
const MAX_BYTES: usize = 150_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let house = Running::start_house().await;
    let browser = Browser::open(Screen::Phone).await?;
    let tab = &browser.tab;
    tab.go(&format!("{}/phone/@luna.coffee/t/@luna.coffee", house.platform()))
        .await?;
    tab.is_live().await?;
    tab.type_into("#text", "menu\n").await?;
    tab.see(".template", "Here is our menu").await?;
    tab.click_label("Coffee").await?;
    tab.see(".message.theirs .bubble", "Flat white 3.50").await?;
    tab.see(".system .status", "Delivered").await?;
    tab.see(".message.mine .status", "Delivered").await?;
    let picture = tab.client().screenshot().await?;
    ensure!(picture.len() < MAX_BYTES, "the picture has {} bytes", picture.len());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/phone.png");
    std::fs::write(path, picture)?;
    browser.close().await?;
    house.end().await;
    Ok(())
}
