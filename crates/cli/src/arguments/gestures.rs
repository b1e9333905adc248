//! The flags of what people do on their phones, and of `send`.

use std::time::Duration;

use clap::Args;

use super::FlowName;
use super::root::parse_duration;

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct ActingArgs {
    /// Who does it [default: the only business account]
    #[arg(long = "as", value_name = "@ACCOUNT")]
    pub acting: Option<String>,
}

/// Who acts, and towards whom.
#[derive(Debug, Args)]
pub(crate) struct PartiesArgs {
    /// Who does it [default: the only business account]
    #[arg(long = "as", value_name = "@ACCOUNT")]
    pub acting: Option<String>,
    /// Towards whom [default: the same account]
    #[arg(long = "to", value_name = "@ACCOUNT")]
    pub towards: Option<String>,
}

/// Whether to wait for the answer.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// How long to wait for the answer
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = parse_duration)]
    pub within: Duration,
    /// Do not wait for the answer
    #[arg(long)]
    pub no_wait: bool,
}

/// `dm`.
#[derive(Debug, Args)]
pub(crate) struct DmArgs {
    /// The text
    #[arg(required_unless_present_any = ["image", "video", "audio", "file", "like_heart"])]
    pub text: Option<String>,
    #[command(flatten)]
    pub parties: PartiesArgs,
    /// A picture instead of a text
    #[arg(long, value_name = "URL", group = "content", conflicts_with = "text")]
    pub image: Option<String>,
    /// A video instead of a text
    #[arg(long, value_name = "URL", group = "content", conflicts_with = "text")]
    pub video: Option<String>,
    /// A recording instead of a text
    #[arg(long, value_name = "URL", group = "content", conflicts_with = "text")]
    pub audio: Option<String>,
    /// A file instead of a text
    #[arg(long, value_name = "URL", group = "content", conflicts_with = "text")]
    pub file: Option<String>,
    /// The heart instead of a text
    #[arg(long, group = "content", conflicts_with = "text")]
    pub like_heart: bool,
    /// The message it answers
    #[arg(long, value_name = "MID")]
    pub reply_to: Option<String>,
    /// The payload of the quick reply that was tapped
    #[arg(long, value_name = "PAYLOAD")]
    pub quick_reply: Option<String>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// `tap`.
#[derive(Debug, Args)]
pub(crate) struct TapArgs {
    /// Title or 0-based index of the button [default: the first]
    pub button: Option<String>,
    #[command(flatten)]
    pub parties: PartiesArgs,
    /// The message with the button [default: the newest one that has it]
    #[arg(long, value_name = "MID")]
    pub mid: Option<String>,
    /// An ice breaker instead of a button
    #[arg(long, value_name = "TITLE", conflicts_with_all = ["button", "mid", "menu"])]
    pub ice_breaker: Option<String>,
    /// An item of the persistent menu instead of a button
    #[arg(long, value_name = "TITLE", conflicts_with_all = ["button", "mid"])]
    pub menu: Option<String>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// `comment`.
#[derive(Debug, Args)]
pub(crate) struct CommentArgs {
    /// The text
    pub text: String,
    #[command(flatten)]
    pub acting: ActingArgs,
    /// The post [default: the newest]
    #[arg(long, value_name = "ID")]
    pub media: Option<String>,
    /// The comment it answers
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// `react`.
#[derive(Debug, Args)]
pub(crate) struct ReactArgs {
    /// The message
    pub mid: String,
    #[command(flatten)]
    pub acting: ActingArgs,
    /// The emoji [default: a heart]
    #[arg(long)]
    pub emoji: Option<String>,
    /// Take the reaction away
    #[arg(long)]
    pub remove: bool,
}

/// `seen` and `unsend`.
#[derive(Debug, Args)]
pub(crate) struct MessageArgs {
    /// The message
    pub mid: String,
    #[command(flatten)]
    pub acting: ActingArgs,
}

/// `edit`.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The message
    pub mid: String,
    /// Its text from now on
    pub text: String,
    #[command(flatten)]
    pub acting: ActingArgs,
}

/// `send`.
#[derive(Debug, Args)]
pub(crate) struct SendArgs {
    /// The text
    #[arg(required_unless_present = "message")]
    pub text: Option<String>,
    #[command(flatten)]
    pub parties: PartiesArgs,
    /// The whole `message` object instead of a text
    #[arg(long, value_name = "JSON", conflicts_with = "text")]
    pub message: Option<String>,
    /// Whose token to use
    #[arg(long, value_enum, default_value = "instagram")]
    pub flow: FlowName,
    /// `/me/messages` with recipient.id, for the self thread too
    #[arg(long)]
    pub standard: bool,
}
