//! What may be chosen about a house. Every choice is made by the caller; nothing here reads the environment.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use selfsame_gateway::forward::Shape;
use selfsame_platform::Retention;
use url::Url;

use crate::world::Flow;

/// Which halves run, where, and on which data.
#[derive(Debug)]
pub struct HouseOptions {
    /// Where the data lies.
    pub data: DataChoice,
    /// What both halves share about listening.
    pub listening: Listening,
    /// The platform, unless the gateway runs alone.
    pub platform: Option<PlatformOptions>,
    /// The gateway, unless somebody's own bot takes its place.
    pub gateway: Option<GatewayChoice>,
}

impl HouseOptions {
    /// Both halves for a program that starts them for itself: on free ports of loopback, and nothing is fetched.
    pub fn on_free_ports(data: DataChoice, automations: PathBuf) -> Self {
        Self {
            data,
            listening: Listening {
                bind: Ipv4Addr::LOCALHOST.into(),
                public_url: None,
                allow_hosts: Vec::new(),
                admin_token: None,
                fetch_media: false,
            },
            platform: Some(PlatformOptions {
                port: 0,
                bot: None,
                retention: Retention::default(),
            }),
            gateway: Some(GatewayChoice::OfThisHouse {
                port: 0,
                automations: Some(automations),
            }),
        }
    }
}

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataChoice {
    /// In this folder, made when it does not exist.
    Folder(PathBuf),
    /// In a temporary folder that is removed at the end.
    Ephemeral,
}

/// Where to listen and who may call.
#[derive(Clone)]
pub struct Listening {
    /// The address; loopback unless told otherwise.
    pub bind: IpAddr,
    /// The address that others see.
    pub public_url: Option<Url>,
    /// Further Hosts that pages and `/_sim` answer to.
    pub allow_hosts: Vec<String>,
    /// The key of pages and `/_sim` for callers from elsewhere; generated when absent.
    pub admin_token: Option<String>,
    /// Whether media URLs that callers name are fetched.
    pub fetch_media: bool,
}

/// The platform.
#[derive(Debug, Clone)]
pub struct PlatformOptions {
    /// Its port; 0 picks a free one.
    pub port: u16,
    /// Somebody's own bot, in place of the gateway of this house.
    pub bot: Option<Bot>,
    /// How much of what happened is remembered.
    pub retention: Retention,
}

/// Somebody's own bot.
#[derive(Clone)]
pub struct Bot {
    /// Its webhook endpoint.
    pub url: Url,
    /// What the handshake presents; the demo app's own when absent.
    pub verify_token: Option<String>,
    /// Signs the deliveries of `flow`; the demo app's own when absent.
    pub app_secret: Option<String>,
    /// The login through which the demo account installs its webhooks.
    pub flow: Flow,
}

/// How the gateway is configured.
#[derive(Debug)]
pub enum GatewayChoice {
    /// From the platform of the same house.
    OfThisHouse {
        /// Its port; 0 picks a free one.
        port: u16,
        /// The automations file; `automations.yaml` in the data folder when absent.
        automations: Option<PathBuf>,
    },
    /// By its caller, for a platform elsewhere or for Meta.
    Alone(Box<GatewayOptions>),
}

/// A gateway that runs alone.
#[derive(Clone)]
pub struct GatewayOptions {
    /// Its port; 0 picks a free one.
    pub port: u16,
    /// The automations file; `automations.yaml` in the data folder when absent.
    pub automations: Option<PathBuf>,
    /// The Instagram app.
    pub instagram_app: Option<AppCredentials>,
    /// The Meta app.
    pub meta_app: Option<AppCredentials>,
    /// What the webhook handshake must present.
    pub verify_token: String,
    /// Base URL in place of graph.instagram.com.
    pub instagram_url: Url,
    /// Base URL in place of graph.facebook.com.
    pub facebook_url: Url,
    /// The database file; `gateway.db` in the data folder when absent.
    pub database: Option<PathBuf>,
    /// Origins that may show a preview's page in a frame.
    pub preview_embedders: Vec<String>,
    /// Somebody's own engine behind it, in place of the automations.
    pub forward: Option<ForwardOptions>,
    /// Further app secrets that webhooks may be signed with.
    pub extra_app_secrets: Vec<NamedSecret>,
    /// The keys that seal tokens; those of `gateway.key` when absent.
    pub token_keys: Option<String>,
    /// Hours that raw bodies are kept; the default when absent.
    pub keep_bodies_hours: Option<u32>,
    /// Days that events and sends are kept; the default when absent.
    pub keep_events_days: Option<u32>,
}

/// A further app secret.
#[derive(Clone)]
pub struct NamedSecret {
    /// What it is called.
    pub name: String,
    /// The secret.
    pub secret: String,
}

/// Somebody's own engine behind the gateway.
#[derive(Debug, Clone)]
pub struct ForwardOptions {
    /// Its address.
    pub url: Url,
    /// How events are presented to it.
    pub shape: Shape,
}

/// Id and secret of an app.
#[derive(Clone)]
pub struct AppCredentials {
    /// The id.
    pub id: String,
    /// The secret.
    pub secret: String,
}

// Secrets of real apps stay out of logs, so these write no secret when they are debugged.

impl fmt::Debug for GatewayOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GatewayOptions")
            .field("port", &self.port)
            .field("instagram_app", &self.instagram_app)
            .field("meta_app", &self.meta_app)
            .field("instagram_url", &self.instagram_url)
            .field("facebook_url", &self.facebook_url)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Listening")
            .field("bind", &self.bind)
            .field("public_url", &self.public_url)
            .field("allow_hosts", &self.allow_hosts)
            .field("fetch_media", &self.fetch_media)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Bot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bot")
            .field("url", &self.url)
            .field("flow", &self.flow)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AppCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AppCredentials")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
