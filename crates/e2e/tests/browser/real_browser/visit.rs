//! Somebody looks at a running program: the two that nearly every test needs, and the steps that many begin with.

use axum::http::StatusCode;
use selfsame_e2e::binary::{self, Running};
use selfsame_e2e::browser::{Browser, Screen, Tab};
use selfsame_workbench::connection::Endpoint;

use super::bot;

/// The demo account's thread with itself.
pub(super) const SELF_THREAD: &str = "/phone/@luna.coffee/t/@luna.coffee";

/// A running program, and a browser that looks at it.
pub(super) struct Visit {
    /// The program: both halves, or a platform alone.
    pub(super) house: Running,
    browser: Browser,
}

impl Visit {
    /// Both halves, with the demo world.
    pub(super) async fn of_house(screen: Screen) -> anyhow::Result<Self> {
        Self::of(Running::start_house().await, screen).await
    }

    /// A platform whose demo app has this webhook URL.
    pub(super) async fn of_platform(callback: &str, screen: Screen) -> anyhow::Result<Self> {
        let start = ["platform", "--ephemeral", "--port", "0", "--callback", callback];
        Self::of(Running::start_alone(&start).await, screen).await
    }

    /// A platform whose demo app answers every webhook with `status` and sends nothing; it has passed its handshake.
    pub(super) async fn of_platform_with_bot(status: StatusCode, screen: Screen) -> anyhow::Result<Self> {
        let visit = Self::of_platform(&bot::start(status).await?, screen).await?;
        binary::until_hands_are_shaken(&visit.platform()).await;
        Ok(visit)
    }

    /// Somebody looks at a program that runs.
    pub(super) async fn of(house: Running, screen: Screen) -> anyhow::Result<Self> {
        let browser = Browser::open(screen).await?;
        Ok(Self { house, browser })
    }

    /// The page on show.
    pub(super) fn tab(&self) -> &Tab {
        &self.browser.tab
    }

    /// The platform, over HTTP.
    pub(super) fn platform(&self) -> Endpoint {
        binary::endpoint(&self.house.platform())
    }

    /// The gateway, over HTTP.
    pub(super) fn gateway(&self) -> Endpoint {
        binary::endpoint(&self.house.gateway())
    }

    /// Opens a page of the platform.
    pub(super) async fn open(&self, path: &str) -> anyhow::Result<&Tab> {
        self.tab().go(&format!("{}{path}", self.house.platform())).await?;
        Ok(self.tab())
    }

    /// Opens a page of the gateway.
    pub(super) async fn open_gateway(&self, path: &str) -> anyhow::Result<&Tab> {
        self.tab().go(&format!("{}{path}", self.house.gateway())).await?;
        Ok(self.tab())
    }

    /// Opens a thread of the platform and waits until it is live.
    pub(super) async fn open_live(&self, path: &str) -> anyhow::Result<&Tab> {
        let tab = self.open(path).await?;
        tab.is_live().await?;
        Ok(tab)
    }

    /// Opens the demo account's thread with itself, live.
    pub(super) async fn open_self_thread(&self) -> anyhow::Result<&Tab> {
        self.open_live(SELF_THREAD).await
    }

    /// Ends both; the program must end well.
    pub(super) async fn end(self) -> anyhow::Result<()> {
        self.browser.close().await?;
        self.house.end().await;
        Ok(())
    }
}
