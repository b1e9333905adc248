//! The flags of commands about the gateway: automations and accounts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::FlowName;
use super::root::parse_duration;

/// `automations`.
#[derive(Debug, Args)]
pub(crate) struct AutomationsArgs {
    #[command(subcommand)]
    pub command: AutomationsCommand,
}

/// What to do with automations.
#[derive(Debug, Subcommand)]
pub(crate) enum AutomationsCommand {
    /// Check a file without a running gateway; mistakes come with line and column
    #[command(after_help = "Example:\n  selfsame automations validate automations.yaml")]
    Validate(ValidateArgs),
    /// Make the draft the version that everybody gets
    #[command(after_help = "Example:\n  selfsame automations publish")]
    Publish,
    /// What runs: the draft for the owner, the published version for everybody else
    #[command(after_help = "Example:\n  selfsame automations list --json")]
    List,
    /// The JSON Schema of the file
    #[command(after_help = "Example:\n  selfsame automations schema > automations.schema.json")]
    Schema,
}

/// `automations validate`.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The file [default: DIR/automations.yaml]
    pub file: Option<PathBuf>,
}

/// `accounts`.
#[derive(Debug, Args)]
pub(crate) struct AccountsArgs {
    #[command(subcommand)]
    pub command: Option<AccountsCommand>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// List them
    #[command(after_help = "Example:\n  selfsame accounts list --json")]
    List,
    /// Connect one by its access token, and install its webhooks
    #[command(
        after_help = "Examples:\n  selfsame accounts add @luna.coffee\n  selfsame accounts add --token-stdin --flow facebook < token"
    )]
    Add(AddAccountArgs),
    /// Compare one with Instagram: what Instagram has and what never arrived
    #[command(
        after_help = "Examples:\n  selfsame accounts reconcile @luna.coffee\n  selfsame accounts reconcile @luna.coffee --hours 72 --replay"
    )]
    Reconcile(ReconcileArgs),
}

/// `accounts reconcile`.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// The account: a username or any id of it
    #[arg(value_name = "@ACCOUNT")]
    pub account: String,
    /// How far back to look
    #[arg(long, default_value_t = 24, value_name = "HOURS")]
    pub hours: u32,
    /// Bring in what is missing: it is decided as if it had arrived now, and perhaps answered
    #[arg(long)]
    pub replay: bool,
    /// Give up waiting after this long; the comparison goes on
    #[arg(long, default_value = "15m", value_parser = parse_duration, value_name = "TIME")]
    pub timeout: Duration,
}

/// `dead-letters`.
#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    #[command(subcommand)]
    pub command: Option<DeadLettersCommand>,
}

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List them, oldest first
    #[command(after_help = "Examples:\n  selfsame dead-letters list --json\n  selfsame dead-letters list --all")]
    List(ListDeadLettersArgs),
    /// Show one with its raw body
    #[command(after_help = "Example:\n  selfsame dead-letters show 12")]
    Show {
        /// Its number, from the list
        id: u64,
    },
    /// Decide again, from its raw bytes, what nobody has decided of one; nothing is decided twice
    #[command(after_help = "Example:\n  selfsame dead-letters replay 12")]
    Replay {
        /// Its number, from the list
        id: u64,
    },
}

/// `dead-letters list`.
#[derive(Debug, Default, Args)]
pub(crate) struct ListDeadLettersArgs {
    /// Every webhook that was taken in, as long as they are kept
    #[arg(long)]
    pub all: bool,
    /// Only those after this one
    #[arg(long, value_name = "ID")]
    pub after: Option<u64>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    pub limit: u32,
}

/// `accounts add`.
#[derive(Debug, Args)]
pub(crate) struct AddAccountArgs {
    /// An account of the running platform, whose token is taken from there
    #[arg(
        value_name = "@ACCOUNT",
        required_unless_present = "token_stdin",
        conflicts_with = "token_stdin"
    )]
    pub account: Option<String>,
    /// Read the token from standard input
    #[arg(long)]
    pub token_stdin: bool,
    /// The login that granted the token
    #[arg(long, value_enum, default_value = "instagram")]
    pub flow: FlowName,
}

/// `keys`.
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    pub command: Option<KeysCommand>,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List them, revoked ones included
    #[command(after_help = "Example:\n  selfsame keys list --json")]
    List,
    /// Make one; it is printed this once
    #[command(after_help = "Example:\n  selfsame keys add \"the CRM\" --scope read,send")]
    Add(AddKeyArgs),
    /// Revoke one, at once
    #[command(after_help = "Example:\n  selfsame keys revoke 1")]
    Revoke {
        /// Its number, from the list
        id: u64,
    },
}

/// `keys add`.
#[derive(Debug, Args)]
pub(crate) struct AddKeyArgs {
    /// What it is for, in a few words
    pub name: String,
    /// What it may do; scopes do not imply each other, but admin implies all
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "read",
        value_name = "read|send|automations|accounts|admin"
    )]
    pub scope: Vec<String>,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Go out too: call the callback by its public address, compare clocks, ask the app for its callback,
    /// try the tokens
    #[arg(long)]
    pub live: bool,
}
