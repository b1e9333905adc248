//! The flags of commands about the platform's world: identity, settings, delivery log, time, switches, faults.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use url::Url;

use selfsame_workbench::environment::Mapping;

use super::FlowName;
use super::gestures::ActingArgs;
use super::root::{parse_assignment, parse_json};

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
    pub command: Option<EventsCommand>,
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
        id: i64,
    },
    /// Send one again, byte for byte
    #[command(after_help = "Example:\n  selfsame events resend 12 --signature invalid")]
    Resend(ResendArgs),
}

/// `events list`.
#[derive(Debug, Default, Args)]
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
    pub id: i64,
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
        /// RFC 3339 [default: where it is]
        at: Option<String>,
    },
    /// Run again
    #[command(after_help = "Example:\n  selfsame clock resume")]
    Resume,
}

/// `switches`.
#[derive(Debug, Args)]
pub(crate) struct SwitchesArgs {
    /// Settings; without any, all are listed
    #[arg(value_name = "NAME=VALUE", value_parser = parse_assignment)]
    pub set: Vec<(String, Value)>,
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
        #[arg(value_name = "JSON", value_parser = parse_json)]
        rules: Value,
    },
    /// Remove every rule
    #[command(after_help = "Example:\n  selfsame chaos clear")]
    Clear,
}

/// `roles`.
#[derive(Debug, Args)]
pub(crate) struct RolesArgs {
    #[command(subcommand)]
    pub command: Option<RolesCommand>,
    /// The app [default: the only one]
    #[arg(long, value_name = "NAME", global = true)]
    pub app: Option<String>,
}

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub(crate) enum RolesCommand {
    /// Give a role; testers are invited and must accept
    #[command(after_help = "Example:\n  selfsame roles give instagram_tester @sam --accepted")]
    Give {
        /// The role
        #[arg(value_enum)]
        role: RoleName,
        /// The account [default: the only business account]
        #[arg(value_name = "@ACCOUNT")]
        account: Option<String>,
        /// As if the invitation had been accepted
        #[arg(long)]
        accepted: bool,
    },
    /// Accept an invitation, as the account does in Instagram's settings
    #[command(after_help = "Example:\n  selfsame roles accept @sam")]
    Accept {
        /// The account [default: the only business account]
        #[arg(value_name = "@ACCOUNT")]
        account: Option<String>,
    },
    /// Take a role away, or decline an invitation
    #[command(after_help = "Example:\n  selfsame roles remove @sam")]
    Remove {
        /// The account [default: the only business account]
        #[arg(value_name = "@ACCOUNT")]
        account: Option<String>,
    },
}

/// A role on an app.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Everything
    Administrator,
    /// The app's settings
    Developer,
    /// A tester of the Facebook login, invited
    Tester,
    /// Reads its figures
    Analytics,
    /// A tester of the Instagram login, invited
    InstagramTester,
}

impl RoleName {
    /// The name that the platform knows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Developer => "developer",
            Self::Tester => "tester",
            Self::Analytics => "analytics",
            Self::InstagramTester => "instagram_tester",
        }
    }
}

/// `blocks`.
#[derive(Debug, Args)]
pub(crate) struct BlocksArgs {
    #[command(subcommand)]
    pub command: Option<BlocksCommand>,
}

/// What to do with blocks.
#[derive(Debug, Subcommand)]
pub(crate) enum BlocksCommand {
    /// Block an account
    #[command(after_help = "Example:\n  selfsame blocks add @luna.coffee --as @sam --restrict")]
    Add {
        /// Whom
        #[arg(value_name = "@ACCOUNT")]
        who: String,
        #[command(flatten)]
        acting: ActingArgs,
        /// Restrict it only
        #[arg(long)]
        restrict: bool,
    },
    /// Take a block or restriction back
    #[command(after_help = "Example:\n  selfsame blocks remove @luna.coffee --as @sam")]
    Remove {
        /// Whom
        #[arg(value_name = "@ACCOUNT")]
        who: String,
        #[command(flatten)]
        acting: ActingArgs,
    },
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
