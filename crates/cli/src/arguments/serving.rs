//! The flags of `start`, `platform` and `gateway`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use url::Url;

use selfsame_workbench::house::ForwardShape;
use selfsame_workbench::world::Flow;

/// Both halves.
#[derive(Debug, Default, Args)]
pub(crate) struct StartArgs {
    /// Port of the platform; 0 picks a free one [default: 7353]
    #[arg(long, env = "SELFSAME_PORT", hide_env_values = true)]
    pub port: Option<u16>,
    /// Port of the gateway; 0 picks a free one [default: 7354]
    #[arg(long, env = "SELFSAME_GATEWAY_PORT", hide_env_values = true)]
    pub gateway_port: Option<u16>,
    #[command(flatten)]
    pub listener: ListenerArgs,
    #[command(flatten)]
    pub callback: CallbackArgs,
    #[command(flatten)]
    pub journals: JournalArgs,
    /// The automations file: it is the draft [default: DIR/automations.yaml]
    #[arg(long, env = "SELFSAME_AUTOMATIONS", hide_env_values = true, value_name = "FILE")]
    pub automations: Option<PathBuf>,
}

/// The platform alone.
#[derive(Debug, Default, Args)]
pub(crate) struct PlatformArgs {
    /// Port; 0 picks a free one [default: 7353]
    #[arg(long, env = "SELFSAME_PORT", hide_env_values = true)]
    pub port: Option<u16>,
    #[command(flatten)]
    pub listener: ListenerArgs,
    #[command(flatten)]
    pub callback: CallbackArgs,
    #[command(flatten)]
    pub journals: JournalArgs,
}

/// The gateway alone.
#[derive(Debug, Default, Args)]
pub(crate) struct GatewayArgs {
    /// Port; 0 picks a free one [default: 7354]
    #[arg(long, env = "SELFSAME_PORT", hide_env_values = true)]
    pub port: Option<u16>,
    #[command(flatten)]
    pub listener: ListenerArgs,
    /// The Instagram app's id (Instagram Login)
    #[arg(long, env = "SELFSAME_INSTAGRAM_APP_ID", hide_env_values = true, value_name = "ID")]
    pub instagram_app_id: Option<String>,
    /// The Instagram app's secret: verifies webhooks of the Instagram login
    #[arg(
        long,
        env = "SELFSAME_INSTAGRAM_APP_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub instagram_app_secret: Option<String>,
    /// The Meta app's id (Facebook Login)
    #[arg(long, env = "SELFSAME_META_APP_ID", hide_env_values = true, value_name = "ID")]
    pub meta_app_id: Option<String>,
    /// The Meta app's secret: verifies webhooks of the Facebook login
    #[arg(
        long,
        env = "SELFSAME_META_APP_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub meta_app_secret: Option<String>,
    /// One more app secret that webhooks may be signed with: of another app on the same callback, or the old
    /// one while a secret is changed; may be repeated
    #[arg(
        long,
        env = "SELFSAME_EXTRA_APP_SECRET",
        hide_env_values = true,
        value_name = "NAME=SECRET",
        value_delimiter = ','
    )]
    pub extra_app_secret: Vec<String>,
    /// The keys that seal tokens, newest first, comma-separated, 64 hex digits each [default: DIR/gateway.key]
    #[arg(long, env = "SELFSAME_TOKEN_KEYS", hide_env_values = true, value_name = "KEYS")]
    pub token_keys: Option<String>,
    /// Hours that raw webhook bodies are kept [default: 168]
    #[arg(
        long,
        env = "SELFSAME_KEEP_BODIES_HOURS",
        hide_env_values = true,
        value_name = "HOURS"
    )]
    pub keep_bodies_hours: Option<u32>,
    /// Days that decided events and sends are kept, at least 7 [default: 90]
    #[arg(long, env = "SELFSAME_KEEP_EVENTS_DAYS", hide_env_values = true, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(7..))]
    pub keep_events_days: Option<u32>,
    /// What the webhook handshake must present
    #[arg(long, env = "SELFSAME_VERIFY_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub verify_token: Option<String>,
    /// Base URL in place of graph.instagram.com [default: the local platform]
    #[arg(long, env = "SELFSAME_INSTAGRAM_URL", hide_env_values = true, value_name = "URL")]
    pub instagram_url: Option<Url>,
    /// Base URL in place of graph.facebook.com [default: the local platform]
    #[arg(long, env = "SELFSAME_FACEBOOK_URL", hide_env_values = true, value_name = "URL")]
    pub facebook_url: Option<Url>,
    /// `live` sets both base URLs to Meta's
    #[arg(long, env = "SELFSAME_META", hide_env_values = true, value_enum)]
    pub meta: Option<MetaName>,
    /// The automations file: it is the draft [default: DIR/automations.yaml]
    #[arg(long, env = "SELFSAME_AUTOMATIONS", hide_env_values = true, value_name = "FILE")]
    pub automations: Option<PathBuf>,
    /// Your own engine in place of the automations: events go to this address, signed as Meta signs, and
    /// its answers come back through /graph
    #[arg(long, env = "SELFSAME_FORWARD_TO", hide_env_values = true, value_name = "URL")]
    pub forward_to: Option<Url>,
    /// How events are presented to your engine [default: meta]
    #[arg(
        long,
        env = "SELFSAME_FORWARD_SHAPE",
        hide_env_values = true,
        value_enum,
        value_name = "SHAPE"
    )]
    pub forward_shape: Option<ShapeName>,
    /// The database file [default: DIR/gateway.db]
    #[arg(long, env = "SELFSAME_DATABASE", hide_env_values = true, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// An origin, scheme and host, that may show preview pages in a frame; may be repeated
    #[arg(
        long,
        env = "SELFSAME_PREVIEW_EMBEDDER",
        hide_env_values = true,
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub preview_embedder: Vec<String>,
}

/// Where it listens and who may call it.
#[derive(Debug, Default, Args)]
pub(crate) struct ListenerArgs {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, env = "SELFSAME_BIND", hide_env_values = true, value_name = "ADDRESS")]
    pub bind: Option<IpAddr>,
    /// Keep nothing: a temporary folder, removed at exit
    #[arg(long, env = "SELFSAME_EPHEMERAL", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub ephemeral: bool,
    /// The address that others see, for absolute URLs
    #[arg(long, env = "SELFSAME_PUBLIC_URL", hide_env_values = true, value_name = "URL")]
    pub public_url: Option<Url>,
    /// One more Host that pages and /_sim answer to; may be repeated
    #[arg(
        long,
        env = "SELFSAME_ALLOW_HOST",
        hide_env_values = true,
        value_name = "HOST",
        value_delimiter = ','
    )]
    pub allow_host: Vec<String>,
    /// Never fetch the media URLs that callers name
    #[arg(long, env = "SELFSAME_NO_FETCH", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_fetch: bool,
}

/// Your own bot in place of the gateway.
#[derive(Debug, Default, Args)]
pub(crate) struct CallbackArgs {
    /// Deliver webhooks to your own bot; then no gateway is started
    #[arg(
        long,
        env = "SELFSAME_CALLBACK",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Your own bot"
    )]
    pub callback: Option<Url>,
    /// What the handshake presents to your bot [default: shown by `selfsame env`]
    #[arg(
        long,
        env = "SELFSAME_VERIFY_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        help_heading = "Your own bot"
    )]
    pub verify_token: Option<String>,
    /// The secret that your bot verifies signatures with [default: shown by `selfsame env`]
    #[arg(
        long,
        env = "SELFSAME_APP_SECRET",
        hide_env_values = true,
        value_name = "SECRET",
        help_heading = "Your own bot"
    )]
    pub app_secret: Option<String>,
    /// The login that installs webhooks for the demo account, and whose secret signs them [default: instagram]
    #[arg(
        long,
        env = "SELFSAME_FLOW",
        hide_env_values = true,
        value_enum,
        help_heading = "Your own bot"
    )]
    pub flow: Option<FlowName>,
}

/// How much of what happened the platform remembers; whatever is beyond one limit is forgotten, oldest first.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "the names are those of the flags")]
pub(crate) struct JournalArgs {
    /// Graph and OAuth calls that are kept [default: 20000]
    #[arg(long, env = "SELFSAME_KEEP_CALLS", hide_env_values = true, value_name = "COUNT", help_heading = "Journals", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_calls: Option<u32>,
    /// Deliveries that are kept, each with its attempts [default: 200000]
    #[arg(long, env = "SELFSAME_KEEP_DELIVERIES", hide_env_values = true, value_name = "COUNT", help_heading = "Journals", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_deliveries: Option<u32>,
    /// Events that /_sim/stream can resume from [default: 500000]
    #[arg(long, env = "SELFSAME_KEEP_STREAM", hide_env_values = true, value_name = "COUNT", help_heading = "Journals", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_stream: Option<u32>,
    /// Days of world time that all three are kept [default: 180]
    #[arg(long, env = "SELFSAME_KEEP_JOURNAL_DAYS", hide_env_values = true, value_name = "DAYS", help_heading = "Journals", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep_journal_days: Option<u32>,
}

/// A login flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FlowName {
    /// Instagram API with Instagram Login
    Instagram,
    /// Instagram API with Facebook Login
    Facebook,
}

/// The real Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MetaName {
    /// graph.instagram.com and graph.facebook.com
    Live,
}

/// How events are presented to somebody's own engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShapeName {
    /// As Instagram sends them
    Meta,
    /// What the owner types or taps herself looks like a customer's, for bots that drop echoes
    Inbound,
}

impl From<ShapeName> for ForwardShape {
    fn from(name: ShapeName) -> Self {
        match name {
            ShapeName::Meta => Self::Meta,
            ShapeName::Inbound => Self::Inbound,
        }
    }
}

impl From<FlowName> for Flow {
    fn from(name: FlowName) -> Self {
        match name {
            FlowName::Instagram => Self::Instagram,
            FlowName::Facebook => Self::Facebook,
        }
    }
}
