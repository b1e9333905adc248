//! The flags of commands about the platform's world: identity, settings, delivery log, time, switches, faults.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use url::Url;

use selfsame_workbench::environment::Mapping;

use super::FlowName;

/// `whoami`.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    /// The account [default: the only business account]
    #[arg(value_name = "@ACCOUNT")]
    pub account: Option<String>,
}

/// `env`.
#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    /// Also `ACCESS_TOKEN` and `APP_SECRET`, of this login
    #[arg(long, value_enum, conflicts_with = "gateway")]
    pub flow: Option<FlowName>,
    /// How it is written
    #[arg(long, value_enum, default_value = "dotenv")]
    pub format: EnvFormat,
    /// One more name for a setting; may be repeated
    #[arg(long, value_name = "NAME=KEY")]
    pub map: Vec<Mapping>,
    /// The settings of `selfsame gateway` instead
    #[arg(long)]
    pub gateway: bool,
    /// The account [default: the only business account]
    #[arg(long, value_name = "@ACCOUNT")]
    pub account: Option<String>,
}

/// How settings are written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum EnvFormat {
    /// Lines for .env files and shells
    Dotenv,
    /// One JSON object
    Json,
    /// Lines for `$GITHUB_ENV`
    Github,
}

/// `events`.
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// What to do with the delivery log.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// List deliveries, oldest first
    #[command(after_help = "Example:\n  selfsame events list --status failed --field messages")]
    List(ListEventsArgs),
    /// Show one delivery with its body and every attempt
    #[command(after_help = "Example:\n  selfsame events get 12")]
    Get {
        /// The delivery
        id: String,
    },
    /// Send one again, byte for byte
    #[command(after_help = "Example:\n  selfsame events resend 12 --signature invalid")]
    Resend(ResendArgs),
}

/// `events list`.
#[derive(Debug, Args)]
pub(crate) struct ListEventsArgs {
    /// pending, delivered, failed, dead or suppressed
    #[arg(long)]
    pub status: Option<String>,
    /// Of this app
    #[arg(long)]
    pub app: Option<String>,
    /// Of this account
    #[arg(long, value_name = "@ACCOUNT")]
    pub account: Option<String>,
    /// Of this webhook field
    #[arg(long)]
    pub field: Option<String>,
    /// About this message
    #[arg(long)]
    pub mid: Option<String>,
    /// Made after this delivery
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
    /// At most this many
    #[arg(long)]
    pub limit: Option<u32>,
}

/// `events resend`.
#[derive(Debug, Args)]
pub(crate) struct ResendArgs {
    /// The delivery
    pub id: String,
    /// With a broken signature
    #[arg(long, value_enum)]
    pub signature: Option<BrokenSignature>,
}

/// How to break a signature.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum BrokenSignature {
    /// No signature headers at all
    Missing,
    /// Signature headers that do not match
    Invalid,
}

/// `listen`.
#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// Also POST each webhook body here, with its signature headers
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<Url>,
    /// Print the secrets that sign, and end
    #[arg(long)]
    pub print_secret: bool,
    /// End after this many events
    #[arg(long, value_name = "N")]
    pub count: Option<u64>,
}

/// `clock`.
#[derive(Debug, Args)]
pub(crate) struct ClockArgs {
    #[command(subcommand)]
    pub command: Option<ClockCommand>,
}

/// What to do with world time.
#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Jump forward
    #[command(after_help = "Example:\n  selfsame clock advance 25h")]
    Advance {
        /// How far, as in 90s, 25h or 7d
        by: String,
    },
    /// Stop at a time
    #[command(after_help = "Example:\n  selfsame clock freeze 2026-01-01T00:00:00Z")]
    Freeze {
        /// RFC 3339
        at: String,
    },
    /// Run again
    #[command(after_help = "Example:\n  selfsame clock resume")]
    Resume,
}

/// `switches`.
#[derive(Debug, Args)]
pub(crate) struct SwitchesArgs {
    /// Settings; without any, all are listed
    #[arg(value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}

/// `chaos`.
#[derive(Debug, Args)]
pub(crate) struct ChaosArgs {
    #[command(subcommand)]
    pub command: Option<ChaosCommand>,
}

/// What to do with faults.
#[derive(Debug, Subcommand)]
pub(crate) enum ChaosCommand {
    /// Replace the rules
    #[command(
        after_help = "Example:\n  selfsame chaos set '{\"rules\":[{\"target\":\"graph\",\"fault\":\"cut\",\"times\":1}]}'"
    )]
    Set {
        /// {"seed"?,"rules":[…]}
        json: String,
    },
    /// Remove every rule
    #[command(after_help = "Example:\n  selfsame chaos clear")]
    Clear,
}

/// `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Where to write it [default: standard output]
    pub file: Option<PathBuf>,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A document of `selfsame export`
    pub file: PathBuf,
}

/// `reset`.
#[derive(Debug, Args)]
pub(crate) struct ResetArgs {
    /// To no world at all: no apps, no accounts
    #[arg(long)]
    pub empty: bool,
}
