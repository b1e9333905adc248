//! The flags of what people do on their phones, and of `send`.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::FlowName;
use super::root::{parse_assignment, parse_duration, parse_json};

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
    #[arg(required_unless_present_any = ["image", "video", "audio", "file", "share", "like_heart"])]
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
    /// A post, reel or story shared instead of a text
    #[arg(long, value_name = "MEDIA_ID", group = "content", conflicts_with = "text")]
    pub share: Option<String>,
    /// The heart instead of a text
    #[arg(long, group = "content", conflicts_with = "text")]
    pub like_heart: bool,
    /// The message it answers
    #[arg(long, value_name = "MID")]
    pub reply_to: Option<String>,
    /// The payload of the quick reply that was tapped
    #[arg(long, value_name = "PAYLOAD")]
    pub quick_reply: Option<String>,
    /// The story that it answers
    #[arg(long, value_name = "MEDIA_ID", conflicts_with = "reply_to")]
    pub story: Option<String>,
    /// The `ref` of the ig.me link through which the person came
    #[arg(long, value_name = "REF")]
    pub referral: Option<String>,
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

/// `trigger`.
#[derive(Debug, Args)]
pub(crate) struct TriggerArgs {
    /// Name of a documented event (`self_echo`, `message_image`, …) or of a webhook field
    pub event: String,
    #[command(flatten)]
    pub parties: PartiesArgs,
    /// Another value at a dotted path of the event, or of the body (`entry.0.id`); JSON, or a text
    #[arg(long = "override", value_name = "PATH=VALUE", value_parser = parse_assignment)]
    pub overrides: Vec<(String, Value)>,
    /// A value at a path where there is none
    #[arg(long = "add", value_name = "PATH=VALUE", value_parser = parse_assignment)]
    pub additions: Vec<(String, Value)>,
    /// A path to leave out
    #[arg(long = "remove", value_name = "PATH")]
    pub removals: Vec<String>,
    /// The whole body instead, sent as it is
    #[arg(long, value_name = "BODY")]
    pub raw: Option<String>,
    /// In the shape of the App Dashboard's Test button
    #[arg(long)]
    pub dashboard: bool,
    /// Whose dashboard [default: instagram]
    #[arg(long, value_enum, requires = "dashboard")]
    pub flow: Option<FlowName>,
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
    #[arg(long, value_name = "JSON", conflicts_with = "text", value_parser = parse_json)]
    pub message: Option<Value>,
    /// Whose token to use
    #[arg(long, value_enum, default_value = "instagram")]
    pub flow: FlowName,
    /// `/me/messages` with recipient.id, for the self thread too
    #[arg(long)]
    pub standard: bool,
}
