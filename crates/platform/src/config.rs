//! Configuration of the platform, already parsed: the library reads neither environment nor files.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use selfsame_wire::flow::LoginFlow;
use url::Url;

/// How a platform is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Data folder; the database is `platform.db` in it.
    pub data: PathBuf,
    /// Where it listens.
    pub bind: SocketAddr,
    /// The base under which clients reach it, when it is not what they connect to.
    pub public_url: Option<Url>,
    /// Further host names that may use pages and `/_sim`.
    pub allow_hosts: Vec<String>,
    /// Key for callers that are not on loopback (design §5 "Who may call").
    pub admin_token: Option<String>,
    /// Where notifications of the demo app go; `None` leaves the app without a callback.
    pub callback: Option<Callback>,
    /// Whether to make the demo world in an empty folder.
    pub demo: bool,
    /// Whether media URLs named by callers are fetched.
    pub fetch_media: bool,
    /// How long what happened is remembered.
    pub retention: Retention,
    /// The gateway beside it, shown in `/_sim/world`.
    pub gateway_url: Option<Url>,
}

impl Config {
    /// Defaults for a data folder: loopback, a free port, the demo world, no callback.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            allow_hosts: Vec::new(),
            admin_token: None,
            callback: None,
            demo: true,
            fetch_media: true,
            retention: Retention::default(),
            gateway_url: None,
        }
    }
}

/// Limits of the journals: whatever is beyond one of them is forgotten, oldest first. What is still to be done never is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Calls to Graph and OAuth that are kept.
    pub calls_max: u32,
    /// Deliveries that are kept, each with its attempts.
    pub deliveries_max: u32,
    /// Rows of the sequence behind `/_sim/stream` that are kept.
    pub stream_max: u32,
    /// Oldest call, delivery or row of that sequence that is kept, world time. Above the 60 days of a token, whose expiry tests like to jump across.
    pub age_max: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            calls_max: 20_000,
            deliveries_max: 200_000,
            stream_max: 500_000,
            age_max: Duration::from_hours(24 * 180),
        }
    }
}

/// A webhook endpoint to deliver to.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Its URL.
    pub url: Url,
    /// What the handshake sends; `None` keeps the app's.
    pub verify_token: Option<String>,
    /// Signs the deliveries of `flow`; `None` keeps the app's.
    pub app_secret: Option<String>,
    /// Through which login the demo account installs its webhooks.
    pub flow: LoginFlow,
}
