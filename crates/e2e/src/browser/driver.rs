//! Chromium through its WebDriver, on a free port.

use std::process::Stdio;

use anyhow::{Context, bail};
use fantoccini::ClientBuilder;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use super::tab::Tab;

/// How long the driver may take to answer one command, in milliseconds; waits inside a page end before.
const SCRIPT_TIMEOUT_MS: u64 = 60_000;

/// What the browser is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A window of 1280 by 900.
    Desktop,
    /// A phone of 390 by 844 with a finger.
    Phone,
    /// The narrowest phone that is still about: 320 by 568.
    NarrowPhone,
}

/// A driver with one browser. Both end when it is dropped.
#[derive(Debug)]
pub struct Browser {
    _driver: Child,
    _stdout: BufReader<ChildStdout>,
    _profile: TempDir,
    /// The page on show.
    pub tab: Tab,
}

impl Browser {
    /// Opens a browser.
    pub async fn open(screen: Screen) -> anyhow::Result<Self> {
        Self::open_with(screen, &[]).await
    }

    /// Opens a browser with further flags of Chromium.
    pub async fn open_with(screen: Screen, flags: &[&str]) -> anyhow::Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver does not start")?;
        let mut stdout = BufReader::new(driver.stdout.take().context("no standard output")?);
        let port = port_of(&mut stdout).await?;
        let profile = TempDir::new()?;
        let capabilities = capabilities(screen, flags, &profile);
        let url = format!("http://127.0.0.1:{port}");
        let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&url)
            .await
            .context("chromium does not start")?;
        Ok(Self {
            _driver: driver,
            _stdout: stdout,
            _profile: profile,
            tab: Tab::new(client),
        })
    }

    /// Closes the browser.
    pub async fn close(self) -> anyhow::Result<()> {
        self.tab.close().await
    }
}

/// The driver chooses its port and says which.
async fn port_of(stdout: &mut BufReader<ChildStdout>) -> anyhow::Result<u16> {
    let mut line = String::new();
    loop {
        line.clear();
        if stdout.read_line(&mut line).await? == 0 {
            bail!("chromedriver ended before it named its port");
        }
        let port = line
            .trim()
            .trim_end_matches('.')
            .rsplit(' ')
            .next()
            .and_then(|word| word.parse().ok());
        if let (true, Some(port)) = (line.contains("started successfully"), port) {
            return Ok(port);
        }
    }
}

fn capabilities(screen: Screen, flags: &[&str], profile: &TempDir) -> Map<String, Value> {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let args = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--lang=en-GB",
        "--window-size=1280,900",
        // The browser ends with its driver, however that ends.
        "--remote-debugging-pipe",
        profile.as_str(),
    ];
    let args = [&args[..], flags].concat();
    let mut options = json!({ "args": args });
    let phone = match screen {
        Screen::Desktop => None,
        Screen::Phone => Some((390, 844)),
        Screen::NarrowPhone => Some((320, 568)),
    };
    if let Some((width, height)) = phone {
        let metrics = json!({ "width": width, "height": height, "pixelRatio": 2.0, "touch": true, "mobile": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    let mut capabilities = Map::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities.insert("timeouts".to_owned(), json!({ "script": SCRIPT_TIMEOUT_MS }));
    capabilities
}
