//! A running house, seen from outside: its platform, and its gateway if it has one.

use serde_json::Value;

use super::{CallError, Endpoint, Location};
use crate::world::World;

/// A running house. Cloning is cheap and shares the connections.
#[derive(Debug, Clone)]
pub struct HouseClient {
    platform: Endpoint,
    gateway: Option<Endpoint>,
    location: Location,
}

impl HouseClient {
    /// A client for the house at `location`; nothing is called yet.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(location: Location) -> Result<Self, reqwest::Error> {
        let platform = Endpoint::new(location.platform.clone(), location.admin_token.clone())?;
        let gateway = match &location.gateway {
            Some(url) => Some(Endpoint::new(url.clone(), location.admin_token.clone())?),
            None => None,
        };
        Ok(Self {
            platform,
            gateway,
            location,
        })
    }

    /// The platform.
    pub fn platform(&self) -> &Endpoint {
        &self.platform
    }

    /// Where it was looked for.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The gateway: the one told or written in `run.json`, else the one that the platform names.
    ///
    /// # Errors
    /// When the platform must be asked and does not answer; `Ok(None)` when it knows of no gateway.
    pub async fn gateway(&self) -> Result<Option<Endpoint>, CallError> {
        if let Some(gateway) = &self.gateway {
            return Ok(Some(gateway.clone()));
        }
        let Some(named) = self.world().await?.gateway else {
            return Ok(None);
        };
        Endpoint::new(named.url.clone(), self.location.admin_token.clone())
            .map(Some)
            .map_err(|error| CallError::Unreadable {
                url: Box::new(named.url),
                reason: error.to_string(),
            })
    }

    /// `GET /_sim/world`, as it came.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn world_json(&self) -> Result<Value, CallError> {
        self.platform.get("/_sim/world", &[]).await
    }

    /// `GET /_sim/world`, read.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn world(&self) -> Result<World, CallError> {
        let body = self.world_json().await?;
        serde_json::from_value(body).map_err(|error| CallError::Unreadable {
            url: Box::new(self.platform.base().clone()),
            reason: format!("/_sim/world: {error}"),
        })
    }
}
