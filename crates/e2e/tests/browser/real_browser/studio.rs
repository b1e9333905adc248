//! The automations of one account in the studio: written, checked while they are written, saved, compared, published, taken back.

use anyhow::Context as _;
use selfsame_e2e::browser::{Browser, Screen, Tab};
use serde_json::{Value, json};

use super::visit::Visit;

const TEXT: &str = "textarea[name='text']";

fn answering(text: &str) -> String {
    format!(
        "automations:\n  - name: hours\n    when: {{ message: {{ any: [hours] }} }}\n    do:\n      - send: {{ text: {text} }}\n"
    )
}

async fn save(tab: &Tab, text: &str) -> anyhow::Result<()> {
    tab.paste_into(TEXT, text).await?;
    tab.click(".editor form button[type='submit']").await
}

/// What the business said to `person`, oldest first.
async fn answers(visit: &Visit, person: &str) -> anyhow::Result<Vec<Value>> {
    let threads = visit
        .platform()
        .get(
            "/_sim/threads",
            &[("a", person.to_owned()), ("b", "@luna.coffee".to_owned())],
        )
        .await?;
    let messages = threads["data"][0]["messages"].as_array().cloned().unwrap_or_default();
    let said = messages.into_iter().filter(|message| message["origin"] == "api");
    Ok(said.map(|message| message["text"].clone()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_s_own_draft_is_written_checked_published_and_rolled_back() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::Desktop).await?;
    let tab = visit.open_gateway("/studio").await?;
    tab.click_label("automations of @luna.coffee").await?;
    tab.see("h1", "Draft of @luna.coffee").await?;
    tab.see(".lead", "has none of her own").await?;

    // The check follows the writing; a place leads to its line.
    tab.paste_into(TEXT, "automations:\n  - nam: hours\n").await?;
    tab.see("#lint .note.bad", "Line 2, column 5").await?;
    tab.see("#lint .pill", "error").await?;
    tab.click("#lint .place").await?;
    let caret = tab.evaluate("[document.activeElement.name, document.activeElement.selectionStart]");
    assert_eq!(caret.await?, json!(["text", "automations:\n    ".len()]));
    // An invalid text is refused and kept.
    tab.click(".editor form button[type='submit']").await?;
    tab.see(".note.bad", "Not saved: the text has errors.").await?;
    assert_eq!(
        tab.evaluate(&format!("document.querySelector(\"{TEXT}\").value"))
            .await?,
        json!("automations:\n  - nam: hours\n")
    );

    save(tab, &answering("from eight")).await?;
    tab.see(".lead", "What answers @luna.coffee when she writes to herself")
        .await?;
    tab.see("#lint .pill.good", "none").await?;
    tab.see(".diff ins", "from eight").await?;
    // Only she gets the draft; her customers get it when it is published.
    for who in ["@luna.coffee", "@sam"] {
        visit
            .platform()
            .post("/_sim/dm", &json!({"as": who, "to": "@luna.coffee", "text": "hours"}))
            .await?;
    }
    visit
        .open_self_thread()
        .await?
        .see(".message.theirs .bubble", "from eight")
        .await?;
    assert_eq!(answers(&visit, "@sam").await?, Vec::<Value>::new());
    let account = visit.gateway().get("/api/v1/accounts", &[]).await?;
    let editor = format!(
        "/studio/accounts/{}/draft",
        account["data"][0]["ig_id"].as_str().context("an id")?
    );
    for (text, number) in [("from eight", 1), ("from nine", 2)] {
        let tab = visit.open_gateway(&editor).await?;
        save(tab, &answering(text)).await?;
        tab.see(".diff ins", text).await?;
        tab.click_label("Publish for @luna.coffee").await?;
        tab.see("[aria-label='Publishing'] .pill", "the draft is published")
            .await?;
        assert_eq!(tab.texts(".version").await?.len(), number);
    }
    let tab = visit.open_live("/phone/@sam/t/@luna.coffee").await?;
    tab.type_into("#text", "hours\n").await?;
    tab.see(".message.theirs .bubble", "from nine").await?;

    let tab = visit.open_gateway(&editor).await?;
    tab.click_label("What that would change").await?;
    tab.see(".version .diff ins", "from eight").await?;
    tab.see(".version .diff del", "from nine").await?;
    tab.click(".version form button").await?;
    tab.see(".version .soft, .version", "roll back").await?;
    let tab = visit.open_live("/phone/@sam/t/@luna.coffee").await?;
    tab.type_into("#text", "hours\n").await?;
    tab.see(".message.theirs .bubble", "from eight").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_else_has_saved_meanwhile_nothing_is_lost() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::Phone).await?;
    let account = visit.gateway().get("/api/v1/accounts", &[]).await?;
    let id = account["data"][0]["ig_id"].as_str().context("an id")?;
    for editor in ["/studio/draft".to_owned(), format!("/studio/accounts/{id}/draft")] {
        let tab = visit.open_gateway(&editor).await?;
        tab.see("h1", "Draft").await?;
        let colleague = Browser::open(Screen::Desktop).await?;
        colleague.tab.go(&format!("{}{editor}", visit.house.gateway())).await?;
        save(&colleague.tab, &answering("theirs")).await?;
        colleague.tab.see(".diff ins", "theirs").await?;
        colleague.close().await?;

        save(tab, &answering("mine")).await?;
        tab.see(".note.bad", "somebody else has saved this draft meanwhile")
            .await?;
        assert_eq!(
            tab.evaluate(&format!("document.querySelector(\"{TEXT}\").value"))
                .await?,
            json!(answering("mine"))
        );
        tab.see(".diff del", "theirs").await?;
        tab.see(".diff ins", "mine").await?;
        assert_eq!(tab.faults().await?, Vec::<String>::new());
        tab.click_label("Save mine over theirs").await?;
        tab.see("[aria-label='Publishing'] .diff ins", "mine").await?;
    }
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_are_made_listed_and_ended_in_the_studio() -> anyhow::Result<()> {
    let visit = Visit::of_house(Screen::Phone).await?;
    let tab = visit.open_gateway("/studio").await?;
    tab.is_live().await?;
    tab.click_label("Make a link").await?;
    tab.see("h1", "Meet your automation").await?;
    let link = tab.address().await?;
    let tab = visit.open_gateway("/studio").await?;
    tab.see("#previews .row", "@luna.coffee").await?;
    tab.click("#previews form[action$='/end'] button").await?;
    tab.is_gone("#previews form[action$='/end']").await?;
    tab.go(&link).await?;
    tab.see("h1", "This preview has ended.").await?;
    tab.see(".lead", "Ask whoever gave it to you for a new one.").await?;
    tab.go(&format!("{link}x")).await?;
    tab.see("h1", "This link is not complete").await?;
    assert_eq!(tab.faults().await?, Vec::<String>::new());
    visit.end().await
}
