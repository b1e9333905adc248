//! Opening the gateway: for this house's own platform, or as its caller configured it.

use std::path::PathBuf;

use selfsame_client::transport::Transport;
use selfsame_gateway::config::{AppCredentials, Limits, NamedSecret};
use selfsame_gateway::forward::{SetBy, Target};
use selfsame_gateway::{Config, Gateway};
use selfsame_runtime::http::AdminToken;
use url::Url;

use super::start::{Foundation, Port, live};
use super::{GatewayOptions, StartError};
use crate::world::World;

/// What the gateway needs to know about the other side.
pub(super) struct GatewaySettings {
    instagram_app: AppCredentials,
    meta_app: AppCredentials,
    verify_token: String,
    instagram_url: Url,
    facebook_url: Url,
    database: Option<PathBuf>,
    preview_embedders: Vec<String>,
    public_url: Option<Url>,
    forward: Option<Target>,
    paced: bool,
    extra_app_secrets: Vec<NamedSecret>,
    token_keys: Option<String>,
    limits: Limits,
}

impl GatewaySettings {
    /// From the world of the house's own platform.
    pub(super) fn of_house(world: &World, platform: &Url) -> Result<Self, StartError> {
        let app = world.apps.first().ok_or(StartError::NoApp)?;
        let verify_token = app.verify_token.clone().ok_or(StartError::NoApp)?;
        Ok(Self {
            instagram_app: credentials(&app.instagram_app_id, &app.instagram_app_secret),
            meta_app: credentials(&app.meta_app_id, &app.meta_app_secret),
            verify_token,
            instagram_url: platform.clone(),
            facebook_url: platform.clone(),
            database: None,
            preview_embedders: Vec::new(),
            // The public URL of a house is its platform's; its own gateway is called on its own port.
            public_url: None,
            forward: None,
            // The platform of the same house is not overrun by it, and refuses nobody for calling often.
            paced: false,
            extra_app_secrets: Vec::new(),
            token_keys: None,
            limits: Limits::default(),
        })
    }

    /// As its caller said. With one app only, its credentials serve both logins: the other login then
    /// fails at Meta, which is better than a secret that anybody could guess.
    pub(super) fn alone(options: GatewayOptions, public_url: Option<Url>) -> Result<Self, StartError> {
        let instagram_app = options.instagram_app.as_ref().or(options.meta_app.as_ref());
        let meta_app = options.meta_app.as_ref().or(options.instagram_app.as_ref());
        let (Some(instagram_app), Some(meta_app)) = (instagram_app, meta_app) else {
            return Err(StartError::NoCredentials);
        };
        let usual = Limits::default();
        let limits = Limits {
            raw_body_hours: options.keep_bodies_hours.unwrap_or(usual.raw_body_hours),
            event_days: options.keep_events_days.unwrap_or(usual.event_days),
            ..usual
        };
        let extra_app_secrets = options.extra_app_secrets.into_iter().map(|extra| NamedSecret {
            name: extra.name,
            secret: extra.secret,
        });
        Ok(Self {
            extra_app_secrets: extra_app_secrets.collect(),
            token_keys: options.token_keys,
            limits,
            instagram_app: credentials(&instagram_app.id, &instagram_app.secret),
            meta_app: credentials(&meta_app.id, &meta_app.secret),
            verify_token: options.verify_token,
            instagram_url: options.instagram_url,
            facebook_url: options.facebook_url,
            database: options.database,
            preview_embedders: options.preview_embedders,
            public_url,
            forward: options.forward.map(|forward| Target {
                url: forward.url.into(),
                shape: forward.shape,
                set_by: SetBy::Gateway,
            }),
            paced: true,
        })
    }
}

fn credentials(id: &str, secret: &str) -> AppCredentials {
    AppCredentials {
        id: id.to_owned(),
        secret: secret.to_owned(),
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
    foundation: &Foundation,
    settings: GatewaySettings,
    port: Port,
    automations: PathBuf,
) -> Result<(), StartError> {
    let config = Config {
        data: foundation.folder.path().to_owned(),
        database: settings.database,
        bind: port.address,
        public_url: settings.public_url.map(|url| text(&url)),
        allow_hosts: foundation.listening.allow_hosts.clone(),
        preview_embedders: settings.preview_embedders,
        admin_token: AdminToken::new(foundation.admin_token.clone()),
        instagram_app: settings.instagram_app,
        meta_app: settings.meta_app,
        verify_token: settings.verify_token,
        instagram_url: text(&settings.instagram_url),
        facebook_url: text(&settings.facebook_url),
        automations,
        extra_app_secrets: settings.extra_app_secrets,
        token_keys: settings.token_keys,
        forward: settings.forward,
        limits: Limits {
            paced: settings.paced,
            ..settings.limits
        },
    };
    let gateway = Gateway::open(
        config,
        foundation.world_clock.clone(),
        foundation.process_clock.clone(),
        foundation.random.clone(),
        Transport::network(),
    )
    .await?;
    live(foundation, "gateway", |own| gateway.run(port.listener, own));
    Ok(())
}

/// A base URL as the gateway takes it: without a slash at its end.
fn text(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
