//! Files of one's own machine: chosen, dropped and pasted on the phone, and what becomes of them.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use selfsame_e2e::browser::{Screen, Tab};
use serde_json::{Value, json};

use super::visit::Visit;

const THREAD: &str = "/phone/@sam/t/@luna.coffee";
const MENU: &str = "summary[aria-label='Send a file, a post, and more']";
const PICKER: &str = "form[data-drop] input[type='file']";
const DELIVERED: &str = ".message.mine:nth-last-child(1 of .message.mine) .status.good";
/// Whether every picture in the thread is a picture, not its frame.
const ALL_DRAWN: &str =
    "Promise.all([...document.querySelectorAll('.message img')].map((image) => image.decode())).then(() => true)";

fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/picture.png")
}

async fn send(tab: &Tab, files: &[&Path]) -> anyhow::Result<()> {
    tab.click(MENU).await?;
    tab.see("details.menu[open] .sheet", "").await?;
    tab.choose_files(PICKER, files).await?;
    tab.click("form[data-drop] button").await
}

/// Attachments of the newest message that the app was told of.
async fn told(visit: &Visit) -> anyhow::Result<Value> {
    let deliveries = visit.platform().get("/_sim/deliveries", &[]).await?;
    let newest = deliveries["data"].as_array().and_then(|all| all.last().cloned());
    let newest = newest.unwrap_or_default();
    Ok(newest["payload"]["entry"][0]["messaging"][0]["message"]["attachments"].clone())
}

async fn status(tab: &Tab, url: &Value) -> anyhow::Result<Value> {
    tab.evaluate(&format!("fetch({url}).then((answer) => answer.status)"))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_chosen_sent_shown_and_gone_when_they_are_unsent_or_expired() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let menu = folder.path().join("menu.pdf");
    std::fs::write(&menu, "%PDF-1.4\n")?;
    for screen in [Screen::Desktop, Screen::NarrowPhone] {
        let visit = Visit::of_platform_with_bot(StatusCode::OK, screen).await?;
        let tab = visit.open_live(THREAD).await?;
        send(tab, &[&picture(), &picture()]).await?;
        tab.see(".message.mine .album img", "").await?;
        tab.see(DELIVERED, "Delivered").await?;
        assert_eq!(tab.evaluate(ALL_DRAWN).await?, json!(true));
        assert_eq!(tab.texts(".album img").await?.len(), 2, "both in one message");
        assert_eq!(
            tab.evaluate(&format!("document.querySelector(\"{PICKER}\").value"))
                .await?,
            json!("")
        );
        assert_eq!(tab.faults().await?, Vec::<String>::new());
        let pictures = told(&visit).await?;
        assert_eq!(
            (&pictures[0]["type"], &pictures[1]["type"]),
            (&json!("image"), &json!("image")),
            "{pictures}"
        );
        assert_eq!(status(tab, &pictures[1]["payload"]["url"]).await?, json!(200));

        send(tab, &[&menu]).await?;
        tab.see(".message.mine .file", "Document").await?;
        tab.see(DELIVERED, "Delivered").await?;
        let document = told(&visit).await?;
        assert_eq!(document[0]["type"], "file", "{document}");

        tab.click(".message.mine details.menu > summary").await?;
        tab.click("details[open] form[action$='/unsend'] button").await?;
        tab.see(".message.mine .bubble.gone", "Message unsent").await?;
        assert_eq!(status(tab, &pictures[1]["payload"]["url"]).await?, json!(404));
        assert_eq!(status(tab, &document[0]["payload"]["url"]).await?, json!(200));
        visit.platform().post("/_sim/clock", &json!({"advance": "7d"})).await?;
        assert_eq!(status(tab, &document[0]["payload"]["url"]).await?, json!(403));
        visit.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_sent_is_refused_in_words_and_stays_chosen() -> anyhow::Result<()> {
    const MEBIBYTE: u64 = 1024 * 1024;
    let folder = tempfile::tempdir()?;
    let file = |name: &str, size_bytes: u64| -> anyhow::Result<PathBuf> {
        let path = folder.path().join(name);
        std::fs::File::create(&path)?.set_len(size_bytes)?;
        Ok(path)
    };
    let cases = [
        (
            file("notes.txt", 9)?,
            "\"notes.txt\" cannot be sent: it is text/plain; a phone sends PNG",
        ),
        (
            file("large.png", 9 * MEBIBYTE)?,
            "more than 8 MB, the most that a picture may have",
        ),
        (file("empty.pdf", 0)?, "\"empty.pdf\" cannot be sent: it is empty"),
        (file("long.mp4", 33 * MEBIBYTE)?, "too large together"),
    ];
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Phone).await?;
    for (path, words) in cases {
        let tab = visit.open_live(THREAD).await?;
        send(tab, &[&path]).await?;
        tab.see("#problem", words).await?;
        let chosen = format!("document.querySelector(\"{PICKER}\").files[0].name");
        assert_eq!(
            tab.evaluate(&chosen).await?,
            json!(path.file_name().and_then(|name| name.to_str()))
        );
        assert_eq!(tab.overflow_px().await?, 0);
    }
    let tab = visit.open_live(THREAD).await?;
    let mixed = file("menu.pdf", 5)?;
    send(tab, &[&picture(), &mixed]).await?;
    tab.see("#problem", "Several files go together only when all are pictures")
        .await?;
    assert!(tab.texts(".message").await?.is_empty(), "nothing was sent");
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_dropped_and_pasted_into_the_thread() -> anyhow::Result<()> {
    const PICTURES: &str = "const held = new DataTransfer(); \
        const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 }); \
        canvas.toBlob((blob) => { held.items.add(new File([blob], 'a.png', { type: 'image/png' }));";
    let visit = Visit::of_platform_with_bot(StatusCode::OK, Screen::Desktop).await?;
    let tab = visit.open_live(THREAD).await?;
    for (number, event) in [
        "new DragEvent('drop', { dataTransfer: held, bubbles: true, cancelable: true })",
        "new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true })",
    ]
    .into_iter()
    .enumerate()
    {
        let script = format!("{PICTURES} document.getElementById('text').dispatchEvent({event}); }})");
        tab.client().execute(&script, vec![]).await?;
        tab.see(&format!(".message.mine:nth-child({}) img", number + 1), "")
            .await?;
        assert_eq!(tab.evaluate(ALL_DRAWN).await?, json!(true));
    }
    // Words that are pasted stay words.
    let script = "const held = new DataTransfer(); held.setData('text/plain', 'words'); \
                  return document.getElementById('text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true }))";
    assert_eq!(
        tab.client().execute(script, vec![]).await?,
        json!(true),
        "left to the browser"
    );
    visit.end().await
}
