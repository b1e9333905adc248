//! One page of a browser, and what a person does with it.

use std::path::Path;

use anyhow::{Context, bail};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

/// How long a page may take to show what is expected, in milliseconds.
const PATIENCE_MS: u64 = 20_000;

/// Pages that may be left, by a form and its redirects, while something is waited for.
const PAGES_ON_THE_WAY: usize = 5;
/// How often an element may be drawn again while it is clicked.
const CHANGES_ON_THE_WAY: usize = 5;

/// Resolves with true as soon as an element that matches the selector, is on show and holds the text exists.
const SEE: &str = r"
const [selector, text, patience, done] = arguments;
const isThere = () => [...document.querySelectorAll(selector)]
  .some((element) => element.getClientRects().length > 0 && element.innerText.includes(text));
if (isThere()) { done(true); return; }
const observer = new MutationObserver(() => { if (isThere()) finish(true); });
const late = setTimeout(() => finish(isThere()), patience);
function finish(seen) { observer.disconnect(); clearTimeout(late); done(seen); }
observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
";

/// Remembers that an element of this selector was there, however briefly.
const WATCH: &str = r"
const [selector] = arguments;
window.watched = false;
const look = () => { if (document.querySelector(selector)) window.watched = true; };
new MutationObserver(look).observe(document, { subtree: true, childList: true });
look();
";

/// Sentences about what is wrong with the page.
const FAULTS: &str = include_str!("faults.js");

/// What has the focus, as its label or text.
const FOCUSED: &str = "const element = document.activeElement; if (element === document.body) return ''; \
                       return element.getAttribute('aria-label') || element.innerText || element.tagName";

/// A page on show.
#[derive(Debug)]
pub struct Tab {
    client: Client,
}

impl Tab {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        Ok(self.client.close().await?)
    }

    /// The driver below, for what has no name here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.client.goto(url).await?)
    }

    /// The address on show.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.into())
    }

    /// Loads the page again.
    pub async fn reload(&self) -> anyhow::Result<()> {
        Ok(self.client.refresh().await?)
    }

    /// Waits until an element that matches `selector` shows `text`. Needs scripts.
    pub async fn see(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let mut seen = self.look(selector, text).await;
        for _ in 0..PAGES_ON_THE_WAY {
            // The page was left while it was looked at; its script ended with it, long before its time.
            if !seen.as_ref().is_err_and(CmdError::is_script_timeout) {
                break;
            }
            seen = self.look(selector, text).await;
        }
        let seen = seen.with_context(|| format!("waiting for {text:?} in {selector}"))?;
        if seen != json!(true) {
            let shown = self.client.execute("return document.body.innerText", vec![]).await?;
            bail!(
                "{text:?} does not appear in {selector}; the page shows:\n{}",
                shown.as_str().unwrap_or_default()
            );
        }
        Ok(())
    }

    async fn look(&self, selector: &str, text: &str) -> Result<Value, CmdError> {
        let arguments = vec![json!(selector), json!(text), json!(PATIENCE_MS)];
        self.client.execute_async(SEE, arguments).await
    }

    /// Waits until the page's stream runs.
    pub async fn is_live(&self) -> anyhow::Result<()> {
        self.see("body:has(.live[data-state='live'])", "").await
    }

    /// The texts of all elements that match.
    pub async fn texts(&self, selector: &str) -> anyhow::Result<Vec<String>> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)";
        let texts = self.client.execute(script, vec![json!(selector)]).await?;
        Ok(serde_json::from_value(texts)?)
    }

    /// Evaluates an expression in the page.
    pub async fn evaluate(&self, expression: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(&format!("return ({expression})"), vec![]).await?)
    }

    /// Waits until nothing that is on show matches `selector`. Needs scripts.
    pub async fn is_gone(&self, selector: &str) -> anyhow::Result<()> {
        // The page as a whole always shows something.
        self.see(&format!("body:not(:has({selector}))"), "").await
    }

    /// Begins to watch for an element that may go again.
    pub async fn watch(&self, selector: &str) -> anyhow::Result<()> {
        self.client.execute(WATCH, vec![json!(selector)]).await?;
        Ok(())
    }

    /// Whether the watched element was there.
    pub async fn was_there(&self) -> anyhow::Result<bool> {
        Ok(self.evaluate("window.watched").await? == json!(true))
    }

    /// Clicks the first element that matches.
    pub async fn click(&self, selector: &str) -> anyhow::Result<()> {
        self.click_at(Locator::Css(selector))
            .await
            .with_context(|| format!("clicking {selector}"))
    }

    async fn click_at(&self, place: Locator<'_>) -> Result<(), CmdError> {
        let mut clicked = self.client.find(place).await?.click().await;
        for _ in 0..CHANGES_ON_THE_WAY {
            // The stream drew the element again between finding and clicking it; a finger would not have noticed.
            if !clicked.as_ref().is_err_and(CmdError::is_stale_element_reference) {
                break;
            }
            clicked = self.client.find(place).await?.click().await;
        }
        clicked
    }

    /// Clicks what leads to another page, even if it looks the same, and waits until that one is on show. Needs scripts.
    pub async fn click_and_leave(&self, selector: &str) -> anyhow::Result<()> {
        self.evaluate("document.body.dataset.left = 'yes'").await?;
        self.click(selector).await?;
        self.see("body:not([data-left])", "").await
    }

    /// Clicks the button or link that says exactly `label`.
    pub async fn click_label(&self, label: &str) -> anyhow::Result<()> {
        let path = format!(
            "//*[self::button or self::a or self::summary][normalize-space(.)='{label}' or @aria-label='{label}']"
        );
        self.click_at(Locator::XPath(&path))
            .await
            .with_context(|| format!("clicking {label:?}"))
    }

    /// Types into the first element that matches; `\n` is the Enter key.
    pub async fn type_into(&self, selector: &str, keys: &str) -> anyhow::Result<()> {
        let element = self
            .client
            .find(Locator::Css(selector))
            .await
            .with_context(|| format!("finding {selector}"))?;
        let keys = keys.replace('\n', "\u{E007}");
        element
            .send_keys(&keys)
            .await
            .with_context(|| format!("typing into {selector}"))
    }

    /// Chooses files of this machine in a picker, as its dialog does.
    pub async fn choose_files(&self, selector: &str, files: &[&Path]) -> anyhow::Result<()> {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let picker = self
            .client
            .find(Locator::Css(selector))
            .await
            .with_context(|| format!("finding {selector}"))?;
        picker
            .send_keys(&paths.join("\n"))
            .await
            .with_context(|| format!("choosing {paths:?}"))
    }

    /// Puts any text into a field, also what a driver cannot type, as pasting does.
    pub async fn paste_into(&self, selector: &str, text: &str) -> anyhow::Result<()> {
        let script = "const field = document.querySelector(arguments[0]); field.focus(); field.value = arguments[1]; \
                      field.dispatchEvent(new Event('input', { bubbles: true }));";
        self.client.execute(script, vec![json!(selector), json!(text)]).await?;
        Ok(())
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys.chars() {
            actions = actions
                .then(KeyAction::Down { value: key })
                .then(KeyAction::Up { value: key });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Holds one key while pressing another.
    pub async fn press_with(&self, held: char, key: char) -> anyhow::Result<()> {
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// What has the focus, as its label or text.
    pub async fn focused(&self) -> anyhow::Result<String> {
        let name = self.client.execute(FOCUSED, vec![]).await?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }

    /// Moves the focus with the Tab key until something that holds `text` has it.
    pub async fn tab_to(&self, text: &str) -> anyhow::Result<()> {
        self.tab_until(FOCUSED, text).await
    }

    /// Moves the focus with the Tab key to the input of this value.
    pub async fn tab_to_input(&self, value: &str) -> anyhow::Result<()> {
        self.tab_until("return document.activeElement.value || ''", value).await
    }

    async fn tab_until(&self, script: &str, text: &str) -> anyhow::Result<()> {
        const MOST_TABS: usize = 80;
        for _ in 0..MOST_TABS {
            let name = self.client.execute(script, vec![]).await?;
            if name.as_str().is_some_and(|name| name.contains(text)) {
                return Ok(());
            }
            self.press("\u{E004}").await?;
        }
        bail!("the Tab key does not lead to {text:?}")
    }

    /// What is wrong with the page for people who do not see it, or see it small: controls without a name, pictures without words,
    /// ids that are there twice, and anything that reaches over the edges. Menus and details are opened for it, one after the other.
    pub async fn faults(&self) -> anyhow::Result<Vec<String>> {
        let faults = self.client.execute(FAULTS, vec![]).await?;
        Ok(serde_json::from_value(faults)?)
    }

    /// How far the page is wider than the window, in pixels; 0 when it fits.
    pub async fn overflow_px(&self) -> anyhow::Result<i64> {
        let width = self
            .evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            .await?;
        width.as_i64().context("no width")
    }
}
