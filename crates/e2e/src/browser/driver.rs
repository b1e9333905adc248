//! Chromium through its WebDriver, on a free port.

use std::process::Stdio;

use anyhow::{Context, bail};
use fantoccini::ClientBuilder;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader};
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
        let (driver, stdout, port) = start_driver().await?;
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

/// A driver on a port of its own choice.
///
/// It takes a free port of one address family and wants the same number of the other, which any connection of a
/// neighbour may hold. Then it ends at once, and another one draws another number.
async fn start_driver() -> anyhow::Result<(Child, BufReader<ChildStdout>, u16)> {
    loop {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("chromedriver does not start")?;
        let mut stdout = BufReader::new(driver.stdout.take().context("no standard output")?);
        match told_port(&mut stdout).await? {
            Told::Port(port) => return Ok((driver, stdout, port)),
            Told::PortTaken => {}
            Told::Ended(said) => bail!("chromedriver ended before it named its port: {said}"),
        }
    }
}

/// What a driver says of its port.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Port(u16),
    PortTaken,
    Ended(String),
}

/// The driver chooses its port and says which.
async fn told_port(stdout: &mut (impl AsyncBufRead + Unpin)) -> anyhow::Result<Told> {
    let mut said = String::new();
    loop {
        let before = said.len();
        if stdout.read_line(&mut said).await? == 0 {
            return Ok(Told::Ended(said));
        }
        let line = said[before..].trim();
        if line.contains("port not available") {
            return Ok(Told::PortTaken);
        }
        let port = line.trim_end_matches('.').rsplit(' ').next();
        let port = port.and_then(|word| word.parse().ok());
        if let (true, Some(port)) = (line.contains("started successfully"), port) {
            return Ok(Told::Port(port));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_driver_whose_port_is_taken_is_told_from_one_that_is_broken() -> anyhow::Result<()> {
        let begins = "Starting ChromeDriver 156.0 on port 0\nOnly local connections are allowed.\n";
        let of = async |end: &str| told_port(&mut format!("{begins}{end}").as_bytes()).await;
        assert_eq!(
            of("ChromeDriver was started successfully on port 32795.\n").await?,
            Told::Port(32795)
        );
        assert_eq!(of("IPv6 port not available. Exiting...\n").await?, Told::PortTaken);
        assert_eq!(of("IPv4 port not available. Exiting...\n").await?, Told::PortTaken);
        assert_eq!(of("").await?, Told::Ended(begins.to_owned()));
        Ok(())
    }
}
