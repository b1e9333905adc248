//! A house that runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use selfsame_runtime::folder::DataFolder;
use selfsame_runtime::shutdown::{Shutdown, Unfinished};
use url::Url;

use crate::connection::{FoundBy, HouseClient, Location};

/// How long the halves may take to finish once the end was asked for; each has a shorter limit of its own.
const GRACE: Duration = Duration::from_secs(15);

/// A running house. It ends when its [`Shutdown`] begins, or when a half fails.
#[derive(Debug)]
pub struct House {
    pub(super) folder: DataFolder,
    pub(super) shutdown: Shutdown,
    pub(super) platform: Option<Url>,
    pub(super) gateway: Option<Url>,
    pub(super) admin_token: String,
    pub(super) automations: Option<PathBuf>,
    pub(super) is_ephemeral: bool,
    pub(super) is_bound_wide: bool,
}

impl House {
    /// Base URL of the platform, when this house has one.
    pub fn platform(&self) -> Option<&Url> {
        self.platform.as_ref()
    }

    /// Base URL of the gateway, when this house has one.
    pub fn gateway(&self) -> Option<&Url> {
        self.gateway.as_ref()
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the data folder goes away at the end.
    pub fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }

    /// Whether others than this machine can reach it, so that pages and `/_sim` ask for the key.
    pub fn is_bound_wide(&self) -> bool {
        self.is_bound_wide
    }

    /// The key of pages and `/_sim` for callers from elsewhere.
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// The automations file that the gateway watches.
    pub fn automations(&self) -> Option<&Path> {
        self.automations.as_deref()
    }

    /// A client for this house; `None` when it has no platform.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn client(&self) -> Option<Result<HouseClient, reqwest::Error>> {
        let platform = self.platform.clone()?;
        Some(HouseClient::new(Location {
            platform,
            gateway: self.gateway.clone(),
            admin_token: Some(self.admin_token.clone()),
            found_by: FoundBy::Told,
        }))
    }

    /// Waits until the end begins, lets what is in hand finish, and gives the folder free.
    ///
    /// # Errors
    /// When something did not finish in time; it was dropped, and nothing that was acknowledged is lost.
    pub async fn until_ended(self) -> Result<(), Unfinished> {
        self.shutdown.begun().await;
        let ended = self.shutdown.finished(GRACE).await;
        drop(self.folder);
        ended
    }
}
